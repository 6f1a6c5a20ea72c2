"""Builds what Lambda gets of this folder: the handler, the modules that it can reach, and their bytecode.

    python3.13 -I artifact.py hello_function .aws-sam/build/HelloFunction

The same sources and requirements give the same bytes, in whatever folder, at whatever time, for x86-64 and
arm64 alike. Lambda's /var/task is read-only, so that without bytecode in it every cold start would compile
whatever it imports.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import py_compile
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

PYTHON: Final = (3, 13)
"""The runtime. All its releases read one another's bytecode, which is numbered by the minor version."""

HANDLER_MODULE: Final = "app"
BUILD_FILES: Final = frozenset({"Makefile", "requirements.txt"})
UNUSED_DATA: Final = frozenset({"swagger_ui"})
"""Folders of data in packages that are reached: 1.6 MB of a browser's scripts, for a page not served here."""

DEVELOPMENT_SUFFIXES: Final = frozenset({".py", ".pyc", ".pyi", ".typed"})
DYNAMIC_IMPORTS: Final = frozenset({"import_module", "__import__"})

# Only wheels that run everywhere: a package with machine code has none, and the build fails.
PIP_OPTIONS: Final = (
    *("--quiet", "--no-input", "--disable-pip-version-check", "--root-user-action=ignore"),
    *("--no-deps", "--no-compile", "--require-hashes", "--only-binary=:all:"),
    *("--platform=any", "--implementation=py", "--abi=none", "--python-version=3.13"),
)


class BuildError(Exception):
    """There is no artifact. The message is for the developer."""


def main(arguments: Sequence[str]) -> int:
    """Build the folder named first into the one named second; returns 2 where that cannot be done."""
    source, artifact = map(Path, arguments)
    try:
        build(source, artifact)
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def build(source: Path, artifact: Path) -> None:
    """Build the function's folder into an artifact. Raises BuildError."""
    if sys.version_info[:2] != PYTHON:
        raise BuildError(f"Python {'.'.join(map(str, PYTHON))} is needed, this is {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as packages:
        install(source / "requirements.txt", Path(packages))
        folders = (source, Path(packages))
        modules = find_reachable(HANDLER_MODULE, folders)
        if not modules:
            raise BuildError(f"{source} has no module {HANDLER_MODULE}")
        packages_found = {module.parent for module in modules if module.name == "__init__.py"}
        for file in sorted({*modules, *find_data({source, *packages_found})}):
            place(file, artifact / _relative(file, folders))


def install(requirements: Path, packages: Path) -> None:
    """Install exactly what the hash-locked requirements name into a folder. Raises BuildError."""
    command = [sys.executable, "-I", "-m", "pip", "install", *PIP_OPTIONS]
    where = ["--target", str(packages), "--requirement", str(requirements)]
    # pip refuses --target together with a developer's own PIP_USER.
    environment = {**os.environ, "PIP_USER": "0"}
    done = subprocess.run([*command, *where], env=environment, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603 - a fixed command
    if done.returncode:
        raise BuildError(
            f"{done.stderr}{requirements.name} cannot be installed: pure Python, each with its hash"
        )


def find_reachable(module: str, folders: Sequence[Path]) -> set[Path]:
    """Return the files of a module and of all that its import statements lead to, as far as they are here.

    Statements inside functions count, those for type checkers do not. A module that imports by a computed
    name brings along all of its package.
    """
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        file = None if name in found else _find_file(name, folders)
        if file is not None:
            found[name] = file
            package = name if file.name == "__init__.py" else name.rpartition(".")[0]
            waiting += _imports(ast.parse(file.read_bytes()), package)
            waiting += _members(file.parent, package) if package and _imports_by_computed_name(file) else ()
            waiting.append(name.rpartition(".")[0])
    return set(found.values())


def find_data(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield what modules in these folders may read at run time, also in inner folders without modules."""
    for folder in folders:
        if folder.name in UNUSED_DATA:
            continue
        for parent, inner, names in folder.walk():
            inner[:] = [name for name in inner if _may_hold_data(parent / name)]
            yield from (parent / name for name in names if _is_data(parent / name))


def place(file: Path, target: Path) -> None:
    """Copy a file; bytecode goes beside a module's source, which tracebacks show and imports do not read.

    The bytecode says of itself that it need not be compared with the source (PEP 552, unchecked), so that no
    file's time matters. Python corrects the path in it when it is loaded.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)
    target.chmod(0o644)
    if file.suffix == ".py":
        bytecode = Path(importlib.util.cache_from_source(str(target), optimization=""))
        py_compile.compile(
            str(target),
            cfile=str(bytecode),
            dfile=f"/var/task/{target.name}",
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
        bytecode.chmod(0o644)
    for folder in (target.parent, target.parent / "__pycache__"):
        if folder.is_dir():
            folder.chmod(0o755)


def _find_file(module: str, folders: Sequence[Path]) -> Path | None:
    if not module:
        return None
    for folder in folders:
        path = folder.joinpath(*module.split("."))
        for file in (path / "__init__.py", path.with_suffix(".py")):
            if file.is_file():
                return file
    return None


def _imports(tree: ast.AST, package: str) -> Iterator[str]:
    """Yield all that the tree's statements may import; `from a import b` may mean a module a.b."""
    for node in _run_time_nodes(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(names=names, module=module, level=level):
                base = ".".join(filter(None, [_ascend(package, level), module]))
                yield base
                yield from (f"{base}.{alias.name}" for alias in names)


def _ascend(package: str, level: int) -> str:
    """Return the package that a relative import's dots mean; one dot is the package itself."""
    return package.rsplit(".", level - 1)[0] if level else ""


def _run_time_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.If(test=ast.Name("TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"), orelse=orelse):
                yield from (
                    inner for statement in orelse for inner in (statement, *_run_time_nodes(statement))
                )
            case _:
                yield node
                yield from _run_time_nodes(node)


def _imports_by_computed_name(file: Path) -> bool:
    names = (
        getattr(node, "id", getattr(node, "attr", None)) for node in ast.walk(ast.parse(file.read_bytes()))
    )
    return not DYNAMIC_IMPORTS.isdisjoint(names)


def _members(folder: Path, package: str) -> Iterator[str]:
    for member in folder.rglob("*.py"):
        parts = member.relative_to(folder).with_suffix("").parts
        yield ".".join([package, *parts]).removesuffix(".__init__")


def _may_hold_data(folder: Path) -> bool:
    return (
        not folder.name.startswith((".", "__"))
        and folder.name not in UNUSED_DATA
        and not (folder / "__init__.py").exists()
    )


def _is_data(file: Path) -> bool:
    unused = file.name.startswith(".") or file.name in BUILD_FILES
    return not unused and file.suffix not in DEVELOPMENT_SUFFIXES


def _relative(file: Path, folders: Sequence[Path]) -> Path:
    return next(file.relative_to(folder) for folder in folders if file.is_relative_to(folder))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
