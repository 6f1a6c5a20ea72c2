"""The site of examples/browser, served as its README says and pointed to a stage."""

from __future__ import annotations

import contextlib
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local_stage.serving.sockets import find_free_port
from tests.processes import listening_addresses, wait_until
from tests.stage_process import REPOSITORY, StageProcess

EXAMPLE = REPOSITORY / "examples" / "browser"
SERVE = "python3 -m http.server {port} --bind 127.0.0.1 --directory {folder}"


@dataclass(frozen=True, slots=True)
class Site:
    """A folder on an origin of its own."""

    folder: Path
    origin: str


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Site]:
    """Serve a folder with the command that the example's README gives, on a free port."""
    port = find_free_port(0, "--port")
    command = SERVE.format(port=port, folder=folder).replace("python3", sys.executable)
    with subprocess.Popen(shlex.split(command), stderr=subprocess.DEVNULL) as server:  # noqa: S603 - as above
        try:
            wait_until(lambda: ("127.0.0.1", port) in listening_addresses(server.pid))
            yield Site(folder, f"http://localhost:{port}")
        finally:
            server.terminate()


def write_example(folder: Path, stage: StageProcess) -> None:
    """Write the page and its script with the three values of a stage."""
    script = (EXAMPLE / "app.js").read_text(encoding="utf-8")
    for name in ("ApiUrl", "TokenEndpoint", "UserPoolClientId"):
        script, count = re.subn(rf'const {name} = ".*";', f'const {name} = "{stage.outputs[name]}";', script)
        assert count == 1
    (folder / "app.js").write_text(script, encoding="utf-8")
    (folder / "index.html").write_bytes((EXAMPLE / "index.html").read_bytes())
