from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.sam_project import SamProject, project_with_local_aws


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> SamProject:
    """A copy of the project, after `sam build`; nobody changes it, a test that needs one copies it."""
    project = SamProject.copy(tmp_path_factory.mktemp("built") / "project")
    project.must_sam("build")
    return project


@pytest.fixture(scope="session")
def artifact(built: SamProject) -> Path:
    """What `sam build` makes of the function."""
    return built.built_function


@pytest.fixture(scope="session")
def deployed(built: SamProject, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SamProject]:
    """The project after `sam deploy` to a local AWS; nobody deploys another time there."""
    with project_with_local_aws(built, tmp_path_factory.mktemp("deployed")) as project:
        project.must_sam("deploy")
        yield project
