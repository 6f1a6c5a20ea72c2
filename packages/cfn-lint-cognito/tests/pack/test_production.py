"""What is asked of production is asked of the deployment that the template calls so."""

from __future__ import annotations

from typing import Any

import pytest

from cfn_lint_cognito.template import Template
from tests.pack.found import CHOICE, CONDITIONS, pool, read


def mfa(properties: str, sections: str) -> list[Any]:
    template = Template.of(pool(properties, sections=sections)).in_production()
    return [
        found.value for resource in template.resources() for found in resource.possible("MfaConfiguration")
    ]


def test_conditions_are_decided() -> None:
    assert mfa("MfaConfiguration: !If [IsProduction, 'ON', 'OFF']", CONDITIONS) == ["ON"]


def test_negated_conditions_are_decided() -> None:
    assert mfa("MfaConfiguration: !If [IsDevelopment, 'OFF', 'ON']", CONDITIONS) == ["ON"]


def test_other_parameters_keep_their_defaults() -> None:
    assert mfa("MfaConfiguration: !If [IsLeft, 'OFF', 'ON']", CONDITIONS) == ["OFF"]


def test_a_mapping_is_read_with_the_environment() -> None:
    sections = f"{CONDITIONS}\nMappings: {{Mfa: {{dev: {{it: 'OFF'}}, prod: {{it: 'ON'}}}}}}\n"
    assert mfa("MfaConfiguration: !FindInMap [Mfa, !Ref Environment, it]", sections) == ["ON"]


def test_a_mapping_without_the_environment_gives_every_entry() -> None:
    sections = f"{CONDITIONS}\nMappings: {{Mfa: {{dev: {{it: 'OFF'}}, test: {{it: 'ON'}}}}}}\n"
    assert mfa("MfaConfiguration: !FindInMap [Mfa, !Ref Environment, it]", sections) == ["OFF", "ON"]


def test_a_mapping_with_a_key_that_is_not_known_gives_every_entry() -> None:
    sections = f"{CONDITIONS}\nMappings: {{Mfa: {{dev: {{it: 'OFF'}}, prod: {{it: 'ON'}}}}}}\n"
    assert mfa("MfaConfiguration: !FindInMap [Mfa, !Ref AWS::Region, it]", sections) == ["OFF", "ON"]


def test_what_production_does_not_have_is_not_there() -> None:
    source = pool("{}", sections=CONDITIONS, attributes="Condition: IsDevelopment")
    assert list(Template.of(source).in_production().resources()) == []


def test_without_production_every_branch_counts() -> None:
    assert mfa("MfaConfiguration: !If [IsLeft, 'OFF', 'ON']", CHOICE) == ["OFF", "ON"]


@pytest.mark.parametrize("name", ["prod", "Production", "PRD", "live", "prod-eu", "production_2"])
def test_production_goes_by_many_names(name: str) -> None:
    parameters = f"Parameters: {{Stage: {{Type: String, AllowedValues: [dev, {name}]}}}}"
    conditions = f"Conditions: {{IsProduction: !Equals [!Ref Stage, {name}]}}"
    assert mfa("MfaConfiguration: !If [IsProduction, 'ON', 'OFF']", f"{parameters}\n{conditions}") == ["ON"]


@pytest.mark.parametrize("name", ["product", "reproduction", "non-prod", "alive", "test"])
def test_other_names_are_not_production(name: str) -> None:
    parameters = f"Parameters: {{Stage: {{Type: String, AllowedValues: [dev, {name}]}}}}"
    conditions = f"Conditions: {{IsIt: !Equals [!Ref Stage, {name}]}}"
    assert mfa("MfaConfiguration: !If [IsIt, 'ON', 'OFF']", f"{parameters}\n{conditions}") == ["ON", "OFF"]


def test_a_condition_alone_names_production() -> None:
    sections = "Parameters: {Stage: {Type: String}}\nConditions: {Is: !Not [!Equals [prod, !Ref Stage]]}"
    assert mfa("MfaConfiguration: !If [Is, 'OFF', 'ON']", sections) == ["ON"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("!And [!Condition IsProduction, !Condition IsLeft]", ["yes"]),
        ("!And [!Condition IsProduction, !Condition IsOpen]", ["yes", "no"]),
        ("!And [!Condition IsDevelopment, !Condition IsOpen]", ["no"]),
        ("!Or [!Condition IsDevelopment, !Condition IsOpen]", ["yes", "no"]),
        ("!Or [!Condition IsProduction, !Condition IsOpen]", ["yes"]),
        ("!Not [!Condition IsOpen]", ["yes", "no"]),
        ("!Condition Itself", ["yes", "no"]),
        ("!Equals [true, 'true']", ["yes"]),
        ("!Equals [!GetAtt A.B, x]", ["yes", "no"]),
        ("nonsense", ["yes", "no"]),
    ],
)
def test_a_condition_is_decided_as_far_as_it_is_known(condition: str, expected: list[str]) -> None:
    source = read(CONDITIONS)
    source["Parameters"]["Open"] = {"Type": "String"}
    source["Conditions"] |= read("IsOpen: !Equals [!Ref Open, x]") | read(f"Itself: {condition}")
    source["Resources"] = read("Pool: {Type: T, Properties: {Value: !If [Itself, yes_, no_]}}")
    (resource,) = Template.of(source).in_production().resources()
    assert [str(found.value).removesuffix("_") for found in resource.possible("Value")] == expected
