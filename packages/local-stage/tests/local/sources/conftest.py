"""One stage for every source of events."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.local.sources.sources_template import TEMPLATE
from tests.stage_process import StageProcess, running_stage


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    """The stage of a template with a source of each kind."""
    folder = tmp_path_factory.mktemp("sources")
    (folder / "template.yaml").write_text(TEMPLATE)
    with running_stage(folder, "--template", "template.yaml") as running:
        yield running
