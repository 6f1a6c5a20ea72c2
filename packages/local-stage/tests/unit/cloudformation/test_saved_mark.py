"""Whether the process before this one had lost something is told by a file that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_stage.cloudformation.ministack_state import SavedMark


@pytest.fixture
def mark(tmp_path: Path) -> SavedMark:
    """The mark beside files that an earlier process has left."""
    (tmp_path / "cognito.json").write_text("{}")
    mark = SavedMark(tmp_path)
    mark.set()
    return mark


def test_the_first_process_of_all_has_lost_nothing(tmp_path: Path) -> None:
    assert not SavedMark(tmp_path).take_loss()


def test_after_a_save_nothing_is_lost(mark: SavedMark) -> None:
    assert not mark.take_loss()


def test_after_a_save_that_failed_something_is_lost_and_told_once(mark: SavedMark) -> None:
    mark.remove()
    mark.remove()
    assert [mark.take_loss(), mark.take_loss()] == [True, False]


def test_a_save_that_succeeds_makes_up_for_one_that_failed(mark: SavedMark) -> None:
    mark.remove()
    mark.set()
    assert not mark.take_loss()
