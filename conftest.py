"""What every test run does, in one process or spread over several."""

from __future__ import annotations

import gc
import os
import signal
from functools import cache
from pathlib import Path
from typing import Any, override

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

# In the repository and in a package: both are found, whichever file is collected first.
import tests.documents
import tests.unit  # noqa: F401
from tests import figures
from tests.fuzz.bounds import FACTOR, USUAL
from tests.rewritten_assertions import rewrite_share

settings.register_profile("daily", max_examples=USUAL // 5, deadline=None)
settings.register_profile("whole", max_examples=USUAL, deadline=None)
settings.register_profile("fuzz", max_examples=USUAL * FACTOR, deadline=None)
settings.load_profile("daily")

# What is imported and collected stays, and there is much of it: see pytest_collection_finish().
gc.set_threshold(100_000)

# A shell that starts a command in the background has it ignore Ctrl-C, and so whatever the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SHARING = (
    "tests/api/",
    "tests/deploy/",
    "packages/local-stage/tests/browser/",
    "packages/local-stage/tests/conformance/",
    "packages/local-stage/tests/local/commands/",
    "packages/local-stage/tests/local/hostile/",
    "packages/local-stage/tests/local/sources/",
    "packages/local-stage/tests/local/triggers/",
)
"""Folders whose tests share what takes long to start: one process runs all of them, in their order."""


WHOLE = (
    "packages/cfn-lint-cognito/tests/rules",  # cfn-lint, and an environment that pip makes
    "packages/local-stage/tests/browser",  # Chromium
    "packages/local-stage/tests/documents/test_users.py",  # all the commands of a document
    "packages/local-stage/tests/fuzz",  # schemathesis, cryptography-vectors, and minutes
    "packages/local-stage/tests/installed",  # environments that pip makes
    "packages/local-stage/tests/local/faults",  # stages that are killed and started again, minutes of them
    "packages/local-stage/tests/local/lambda_runtime/test_concurrency.py",  # as test_faults.py
    "packages/local-stage/tests/local/lambda_runtime/test_debug.py",  # as test_faults.py
    "packages/local-stage/tests/local/lambda_runtime/test_faults.py",  # a function of its own for each test
    "packages/local-stage/tests/local/lambda_runtime/test_layers.py",  # as test_faults.py
    "packages/local-stage/tests/local/lambda_runtime/test_left_behind.py",  # as test_faults.py
    "packages/local-stage/tests/local/lambda_runtime/test_memory.py",  # as test_faults.py
    "packages/local-stage/tests/local/lambda_runtime/test_nodejs.py",  # as test_faults.py
    "packages/local-stage/tests/local/lambda_runtime/test_nodejs_process.py",  # as test_faults.py
    "packages/local-stage/tests/local/lambda_runtime/test_portable_client.py",  # as test_faults.py
    "packages/local-stage/tests/local/lambda_runtime/test_process_guard.py",  # as test_faults.py
    "packages/local-stage/tests/local/lambda_runtime/test_reload.py",  # as test_faults.py
    "packages/local-stage/tests/local/lambda_runtime/test_requirements.py",  # environments that pip makes
    "packages/local-stage/tests/local/lambda_runtime/test_runtimes.py",  # environments that pip makes
    "packages/local-stage/tests/local/lambda_runtime/test_written_files.py",  # as test_faults.py
    "packages/local-stage/tests/local/test_assume_role.py",  # the AWS CLI
    "packages/local-stage/tests/local/test_audit_installed.py",  # environments that pip makes
    "packages/local-stage/tests/local/test_builds_template.py",  # a stage that builds each of its functions
    "packages/local-stage/tests/local/test_debug.py",  # a stage for each debugger
    "packages/local-stage/tests/local/test_functions_template.py",  # a stage with many kinds of functions
    "packages/local-stage/tests/local/test_install.py",  # environments that pip makes
    "packages/local-stage/tests/local/test_local_aws.py",  # a MiniStack for each test
    "packages/local-stage/tests/local/test_ministack.py",  # what MiniStack does, a new pool for each test
    "packages/local-stage/tests/local/test_ministack_differences.py",  # as test_ministack.py
    "packages/local-stage/tests/local/test_notes_examples.py",  # a stage for each kind of the example
    "packages/local-stage/tests/local/test_orders_example.py",  # as test_notes_examples.py
    "packages/local-stage/tests/local/test_other_templates.py",  # a stage for each template
    "packages/local-stage/tests/local/test_pool_front.py",  # as test_ministack.py
    "packages/local-stage/tests/local/test_pools.py",  # two stages with a dozen pools each
    "packages/local-stage/tests/local/test_pytest_plugin.py",  # a stage for each run of pytest
    "packages/local-stage/tests/local/test_refresh_tokens.py",  # as test_ministack.py
    "packages/local-stage/tests/local/test_refusals.py",  # a start for each refusal
    "packages/local-stage/tests/local/test_runtimes_template.py",  # a function in each language
    "packages/local-stage/tests/local/test_second_factor.py",  # as test_ministack.py
    "packages/local-stage/tests/local/test_seed.py",  # a stage for each start
    "packages/local-stage/tests/local/test_stage_process.py",  # a stage for each test
    "packages/local-stage/tests/local/test_stop.py",  # a stage for each end
    "packages/local-stage/tests/soak",  # minutes
    "tests/deploy",  # SAM CLI
    "tests/documents/test_clients.py",  # the AWS CLI
    "tests/documents/test_readme.py",  # SAM CLI
    "tests/documents/test_walkthrough.py",  # the AWS CLI
)
"""What runs with `--whole` or where it is named: it needs another environment than .venv, or minutes.

In other files the marker `whole` says so of single tests.
"""


