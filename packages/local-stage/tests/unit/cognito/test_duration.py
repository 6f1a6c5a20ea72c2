"""Durations as `local-stage clock advance` takes them."""

from __future__ import annotations

from argparse import ArgumentTypeError

import pytest

from local_stage.commands.clock import read_duration


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("2h", 7200), ("1d", 86400), ("1h30m", 5400)]
)
def test_a_duration_is_read_as_seconds(text: str, seconds: int) -> None:
    assert read_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "2", "h", "-2h", "2 h", "2w", "1.5h", "0s", "٣h", "2h!"])
def test_what_is_none_is_refused_in_words_that_teach(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=r"as 90s, 15m, 2h, 1d or 1h30m|forward only"):
        read_duration(text)
