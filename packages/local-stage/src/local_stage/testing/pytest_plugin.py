"""Fixtures for the tests of an API that the local stage serves: `stage`, `user`, `token`, `clock`.

pytest finds them where local-stage is installed (entry point `pytest11`). Nothing of the stage is imported,
and nothing started, before a test asks for one. docs/testing.md shows how they are used.
"""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from local_stage.cognito.directory.pool_stack import PoolStack
    from local_stage.testing.pool_user import UserFactory
    from local_stage.testing.stage_clock import StageClock
    from local_stage.testing.stage_process import StageProcess
    from local_stage.testing.token_factory import TokenFactory

START_DEADLINE: Final = 300.0
"""Seconds; the first start of a project installs what its functions require."""

_TEMPLATE_HELP: Final = "the SAM template that the fixture stage serves (template.yaml)"
_OPTIONS_HELP: Final = "further options of `local-stage start` for the fixture stage"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, on the command line and in the configuration file; the command line's win."""
    group = parser.getgroup("local-stage", "local stage")
    group.addoption("--local-stage-template", metavar="FILE", help=_TEMPLATE_HELP)
    group.addoption("--local-stage-options", metavar="OPTIONS", help=_OPTIONS_HELP)
    parser.addini("local_stage_template", f"{_TEMPLATE_HELP}; from the root folder", default="template.yaml")
    parser.addini("local_stage_pool", "the user pool of `user` and `token`, where the APIs have several")
    parser.addini("local_stage_client", "the app client of `token`, where several of the pool would do")
    parser.addini("local_stage_options", _OPTIONS_HELP, type="args")


@pytest.fixture(scope="session")
def stage(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    """The stage under test: a `local-stage start` on free ports, with users and keys in a temporary folder.

    It starts at the first test that asks for it, once for each worker of pytest-xdist, and stops at the end.
    """
    from local_stage.testing.stage_process import StageProcessError, running_stage  # noqa: PLC0415 - see above

    folder = tmp_path_factory.mktemp("local-stage")
    options = _read_options(pytestconfig)
    with contextlib.ExitStack() as stack:
        try:
            running = running_stage(folder, *options, start_deadline=START_DEADLINE)
            process = stack.enter_context(running)
        except StageProcessError as error:
            raise pytest.fail.Exception(f"the local stage {error}", pytrace=False) from None
        yield process


@pytest.fixture
def _local_stage_pool(pytestconfig: pytest.Config, stage: StageProcess) -> PoolStack:
    from local_stage.cognito.directory.pool_stack import PoolStack  # noqa: PLC0415 - see above

    return PoolStack.of_running_stage(
        stage.find_running(),
        pool=pytestconfig.getini("local_stage_pool") or None,
        client=pytestconfig.getini("local_stage_client") or None,
    )


@pytest.fixture
def user(_local_stage_pool: PoolStack) -> Iterator[UserFactory]:
    """Makes users, as `user(groups=["admins"])`; they are deleted after the test."""
    from local_stage.testing.pool_user import UserFactory  # noqa: PLC0415 - see above

    with contextlib.ExitStack() as made:
        yield UserFactory(_local_stage_pool, made)


@pytest.fixture
def token(stage: StageProcess, _local_stage_pool: PoolStack, user: UserFactory) -> TokenFactory:
    """Gets tokens: `token()`, `token(alice, kind="access")`, `token.machine()`, `token(defect="expired")`."""
    from local_stage.testing.token_factory import TokenFactory  # noqa: PLC0415 - see above

    return TokenFactory(stage.find_running(), stage.state_folder, _local_stage_pool, user)


@pytest.fixture
def clock(stage: StageProcess) -> Iterator[StageClock]:
    """The stage's clock: `clock.advance(7200)`, in seconds; after the test it goes by the machine's again."""
    from local_stage.testing.stage_clock import StageClock  # noqa: PLC0415 - see above

    clock = StageClock(stage.find_running())
    yield clock
    clock.reset()


def _read_options(config: pytest.Config) -> list[str]:
    """Return the options of `local-stage start`; what functions require stays in the project's own cache."""
    template = _find_template(config)
    more: str | None = config.getoption("--local-stage-options")
    chosen = config.getini("local_stage_options") if more is None else shlex.split(more)
    cache = config.rootpath / ".local-stage" / "cache"
    return ["--template", str(template), "--cache-folder", str(cache), *chosen]


def _find_template(config: pytest.Config) -> Path:
    """Return the template's path: the command line's from the current folder, the file's from the root."""
    named: str | None = config.getoption("--local-stage-template")
    if named is not None:
        return Path(config.invocation_params.dir, named)
    return Path(config.rootpath, config.getini("local_stage_template"))
