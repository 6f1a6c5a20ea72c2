"""A repository with requirements/install.py, and the locks and wheels that a test gives it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.local import wheel_file
from tests.local.wheel_file import write_wheel
from tests.stage_process import REPOSITORY, Ended

ENVIRONMENT: Final = ".venv"
PACKAGE: Final = "packages/small"
DEADLINE: Final = 240.0
"""Seconds for one installation."""

# Builds without setuptools, and waits while a pipe called `held` is there for as long as anybody has it open.
_BACKEND: Final = """\
from pathlib import Path

from wheel_file import write_wheel

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    if Path("held").exists():
        Path("held").read_bytes()
    return write_wheel(Path(wheel_directory), "small", "0.1.0", {"small.pth": str(Path.cwd())}).name
"""
_PYPROJECT: Final = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "small"
version = "0.1.0"

[tool.setuptools]
"""


class SmallRepository:
    """A folder in which requirements/install.py builds an environment, without any network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wheels = folder / "wheels"
        self.wheels.mkdir(parents=True)
        (folder / "requirements").mkdir()
        shutil.copyfile(REPOSITORY / "requirements" / "install.py", folder / "requirements" / "install.py")
        self.package = folder / PACKAGE
        self.package.mkdir(parents=True)
        shutil.copyfile(wheel_file.__file__, self.package / "wheel_file.py")
        (self.package / "pyproject.toml").write_text(_PYPROJECT)
        (self.package / "backend.py").write_text(_BACKEND)
        (self.package / "greeting.py").write_text("TEXT = 'hello'\n")

    @property
    def environment(self) -> Path:
        return self.folder / ENVIRONMENT

    def move(self, folder: Path) -> None:
        """Give the repository's folder another name."""
        self.folder.rename(folder)
        self.folder, self.wheels, self.package = folder, folder / "wheels", folder / PACKAGE

    def lock(self, layer: str, version: str) -> None:
        """Lock a layer to a package of its name, which has this version and says so."""
        wheel = write_wheel(self.wheels, layer, version, {f"{layer}.py": f"VERSION = {version!r}\n"})
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        self.write_lock(layer, f"{layer}=={version} --hash=sha256:{digest}\n")

    def write_lock(self, layer: str, text: str) -> None:
        (self.folder / "requirements" / f"{layer}.txt").write_text(text)

    def start(self, *layers: str) -> subprocess.Popen[str]:
        """Start an installation, as the Makefile does."""
        script = self.folder / "requirements" / "install.py"
        return subprocess.Popen(  # noqa: S603 - a fixed command
            [sys.executable, "-I", script, ENVIRONMENT, *layers],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def install(self, *layers: str) -> Ended:
        """Run an installation to its end."""
        return self.wait(self.start(*layers))

    def must_install(self, *layers: str) -> str:
        """Run an installation, see that it succeeds, and return what it says."""
        ended = self.install(*layers)
        assert ended.exit_code == 0, ended.log
        return ended.log

    def wait(self, process: subprocess.Popen[str]) -> Ended:
        printed, log = process.communicate(timeout=DEADLINE)
        return Ended(process.returncode, printed, log)

    def evaluate(self, module: str, name: str) -> str:
        """Return a module's value, as the environment's own Python imports it."""
        python = self.environment / "bin" / "python"
        code = f"import {module}; print({module}.{name})"
        return subprocess.check_output([python, "-I", "-c", code], text=True).strip()  # noqa: S603 - a fixed command
