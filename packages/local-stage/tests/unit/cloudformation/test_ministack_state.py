"""What MiniStack cannot give of its state is told by the save, and ends nothing before it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ministack.services import cloudformation

from local_stage.cloudformation.ministack_state import MinistackState, SavedMark


@pytest.fixture
def state(tmp_path: Path) -> Iterator[MinistackState]:
    """The state of a MiniStack without any stack."""
    yield MinistackState(SavedMark(tmp_path))
    cloudformation.reset()


def restore(stack: dict[str, Any]) -> None:
    """Let MiniStack have this stack."""
    cloudformation.load_persisted_state({"stacks": {"hello-api": stack}})


@pytest.mark.parametrize(
    ("status", "is_deploying"),
    [
        ("CREATE_IN_PROGRESS", True),
        ("UPDATE_ROLLBACK_IN_PROGRESS", True),
        ("REVIEW_IN_PROGRESS", False),
        ("UPDATE_COMPLETE", False),
    ],
)
def test_a_stack_in_progress_is_being_deployed(
    state: MinistackState, status: str, *, is_deploying: bool
) -> None:
    restore({"StackStatus": status})
    assert state.is_deploying() == is_deploying


def test_stacks_that_ministack_cannot_copy_are_told_by_the_save(state: MinistackState) -> None:
    """Who asks whether it deploys goes on to save all that can be saved."""
    restore({"StackStatus": "CREATE_IN_PROGRESS", "lock": threading.Lock()})
    assert not state.is_deploying()
    assert "cannot pickle '_thread.lock' object" in str(state.save())
