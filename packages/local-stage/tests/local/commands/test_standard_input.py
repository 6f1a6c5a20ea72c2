"""What commands read from standard input."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.stage_process import COMMAND, REPOSITORY

TEMPLATE = str(REPOSITORY / "template.yaml")


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "-", "--route", "GET /hello", "--template", TEMPLATE),
        ("explain", "--answer", "-"),
    ],
    ids=["a token", "an answer"],
)
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ended = subprocess.run(  # noqa: S603 - our own command
        [COMMAND, *arguments], input=b"\xff\n", capture_output=True, check=False, cwd=tmp_path, timeout=240
    )
    assert ended.returncode == 2
    assert (ended.stdout, ended.stderr) == (b"", b"local-stage: standard input is not UTF-8 text\n")
