"""One stage for every trigger of a pool."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.local.triggers.triggered_pools import Pool
from tests.local.triggers.triggers_template import running_triggers
from tests.stage_process import StageProcess


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    """The stage of three pools."""
    with running_triggers(tmp_path_factory.mktemp("triggers")) as running:
        yield running


@pytest.fixture(scope="session")
def pool(stage: StageProcess) -> Pool:
    """The pool whose tokens' trigger is of version 1."""
    made = Pool(stage)
    made.sign_up("first")  # which starts the function, and a trigger that is too slow is asked again
    return made
