"""A local stage as a developer starts it: `local-stage start` in a process of its own, on free ports.

    with running_stage(tmp_path) as stage:
        requests.get(f"{stage.api_url}/hello")
        assert stage.new_log() == ["401 GET /dev/hello: no Authorization header; send …"]

What a start leaves lies in the folder it is given: a second `running_stage` in the same folder finds the
users of the first again. Options are those of the command line and win over the ones chosen here, as in
`running_stage(tmp_path, "--template", str(other))`.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
COMMAND = Path(sys.executable).with_name("local-stage")
CACHE = REPOSITORY / ".local-stage" / "cache"
"""Where `make start` installs the functions' requirements: no test has to install them again."""

START_DEADLINE = 60.0
STOP_DEADLINE = 45.0
"""Seconds; more than the stage itself gives requests under way and the local AWS together."""
TEXT_DEADLINE = 10.0
POLL_INTERVAL = 0.02


class StageProcessError(AssertionError):
    """The stage did not start, or did not stop, as it should have."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has come to its end: exit code, standard output, standard error."""

    exit_code: int
    printed: str
    log: str


class StageProcess:
    """A stage that answers. `outputs` is the content of its outputs file."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes], outputs: Mapping[str, str]) -> None:
        self.folder = folder
        self.process = process
        self.outputs = outputs
        self._read = 0

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def api_url(self) -> str:
        return self.outputs["ApiUrl"]

    @property
    def aws_endpoint_url(self) -> str:
        return self.outputs["AwsEndpointUrl"]

    @property
    def state_folder(self) -> Path:
        return state_folder(self.folder)

    @property
    def log(self) -> str:
        """Everything on standard error up to now."""
        return _log_file(self.folder).read_text()

    @property
    def printed(self) -> str:
        """Everything on standard output up to now."""
        return _printed_file(self.folder).read_text()

    def new_log(self) -> list[str]:
        """Return the whole lines on standard error since the last call, or since the start."""
        new = self.log[self._read :].rpartition("\n")[0]
        self._read += len(new) + 1 if new else 0
        return new.splitlines()

    def wait_for_log(self, text: str) -> str:
        """Return standard error when this text stands on it: what functions write comes in its own time."""
        return self._wait_for_text(_log_file(self.folder), text)

    def wait_for_printed(self, text: str) -> str:
        """Return standard output when this text stands on it."""
        return self._wait_for_text(_printed_file(self.folder), text)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal, unless the stage has ended already, and return the exit code (-9 if killed)."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(STOP_DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise StageProcessError(
                f"not stopped {STOP_DEADLINE:g} s after {number.name}:\n{self.log}"
            ) from None

    def _wait_for_text(self, file: Path, text: str) -> str:
        deadline = time.monotonic() + TEXT_DEADLINE
        while True:
            last = time.monotonic() > deadline or self.process.poll() is not None
            content = file.read_text()
            if text in content:
                return content
            if last:
                raise StageProcessError(f"{text!r} is not in {file.name}:\n{content}")
            time.sleep(POLL_INTERVAL)


@contextlib.contextmanager
def running_stage(
    folder: Path, *options: str, environment: Mapping[str, str] | None = None
) -> Iterator[StageProcess]:
    """Start a stage and yield it when it answers; stop it at the end, and see that it says 0.

    `environment` replaces this process's own. Raises StageProcessError, with the log, where the stage ends
    instead of answering. A test that stops or kills the stage itself looks at the exit code itself.
    """
    process = _start(folder, options, environment)
    try:
        yield StageProcess(folder, process, _wait_for_outputs(folder, process))
    finally:
        stopped_here = process.poll() is None
        exit_code = StageProcess(folder, process, {}).stop()
    if stopped_here and exit_code:
        raise StageProcessError(f"stopped with exit code {exit_code}:\n{_read(folder)}")


def run_stage(folder: Path, *options: str, environment: Mapping[str, str] | None = None) -> Ended:
    """Start a stage that is expected to refuse, and return how it ended.

    Raises StageProcessError where it is still there after a minute; it is stopped then.
    """
    process = _start(folder, options, environment)
    try:
        exit_code = process.wait(START_DEADLINE)
    except subprocess.TimeoutExpired:
        StageProcess(folder, process, {}).stop()
        raise StageProcessError(f"has not refused within {START_DEADLINE:g} s:\n{_read(folder)}") from None
    return Ended(exit_code, _printed_file(folder).read_text(), _log_file(folder).read_text())


def state_folder(folder: Path) -> Path:
    """Return where a stage started in this folder keeps users, keys and logs."""
    return folder / "state"


def _start(
    folder: Path, options: tuple[str, ...], environment: Mapping[str, str] | None
) -> subprocess.Popen[bytes]:
    _outputs_file(folder).unlink(missing_ok=True)
    chosen: dict[str, str | Path] = {
        "--template": REPOSITORY / "template.yaml",
        "--port": "0",
        "--aws-port": "0",
        "--state-folder": state_folder(folder),
        "--cache-folder": CACHE,
        "--outputs-file": _outputs_file(folder),
    }
    arguments = [str(part) for pair in chosen.items() for part in pair]
    with _printed_file(folder).open("wb") as printed, _log_file(folder).open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own command
            [COMMAND, "start", *arguments, *options],
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=log,
            cwd=folder,
            env=dict(os.environ if environment is None else environment),
            start_new_session=True,  # Ctrl-C is for the tests, which then stop the stage
        )


def _wait_for_outputs(folder: Path, process: subprocess.Popen[bytes]) -> dict[str, str]:
    deadline = time.monotonic() + START_DEADLINE
    while not _outputs_file(folder).exists():
        with contextlib.suppress(subprocess.TimeoutExpired):
            exit_code = process.wait(POLL_INTERVAL)
            raise StageProcessError(f"ended with exit code {exit_code} before it answered:\n{_read(folder)}")
        if time.monotonic() > deadline:
            raise StageProcessError(f"does not answer after {START_DEADLINE:g} s:\n{_read(folder)}")
    outputs: dict[str, str] = json.loads(_outputs_file(folder).read_text())
    return outputs


def _read(folder: Path) -> str:
    return _log_file(folder).read_text()


def _outputs_file(folder: Path) -> Path:
    return folder / "outputs.json"


def _printed_file(folder: Path) -> Path:
    return folder / "printed.txt"


def _log_file(folder: Path) -> Path:
    return folder / "log.txt"
