"""The assertions of test modules are rewritten once for all processes of a run, and not by each of them.

pytest rewrites the assertions of a module where it has not done so before, as in a new clone, and keeps the
result beside the module. Processes that begin together would all rewrite all modules: most of what they do
before the first test. So each of them first rewrites a share.
https://docs.pytest.org/en/stable/how-to/assert.html#assertion-rewriting-caches-files-on-disk
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from _pytest.assertion.rewrite import (
    PYC_TAIL,
    _read_pyc,
    _rewrite_test,
    _write_pyc,
    assertstate_key,
    get_cache_dir,
    try_makedirs,
)

# pytest has no public function for it; its version is locked.


def rewrite_share(config: pytest.Config, folders: Iterable[Path], left_out: frozenset[str]) -> None:
    """Rewrite this process's share of the test modules of these folders, unless it is the only process.

    `left_out` are the paths of files and folders that are not collected.
    """
    worker: dict[str, object] | None = getattr(config, "workerinput", None)
    if worker is None or sys.dont_write_bytecode:
        return
    number, count = int(str(worker["workerid"]).removeprefix("gw")), int(str(worker["workercount"]))
    files = [file for file in _find_modules(folders) if left_out.isdisjoint(map(str, (file, *file.parents)))]
    for file in files[number::count]:
        _rewrite(config, file)


def _find_modules(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(file for name in ("test_*.py", "conftest.py") for file in folder.rglob(name))


def _rewrite(config: pytest.Config, file: Path) -> None:
    folder = get_cache_dir(file)
    rewritten = folder / f"{file.stem}{PYC_TAIL}"
    if _read_pyc(file, rewritten) is None and try_makedirs(folder):
        source_hash, code = _rewrite_test(file, config)
        _write_pyc(config.stash[assertstate_key], code, source_hash, rewritten)
