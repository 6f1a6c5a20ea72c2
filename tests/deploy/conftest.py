from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.built_artifact import build_with_sam


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `sam build` makes of the function."""
    return build_with_sam(tmp_path_factory.mktemp("build"))
