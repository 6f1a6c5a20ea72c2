"""The tests' own stages: one that does not start, or is gone, is noticed at once, and none is left behind."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.stage_process import StageProcess, StageProcessError, run_stage, running_stage

BROKEN = ("--template", "no-such-template.yaml")


@pytest.fixture(scope="module")
def killed_stage(tmp_path_factory: pytest.TempPathFactory) -> StageProcess:
    with running_stage(tmp_path_factory.mktemp("stage")) as stage:
        stage.stop(signal.SIGKILL)
    return stage


def test_a_stage_that_ends_before_it_answers_says_why(tmp_path: Path) -> None:
    expected = r"exit code 2 before it answered:\n.*no-such-template\.yaml"
    with pytest.raises(StageProcessError, match=expected), running_stage(tmp_path, *BROKEN):
        pytest.fail("a stage without a template answers")


def test_a_refusal_is_an_exit_code_and_a_line(tmp_path: Path) -> None:
    refused = run_stage(tmp_path, *BROKEN)
    assert (refused.exit_code, refused.printed) == (2, "")
    assert refused.log.startswith("local-stage: no-such-template.yaml: ")


def test_a_stage_is_stopped_when_its_test_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), running_stage(tmp_path) as stage:
        raise ZeroDivisionError
    assert stage.process.returncode == 0


def test_a_test_may_kill_its_stage(killed_stage: StageProcess) -> None:
    assert killed_stage.stop() == -signal.SIGKILL


def test_text_that_can_never_come_is_an_error_that_shows_what_came(killed_stage: StageProcess) -> None:
    with pytest.raises(StageProcessError, match=r"'no such text' is not in printed\.txt"):
        killed_stage.wait_for_printed("no such text")
