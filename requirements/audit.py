"""Compares what is installed with its locks, and its files with what pip has unpacked.

    python3.13 requirements/audit.py .venv stage packages/local-stage dev

prints each distribution of .venv that is in none of these layers' locks or in another version, each that is
locked and missing, and each file that was changed or removed since it was installed; it returns 1 then. Only
the standard library is used. No network is needed: whether a locked version has a weakness is another
question.
"""

import base64
import csv
import hashlib
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)(?P<marker> *;)?", re.MULTILINE)
OF_THE_ENVIRONMENT = {"pip"}
"""What comes with every virtual environment."""


def main(arguments: Sequence[str]) -> int:
    """Audits the environment named first by the layers named after it; returns 1 when something is wrong."""
    environment = REPOSITORY / arguments[0]
    faults = sorted(_find_faults(environment, arguments[1:]))
    for fault in faults:
        print(f"{environment.name}: {fault}", file=sys.stderr)
    return 1 if faults else 0


def _find_faults(environment: Path, layers: Sequence[str]) -> Iterator[str]:
    pinned, wanted = _read_locks(layers)
    folders = [str(folder) for folder in environment.glob("lib/python*/site-packages")]
    installed = {_normalize(found.name): found for found in distributions(path=folders)}
    for name, found in installed.items():
        if name not in pinned:
            yield f"{name} {found.version} is installed and in no lock"
        elif pinned[name] not in {None, found.version}:
            yield f"{name} {found.version} is installed, locked is {pinned[name]}"
        yield from _find_changed_files(found)
    yield from (f"{name} is locked and not installed" for name in wanted - set(installed))


def _read_locks(layers: Sequence[str]) -> tuple[Mapping[str, str | None], set[str]]:
    """Returns name → version, None for any, and the names that every machine installs."""
    pinned: dict[str, str | None] = dict.fromkeys(OF_THE_ENVIRONMENT)
    wanted: set[str] = set()
    for layer in layers:
        package = REPOSITORY / layer / "pyproject.toml"
        if package.is_file():
            settings = tomllib.loads(package.read_text(encoding="utf-8"))
            pinned[_normalize(settings["project"]["name"])] = None
            continue
        for pin in PIN.finditer((REPOSITORY / "requirements" / f"{layer}.txt").read_text(encoding="utf-8")):
            pinned[_normalize(pin["name"])] = pin["version"]
            if not pin["marker"]:
                wanted.add(_normalize(pin["name"]))
    return pinned, wanted


def _find_changed_files(found: Distribution) -> Iterator[str]:
    """Yields what differs from RECORD, which pip wrote when it had compared the wheel's hash with the lock's.

    https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """
    record = found.read_text("RECORD")
    if record is None:
        yield f"{found.name}: has no RECORD, so that nobody can say what was changed"
        return
    # `found.files` leaves out what is gone.
    for name, digest, _ in csv.reader(record.splitlines()):
        algorithm, _, expected = digest.partition("=")
        path = Path(str(found.locate_file(name)))
        if not path.is_file() and not name.endswith(".pyc"):
            yield f"{found.name}: {name} is gone"
        elif expected and _digest(path, algorithm) != expected:
            yield f"{found.name}: {name} was changed after it was installed"


def _digest(path: Path, algorithm: str) -> str:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, algorithm).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _normalize(name: str) -> str:
    """https://packaging.python.org/en/latest/specifications/name-normalization/."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
