"""One local stage for each of the two APIs, for all cases together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.on_local_stage import local_stage
from conformance.target import Target


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The local stage, with both templates of conformance/ in it."""
    with local_stage(tmp_path_factory.mktemp("conformance")) as target:
        yield target
