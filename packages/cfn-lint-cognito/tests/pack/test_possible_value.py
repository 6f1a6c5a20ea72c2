"""Scalars are read as CloudFormation reads them, and what is none is not taken for one."""

from __future__ import annotations

from typing import Any

import pytest

from cfn_lint_cognito.possible_value import PossibleValue, is_false, is_true, read_number, read_text

ENORMOUS = 16**5000
"""More digits than Python writes, and more than a float holds."""


@pytest.mark.parametrize(("value", "number"), [(8, 8.0), ("8", 8.0), (1.5, 1.5), (" 12 ", 12.0)])
def test_a_number_may_be_written_as_text(value: Any, number: float) -> None:
    assert read_number(value) == number


@pytest.mark.parametrize(
    "value", [True, False, None, [], {}, "eight", "", pytest.param(ENORMOUS, id="enormous")]
)
def test_what_is_no_number_is_none(value: Any) -> None:
    assert read_number(value) is None


@pytest.mark.parametrize(
    ("value", "text"), [("a", "a"), (7, "7"), (True, "true"), (False, "false"), (1.5, "1.5")]
)
def test_a_scalar_has_a_text(value: Any, text: str) -> None:
    assert read_text(value) == text


@pytest.mark.parametrize("value", [None, [], {}, pytest.param(ENORMOUS, id="enormous")])
def test_what_is_no_scalar_has_no_text(value: Any) -> None:
    assert read_text(value) is None


@pytest.mark.parametrize("value", [True, "true", "True"])
def test_true_may_be_written_as_text(value: Any) -> None:
    assert is_true(value)
    assert not is_false(value)


@pytest.mark.parametrize("value", [False, "false", "False"])
def test_false_may_be_written_as_text(value: Any) -> None:
    assert is_false(value)
    assert not is_true(value)


@pytest.mark.parametrize("value", [None, 0, 1, "", "yes", []])
def test_all_else_is_neither(value: Any) -> None:
    assert not is_true(value)
    assert not is_false(value)


def test_a_value_cannot_hold_under_both_outcomes_of_a_condition() -> None:
    assert PossibleValue(1, (), {"Big": True}).under({"Big": False}) is None


def test_a_value_gathers_the_conditions_that_it_holds_under() -> None:
    place = PossibleValue(1, (), {"Big": True}).under({"Small": False})
    assert place == PossibleValue(1, (), {"Big": True, "Small": False})
