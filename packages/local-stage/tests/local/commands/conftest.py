from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stage_process import StageProcess, running_stage


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    """One stage for all commands; each test makes users of its own."""
    with running_stage(tmp_path_factory.mktemp("stage"), "--json") as running:
        yield running
