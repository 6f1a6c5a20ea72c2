"""One stage for every hostile request."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.local.hostile.attacked_api import AttackedApi, attacked_api


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AttackedApi]:
    """The API under attack."""
    with attacked_api(tmp_path_factory.mktemp("hostile")) as api:
        yield api


@pytest.fixture
def nobody_calls(api: AttackedApi) -> Iterator[None]:
    """Fail where a function is called meanwhile."""
    before = len(api.calls())
    yield
    assert api.calls()[before:] == []
