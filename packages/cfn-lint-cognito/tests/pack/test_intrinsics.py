"""Every value that an expression is known to have is judged, and nothing is guessed."""

from __future__ import annotations

from typing import Any

import pytest

from cfn_lint_cognito.intrinsics import referenced_id
from cfn_lint_cognito.possible_value import ABSENT, UNKNOWN, PossibleValue
from cfn_lint_cognito.template import Template
from tests.pack.found import read

SECTIONS = """
Parameters:
  Host: {Type: String, Default: app.example.com}
  Hosts: {Type: CommaDelimitedList, Default: "a.example, b.example"}
  Unset: {Type: String}
  Stored: {Type: AWS::SSM::Parameter::Value<String>, Default: /name/of/the/value}
Mappings:
  Sizes: {small: {length: 8}, large: {length: 12}}
"""


def values(expression: str) -> list[Any]:
    return [found.value for found in possible(expression)]


def possible(expression: str) -> list[PossibleValue]:
    template = Template.of(read(SECTIONS))
    return list(template.intrinsics.possible_values(PossibleValue(read(expression), ("x",))))


@pytest.mark.parametrize("literal", ["text", "7", "[1, 2]", "{a: b}", "true"])
def test_a_literal_is_itself(literal: str) -> None:
    assert values(literal) == [read(literal)]


def test_both_branches_of_a_condition_are_possible() -> None:
    assert [(found.value, found.path, found.when) for found in possible("!If [Big, 1, 2]")] == [
        (1, ("x", "Fn::If", 1), {"Big": True}),
        (2, ("x", "Fn::If", 2), {"Big": False}),
    ]


def test_a_condition_has_one_outcome_however_often_it_is_asked() -> None:
    assert values("!If [Big, !If [Big, 1, 2], !If [Small, !If [Big, 3, 4], 5]]") == [1, 4, 5]


def test_no_value_is_an_absent_one() -> None:
    assert values("!If [Big, 1, !Ref AWS::NoValue]") == [1, ABSENT]


def test_a_parameter_has_its_default() -> None:
    assert values("!Ref Host") == ["app.example.com"]


def test_a_list_parameter_has_a_list() -> None:
    assert values("!Ref Hosts") == [["a.example", "b.example"]]


@pytest.mark.parametrize(
    "expression",
    [
        "!Ref Unset",
        "!Ref Stored",
        "!Ref AWS::Region",
        "!GetAtt Pool.Arn",
        "!ImportValue other",
        "!Select [0, [a, b]]",
        "!Sub '${Unset}'",
        "{'Fn::Sub': 7}",
        "!Join ['', !Ref Hosts]",
        "!If [Big, 1]",
        "!FindInMap [Missing, small, length]",
        "!FindInMap [Sizes, missing, length]",
    ],
)
def test_what_only_the_deployment_tells_is_unknown(expression: str) -> None:
    assert values(expression) == [UNKNOWN]


def test_sub_puts_known_values_in_and_marks_unknown_parts() -> None:
    assert values("!Sub 'https://${Host}/${Unset}/${Pool.Arn}'") == ["https://app.example.com/${?}/${?}"]


def test_sub_takes_every_value_of_its_own_variables() -> None:
    assert values("!Sub ['${S}://x', {S: !If [Big, https, http]}]") == ["https://x", "http://x"]


def test_join_takes_every_value_of_its_parts_and_leaves_absent_ones_out() -> None:
    assert values("!Join ['-', [a, !If [Big, b, !Ref AWS::NoValue], !Ref Host]]") == [
        "a-b-app.example.com",
        "a-app.example.com",
    ]


def test_a_mapping_with_literal_keys_gives_one_entry() -> None:
    assert values("!FindInMap [Sizes, small, length]") == [8]


def test_a_mapping_with_an_open_key_gives_every_entry() -> None:
    assert values("!FindInMap [Sizes, !Ref Unset, length]") == [8, 12]


def test_many_texts_are_cut_short_instead_of_tried_for_ever() -> None:
    pieces = ", ".join(f"!If [C{number}, a, b]" for number in range(40))
    assert len(values(f"!Join ['', [{pieces}]]")) == 64


@pytest.mark.parametrize("expression", ["!Ref Pool", "!GetAtt Pool.Arn", "{'Fn::GetAtt': Pool.Arn}"])
def test_a_reference_names_its_resource(expression: str) -> None:
    assert referenced_id(read(expression)) == "Pool"


@pytest.mark.parametrize(
    "value", [None, "Pool", {"Ref": ["Pool"]}, {"Ref": "Pool", "more": 1}, {"Fn::GetAtt": 7}]
)
def test_nothing_else_is_a_reference(value: Any) -> None:
    assert referenced_id(value) is None
