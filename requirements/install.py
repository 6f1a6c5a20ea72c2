"""Builds a virtual environment from hash-locked requirements: once for each content of its locks.

    python3.13 requirements/install.py .venv stage packages/local-stage dev

installs requirements/stage.txt, the package in that folder (editable) and requirements/dev.txt into .venv.
Where all of it is installed already, it returns at once. An environment that was left half-built, whose
locks have changed, or whose folder was moved, is built anew. Only the standard library is used: nothing
else is there yet.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import tomllib
import venv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
LOCKED = ("--require-hashes", "--only-binary", ":all:", "--requirement")
EDITABLE = ("--no-deps", "--no-build-isolation", "--editable")


class InstallError(Exception):
    """The environment cannot be built. The message is the line for the developer."""


def main(arguments: Sequence[str]) -> int:
    """Builds the environment named first from the layers named after it; returns 2 when it cannot."""
    environment = REPOSITORY / arguments[0]
    # Ended by SIGTERM, Python would leave pip behind, writing into an environment that nobody holds any more.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with _held(environment):
            _build_missing(environment, arguments[1:])
    except InstallError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


@contextlib.contextmanager
def _held(environment: Path) -> Iterator[None]:
    """Keeps every other make out of the environment; the lock ends with this process, however it ends."""
    environment.mkdir(exist_ok=True)
    folder = os.open(environment, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _build_missing(environment: Path, layers: Sequence[str]) -> None:
    wanted = {layer: _fingerprint(environment, layer) for layer in layers}
    installed = _read_installed(environment)
    missing = [layer for layer in layers if installed.get(layer) != wanted[layer]]
    if not missing:
        return
    outdated = any(layer in installed for layer in missing)
    if outdated or not installed:
        missing = list(layers)
        installed = {}
    with _progress(f"Building {environment.name}, once: {', '.join(_name(layer) for layer in missing)}"):
        _forget_installed(environment)
        if not installed:
            _create(environment)
        for layer in missing:
            _install(environment, layer)
        _remember_installed(environment, {**installed, **wanted})


def _is_package(layer: str) -> bool:
    return (REPOSITORY / layer / "pyproject.toml").is_file()


def _name(layer: str) -> str:
    return layer if _is_package(layer) else f"requirements/{layer}.txt"


def _fingerprint(environment: Path, layer: str) -> str:
    """Digest of what the layer installs, and where: an environment's scripts name its folder."""
    if _is_package(layer):
        settings = tomllib.loads((REPOSITORY / layer / "pyproject.toml").read_text(encoding="utf-8"))
        parts = settings["project"], settings["build-system"], settings["tool"]["setuptools"]
        content = json.dumps(parts).encode()
    else:
        content = (REPOSITORY / _name(layer)).read_bytes()
    return hashlib.sha256(bytes(environment) + b"\0" + content).hexdigest()


def _read_installed(environment: Path) -> dict[str, str]:
    """Returns layer → fingerprint; empty where the environment is not whole or has lost its interpreter."""
    record = environment / "installed.json"
    if not (environment / "bin" / "python").exists() or not record.exists():
        return {}
    installed: dict[str, str] = json.loads(record.read_bytes())
    return installed


def _forget_installed(environment: Path) -> None:
    (environment / "installed.json").unlink(missing_ok=True)


def _remember_installed(environment: Path, installed: Mapping[str, str]) -> None:
    unfinished = environment / "installed.json.new"
    unfinished.write_text(json.dumps(installed))
    unfinished.rename(environment / "installed.json")


def _create(environment: Path) -> None:
    if importlib.util.find_spec("ensurepip") is None:  # Debian and Ubuntu ship it apart.
        raise InstallError(f"{sys.executable} cannot make virtual environments: install python3.13-venv.")
    pip = _find_pip()
    try:
        venv.create(environment, clear=True, symlinks=True, with_pip=pip is None)
        if pip is not None:
            # ensurepip would compile all of pip, of which a tenth is used: six seconds instead of one.
            shutil.unpack_archive(pip, _find_site_packages(environment), "zip")
    except (OSError, subprocess.CalledProcessError) as error:
        raise InstallError(f"{sys.executable} cannot make {environment.name}: {error}") from error


def _find_pip() -> Path | None:
    """Returns the wheel of pip that this Python brings along, or None where ensurepip alone knows it."""
    import ensurepip  # noqa: PLC0415 - it is there: see above

    folder = sysconfig.get_config_var("WHEEL_PKG_DIR") or Path(ensurepip.__file__).parent / "_bundled"
    return next(Path(folder).glob(f"pip-{ensurepip.version()}-*.whl"), None)


def _find_site_packages(environment: Path) -> str:
    base = str(environment)
    return sysconfig.get_path("purelib", "venv", {"base": base, "platbase": base})


def _install(environment: Path, layer: str) -> None:
    pip = [str(environment / "bin" / "python"), "-I", "-m", "pip", "install"]
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-compile"]
    what = [*(EDITABLE if _is_package(layer) else LOCKED), str(REPOSITORY / _name(layer))]
    command = [*pip, *options, *what]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)  # noqa: S603 - a fixed command
    if done.returncode:
        raise InstallError(_explain(environment, layer, done.stdout))


def _explain(environment: Path, layer: str, output: str) -> str:
    """Pip's own error lines, then one line of ours; the rest of pip's output is kept in a file."""
    log = environment / "install.log"
    log.write_text(output)
    errors = [line for line in output.splitlines() if line.startswith("ERROR")]
    kept = f"all that pip said is in {environment.name}/{log.name}"
    verdict = f"Cannot install {_name(layer)} into {environment.name}; {kept}."
    return "\n".join([*errors, verdict])


@contextlib.contextmanager
def _progress(text: str) -> Iterator[None]:
    started = time.monotonic()
    print(text, end=" … ", file=sys.stderr, flush=True)
    try:
        yield
    except BaseException:
        print("not done", file=sys.stderr)
        raise
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
