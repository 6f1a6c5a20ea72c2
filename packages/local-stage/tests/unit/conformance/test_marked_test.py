"""Which tests show which rules is read from their source."""

from __future__ import annotations

import ast

import pytest

from conformance.marked_test import PACKAGE, MarkedTest, find_tests, read_tests


def read(source: str) -> list[MarkedTest]:
    return list(read_tests("tests/test_x.py", ast.parse(source)))


def test_a_test_names_its_rules() -> None:
    (test,) = read('@pytest.mark.rule("a.b", "c.d")\ndef test_this_is_so(): ...')
    assert (test.name, test.rules, test.sentence) == ("test_this_is_so", ("a.b", "c.d"), "this is so")


def test_one_row_of_a_parametrised_test_may_name_a_rule() -> None:
    (test,) = read(
        '@pytest.mark.parametrize("x", [pytest.param(2, marks=pytest.mark.rule("a.b"))])\ndef test_x(x): ...'
    )
    assert test.rules == ("a.b",)


def test_a_test_of_a_class_is_found() -> None:
    (test,) = read('class TestX:\n    @pytest.mark.rule("a.b")\n    async def test_x(self): ...')
    assert test.rules == ("a.b",)


def test_a_docstring_says_more_than_a_name() -> None:
    (test,) = read('@pytest.mark.rule("a.b")\ndef test_x():\n    """It is\n    so.\n\n    More."""')
    assert test.sentence == "It is so."


@pytest.mark.parametrize("mark", ["skip", 'skipif(True, reason="x")', 'xfail(reason="x")'])
def test_a_test_that_need_not_pass_shows_nothing(mark: str) -> None:
    (test,) = read(f'@pytest.mark.{mark}\n@pytest.mark.rule("a.b")\ndef test_x(): ...')
    assert not test.is_run


def test_a_difference_of_ministack_is_kept_and_shows_no_rule() -> None:
    (test,) = read('@differs("it does not", raises=ClientError)\n@pytest.mark.rule("a.b")\ndef test_x(): ...')
    assert (test.difference, test.is_run) == ("it does not", False)


def test_a_function_that_pytest_does_not_run_is_none() -> None:
    assert read('@pytest.mark.rule("a.b")\ndef helper(): ...') == []


def test_the_tests_of_this_repository_are_found() -> None:
    found = find_tests(PACKAGE / "tests")
    assert ("tests/unit/api_gateway/test_throttle.py", ("throttling.bucket",)) in {
        (test.file, test.rules) for test in found
    }