class SharingScheduling(LoadScopeScheduling):  # type: ignore[misc] # xdist ships no types
    """Keeps in one process the tests that share a stage: those of a file, and those of some folders.

    Files and folders are handed out in the order in which they were collected.
    """

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    @override
    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in SHARING if file.startswith(folder)), file)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run ask for everything."""
    parser.addoption("--whole", action="store_true", help="run all tests, and all examples of each property")


def pytest_configure(config: pytest.Config) -> None:
    """Try as many examples as the run asks for; `--hypothesis-profile` has the last word."""
    if config.getoption("whole") and not config.getoption("--hypothesis-profile"):
        settings.load_profile("whole")
    left_out = frozenset[str]() if config.getoption("whole") else _find_left_out(config.rootpath)
    rewrite_share(config, (config.invocation_params.dir / argument for argument in config.args), left_out)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what only a whole run needs, unless the run names it."""
    if config.getoption("whole") or str(collection_path) not in _find_left_out(config.rootpath):
        return None
    named = [config.rootpath / argument.partition("::")[0] for argument in config.args]
    return None if any(collection_path in (path, *path.parents) for path in named) else True


@cache
def _find_left_out(root: Path) -> frozenset[str]:
    return frozenset(str(root / part) for part in WHOLE)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests whose marker asks for a whole run, and begin with those that take long.

    Else a process would come to one of those when the others have nothing left to do.
    """
    if not config.getoption("whole"):
        left_out = [item for item in items if item.get_closest_marker("whole")]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: not item.nodeid.startswith((*WHOLE, *SHARING)))


def pytest_collection_finish() -> None:
    """Keep the garbage collector from looking at all that was collected each time that it looks."""
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Answer `--numprocesses auto`: two more than there are cores, since tests of processes wait a lot."""
    return (os.cpu_count() or 1) + 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Spread the tests in our own way, where `--numprocesses` asks for several processes."""
    return SharingScheduling(config, log)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that reports what this one has counted, where they are not the same."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["figures"] = figures.dump()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what another process has counted; one that has crashed has told nothing."""
    figures.add(getattr(node, "workeroutput", {}).get("figures", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was tried."""
    if described := figures.describe():
        terminalreporter.write_line(f"tried: {described}")
