"""The functions whose cold starts are compared, each built as its developer would build it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

from benchmarks.function_run import Subject
from benchmarks.peers import PACKAGE, SAM, build, sam_environment

BARE_HANDLER: Final = "bare handler"
HELLO: Final = "Hello function"
WITHOUT_BYTECODE: Final = "Hello function without bytecode"
SAM_INIT: Final = "sam init app"

STAND_IN: Final = (
    "SAM CLI could not fetch the templates of `sam init` here: the sam init app is one of our own"
    " (`benchmarks/sam_init_app`), with the same imports (Logger, Metrics, Tracer, event handler)."
)

SAM_INIT_OPTIONS: Final = (
    *("--no-interactive", "--name", "generated", "--runtime", "python3.13", "--dependency-manager", "pip"),
    *("--app-template", "hello-world-powertools-python"),
)


def build_subjects(folder: Path, hello: Path) -> list[Subject]:
    """Build all of them; `hello` is the artifact of the Hello function."""
    without_bytecode = folder / "without-bytecode"
    shutil.copytree(hello, without_bytecode, ignore=shutil.ignore_patterns("__pycache__"))
    return [
        Subject(HELLO, hello),
        Subject(BARE_HANDLER, build_bare(folder / "bare")),
        Subject(WITHOUT_BYTECODE, without_bytecode),
        build_sam_init_app(folder / "sam-init"),
    ]


def build_bare(folder: Path) -> Path:
    """Copy the bare handler, which needs nothing."""
    return Path(
        shutil.copytree(
            PACKAGE / "benchmarks" / "bare_function", folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    )


def build_sam_init_app(folder: Path) -> Subject:
    """Build `sam init`'s Powertools app, by plain `sam build`.

    SAM CLI fetches its templates; where it cannot, an app with the same imports takes their place, and the
    report says so.
    """
    folder.mkdir(parents=True)
    generated = folder / "generated"
    subprocess.run(  # noqa: S603 - SAM CLI, from its lock
        [SAM, "init", *SAM_INIT_OPTIONS, "--output-dir", str(folder)],
        env=sam_environment(),
        capture_output=True,
        check=False,
    )
    note = None
    if not (generated / "template.yaml").is_file():
        note = STAND_IN
        own = PACKAGE / "benchmarks" / "sam_init_app"
        shutil.copytree(own, generated, ignore=shutil.ignore_patterns("__pycache__"))
    build(folder / "build", generated / "template.yaml")
    return Subject(SAM_INIT, folder / "build" / "HelloWorldFunction", note)
