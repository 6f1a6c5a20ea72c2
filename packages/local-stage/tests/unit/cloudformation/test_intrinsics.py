"""CloudFormation's intrinsic functions give what the service gives, and refuse what is not known here."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.cloudformation.intrinsics import (
    Intrinsics,
    PhysicalResource,
    UnresolvedError,
    referenced_attributes,
    referenced_names,
)

INTRINSICS = Intrinsics(
    parameters={"StageName": "dev", "Origins": ["a", "b"], "AWS::Region": "ap-northeast-1"},
    conditions={
        "IsDev": {"Fn::Equals": [{"Ref": "StageName"}, "dev"]},
        "IsProd": {"Fn::Not": [{"Condition": "IsDev"}]},
        "Both": {"Fn::And": [{"Condition": "IsDev"}, {"Condition": "IsProd"}]},
        "Either": {"Fn::Or": [{"Condition": "IsDev"}, {"Condition": "IsProd"}]},
    },
    mappings={"Sizes": {"dev": {"Memory": 256}}},
    resources={"UserPool": PhysicalResource("pool-1", {"Arn": "arn:pool-1"})},
)


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ({"Ref": "StageName"}, "dev"),
        ({"Ref": "UserPool"}, "pool-1"),
        ({"Fn::GetAtt": ["UserPool", "Arn"]}, "arn:pool-1"),
        ({"Fn::GetAtt": "UserPool.Arn"}, "arn:pool-1"),
        ({"Fn::Sub": "${StageName}/${UserPool.Arn}/${AWS::Region}"}, "dev/arn:pool-1/ap-northeast-1"),
        ({"Fn::Sub": ["${Own}-${StageName}", {"Own": {"Ref": "UserPool"}}]}, "pool-1-dev"),
        ({"Fn::Sub": "${!StageName}"}, "${StageName}"),
        ({"Fn::Join": ["-", ["a", {"Ref": "StageName"}]]}, "a-dev"),
        ({"Fn::Join": [",", {"Ref": "Origins"}]}, "a,b"),
        ({"Fn::If": ["IsDev", 1, 2]}, 1),
        ({"Fn::If": ["IsProd", 1, 2]}, 2),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "StageName"}, "Memory"]}, 256),
        ({"Fn::Select": ["1", {"Ref": "Origins"}]}, "b"),
        ({"Fn::Split": ["/", "a/b"]}, ["a", "b"]),
        ({"Fn::Base64": "hello"}, "aGVsbG8="),
        ({"a": [{"Ref": "StageName"}, 1, None, True]}, {"a": ["dev", 1, None, True]}),
    ],
)
def test_a_function_gives_what_cloudformation_gives(value: Any, resolved: Any) -> None:
    assert INTRINSICS.resolve(value) == resolved


def test_no_value_removes_the_property_or_item_it_stands_for() -> None:
    no_value = {"Ref": "AWS::NoValue"}
    chosen = {"Fn::If": ["IsProd", "x", no_value]}
    assert INTRINSICS.resolve({"a": chosen, "b": [no_value, 1], "c": 2}) == {"b": [1], "c": 2}


def test_only_the_chosen_branch_of_an_if_is_resolved() -> None:
    assert INTRINSICS.resolve({"Fn::If": ["IsDev", "here", {"Ref": "Nowhere"}]}) == "here"


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "Nowhere"},
        {"Fn::GetAtt": ["UserPool", "ProviderURL"]},
        {"Fn::GetAtt": ["Nowhere", "Arn"]},
        {"Fn::Sub": "${Nowhere}"},
        {"Fn::ImportValue": "x"},
        {"Fn::FindInMap": ["Sizes", "prod", "Memory"]},
        {"Fn::Select": [7, ["a"]]},
        {"Fn::If": ["Undefined", 1, 2]},
        {"Fn::If": [["IsDev"], 1, 2]},
        {"Fn::If": ["IsDev", 1]},
        {"Ref": ["UserPool"]},
        {"Ref": {}},
        {"Fn::GetAtt": []},
        {"Fn::GetAtt": "UserPool"},
        {"Fn::GetAtt": ["UserPool", {}]},
        {"Fn::Sub": None},
        {"Fn::Sub": ["${StageName}", ["x"]]},
        {"Fn::Join": "-"},
        {"Fn::Select": ["x", ["a"]]},
        {"Fn::Split": 1},
        "{{resolve:secretsmanager:x}}",
        {"Fn::Sub": "${StageName}-{{resolve:ssm:/x}}"},
    ],
)
def test_what_is_not_known_here_is_refused_and_never_left_in_place(value: Any) -> None:
    with pytest.raises(UnresolvedError):
        INTRINSICS.resolve({"deep": [value]})


@pytest.mark.parametrize(
    ("condition", "holds"), [("IsDev", True), ("IsProd", False), ("Both", False), ("Either", True)]
)
def test_a_resource_exists_where_its_condition_holds(condition: str, holds: bool) -> None:  # noqa: FBT001 - a case
    assert INTRINSICS.holds({"Condition": condition}) is holds


def test_a_resource_without_condition_exists() -> None:
    assert INTRINSICS.holds({"Type": "AWS::SNS::Topic"})


def test_every_way_to_name_a_resource_counts_as_a_reference() -> None:
    value = {
        "a": {"Ref": "A"},
        "b": [{"Fn::GetAtt": ["B", "Arn"]}, {"Fn::GetAtt": "C.Arn"}],
        "d": {"Fn::Sub": "${D} ${E.Arn} ${!F}"},
        "g": {"Fn::Sub": ["${x}", {"x": {"Ref": "G"}}]},
    }
    assert referenced_names(value) == {"A", "B", "C", "D", "E", "G", "x"}
    assert referenced_attributes(value) == {("B", "Arn"), ("C", "Arn"), ("E", "Arn")}
