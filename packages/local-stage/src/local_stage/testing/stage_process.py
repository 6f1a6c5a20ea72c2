"""A local stage as a developer starts it: `local-stage start` in a process of its own, on free ports.

    with running_stage(tmp_path, "--template", "template.yaml") as stage:
        requests.get(f"{stage.api_url}/hello")
        assert stage.new_log() == ["401 GET /dev/hello: no Authorization header; send …"]

What a start leaves lies in the folder it is given: a second `running_stage` in the same folder finds the
users of the first again. Options are those of the command line and win over the ones chosen here.
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
from typing import Any, Final

from local_stage.api_gateway.api import choose_api
from local_stage.errors import MachineError
from local_stage.state import RunningStage

COMMAND: Final = Path(sys.executable).with_name("local-stage")

START_DEADLINE: Final = 120.0
"""Seconds; what functions require is installed already."""
STOP_DEADLINE: Final = 60.0
"""Seconds; more than the stage itself gives requests under way and the local AWS together."""
TEXT_DEADLINE: Final = 60.0
POLL_INTERVAL: Final = 0.02


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
        """The process's id."""
        return self.process.pid

    @property
    def api_url(self) -> str:
        """Where the only API's stage answers, or the first one's; a path goes right behind it.

        The output `ApiUrl` says where, if the template has it.
        """
        return self.outputs.get("ApiUrl") or self.find_running().api_url

    def find_api_url(self, api: str) -> str:
        """Return where an API of several answers, by its logical id: `AdminApi`, or `AdminApi/dev`.

        Raises UsageError, which lists the APIs, for one that there is not.
        """
        return choose_api(self.find_running().apis, api).url

    @property
    def aws_endpoint_url(self) -> str:
        """Where the local AWS answers, the stack's user pool in it."""
        return self.outputs["AwsEndpointUrl"]

    @property
    def state_folder(self) -> Path:
        """Where it keeps users, keys and logs: the `--state-folder` of other commands."""
        return state_folder(self.folder)

    @property
    def log(self) -> str:
        """Everything on standard error up to now."""
        return _log_file(self.folder).read_text()

    @property
    def printed(self) -> str:
        """Everything on standard output up to now."""
        return _printed_file(self.folder).read_text()

    def find_running(self) -> RunningStage:
        """Return what the stage tells other commands. Raises StartError where it has ended."""
        running = RunningStage.find(self.state_folder)
        if running is None:
            raise MachineError("the stage has ended", file=str(self.folder))
        return running

    def client(self, service: str) -> Any:
        """Return a boto3 client of a service of the stage's local AWS, whatever profile the developer has."""
        from botocore.config import Config  # noqa: PLC0415 - slow to import

        from local_stage.cloudformation.boto3_clients import new_session  # noqa: PLC0415

        # A proxy of the environment cannot reach this machine's loopback.
        session = new_session(self.find_running().region)
        return session.client(service, endpoint_url=self.aws_endpoint_url, config=Config(proxies={}))

    def new_log(self) -> list[str]:
        """Return the whole lines on standard error since the last call, or since the start."""
        new = self.log[self._read :].rpartition("\n")[0]
        self._read += len(new) + 1 if new else 0
        return new.splitlines()

    def wait_for_log(self, text: str, seconds: float = TEXT_DEADLINE) -> str:
        """Return standard error when this text stands on it: what functions write comes in its own time."""
        return self._wait_for_text(_log_file(self.folder), text, seconds)

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

    def _wait_for_text(self, file: Path, text: str, seconds: float = TEXT_DEADLINE) -> str:
        deadline = time.monotonic() + seconds
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
    folder: Path,
    *options: str,
    environment: Mapping[str, str] | None = None,
    start_deadline: float = START_DEADLINE,
    command: Path = COMMAND,
) -> Iterator[StageProcess]:
    """Start a stage and yield it when it answers; stop it at the end, and see that it says 0.

    `environment` replaces this process's own; `start_deadline` is in seconds; `command` may be another
    installation's. Raises StageProcessError, with the log, where the stage ends instead of answering. A test
    that stops or kills the stage itself looks at the exit code itself.
    """
    process = _start(folder, options, environment, command)
    try:
        yield StageProcess(folder, process, _wait_for_outputs(folder, process, start_deadline))
    finally:
        stopped_here = process.poll() is None
        exit_code = StageProcess(folder, process, {}).stop()
    if stopped_here and exit_code:
        raise StageProcessError(f"stopped with exit code {exit_code}:\n{_read(folder)}")


def run_stage(folder: Path, *options: str, environment: Mapping[str, str] | None = None) -> Ended:
    """Start a stage that is expected to refuse, and return how it ended.

    Raises StageProcessError where it is still there after two minutes; it is stopped then.
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
    folder: Path, options: tuple[str, ...], environment: Mapping[str, str] | None, command: Path = COMMAND
) -> subprocess.Popen[bytes]:
    _outputs_file(folder).unlink(missing_ok=True)
    chosen: dict[str, str | Path] = {
        "--port": "0",
        "--aws-port": "0",
        "--state-folder": state_folder(folder),
        "--outputs-file": _outputs_file(folder),
    }
    arguments = [str(part) for pair in chosen.items() for part in pair]
    with _printed_file(folder).open("wb") as printed, _log_file(folder).open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own command
            [command, "start", *arguments, *options],
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=log,
            cwd=folder,
            env=dict(os.environ if environment is None else environment),
            start_new_session=True,  # Ctrl-C is for the tests, which then stop the stage
        )


def _wait_for_outputs(
    folder: Path, process: subprocess.Popen[bytes], start_deadline: float
) -> dict[str, str]:
    deadline = time.monotonic() + start_deadline
    while not _outputs_file(folder).exists():
        with contextlib.suppress(subprocess.TimeoutExpired):
            exit_code = process.wait(POLL_INTERVAL)
            raise StageProcessError(f"ended with exit code {exit_code} before it answered:\n{_read(folder)}")
        if time.monotonic() > deadline:
            raise StageProcessError(f"does not answer after {start_deadline:g} s:\n{_read(folder)}")
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
