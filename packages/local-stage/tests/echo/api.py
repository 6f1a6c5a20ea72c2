"""The API that traffic is sent to: a stage with the template beside this file, and who signs for its pool.

    with echo_api(tmp_path) as api, api.traffic() as flow:
        os.kill(api.environments().pop(), signal.SIGKILL)
        flow.wait_for_good(100)
    assert flow.report.statuses(GOOD) <= {200, 502}

A killed function costs the request that it had: 502 instead of 200.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.local_pool_keys import read_pool_signer
from tests.processes import command_line, descendants
from tests.stage_process import CACHE, COMMAND, StageProcess, running_stage, state_folder
from tests.tokens import TokenSigner
from tests.traffic import CONNECTIONS, MIX, Kind, Traffic, traffic

TEMPLATE = Path(__file__).with_name("template.yaml")


@dataclass(frozen=True, slots=True)
class EchoApi:
    """A stage whose functions repeat each request's marker; `signer` signs its pool's ID tokens."""

    stage: StageProcess
    signer: TokenSigner

    @property
    def folder(self) -> Path:
        return self.stage.folder

    def calls(self) -> list[str]:
        """Return the marker of each call that reached the echoing function, written before it answered."""
        file = self.folder / "calls.txt"
        return file.read_text().splitlines() if file.exists() else []

    def environments(self) -> set[int]:
        """Return the processes of the functions' execution environments."""
        return {pid for pid in descendants(self.stage.pid) if "local_stage_runtime" in command_line(pid)}

    @contextlib.contextmanager
    def traffic(
        self, *, connections: int = CONNECTIONS, mix: Sequence[Kind] = MIX, fault: str = "no fault"
    ) -> Iterator[Traffic]:
        """Send traffic to the stage meanwhile."""
        with traffic(self.stage.api_url, self.signer, connections=connections, mix=mix, fault=fault) as flow:
            yield flow


def copy_template(folder: Path) -> Path:
    """Copy the template into the folder, its functions' code staying where it is, and return its path."""
    copy = folder / TEMPLATE.name
    copy.write_text(TEMPLATE.read_text().replace("function/", f"{TEMPLATE.parent}/function/"))
    return copy


@contextlib.contextmanager
def echo_api(folder: Path, *options: str) -> Iterator[EchoApi]:
    """Serve the template; what its functions write lies in the folder."""
    with running_stage(folder, *_options(folder), *options) as stage:
        outputs = stage.outputs
        yield EchoApi(
            stage, read_pool_signer(stage, outputs["UserPoolId"], "id", outputs["UserPoolClientId"])
        )


@contextlib.contextmanager
def starting_echo_api(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a stage of the template in this folder and yield it at once; kill it, if need be, at the end."""
    command = (COMMAND, "start", "--port", "0", "--aws-port", "0", "--cache-folder", CACHE)
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*command, "--state-folder", state_folder(folder), *_options(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def _options(folder: Path) -> tuple[str, ...]:
    return "--template", str(TEMPLATE), "--parameter-overrides", f"Folder={folder}"
