"""CloudFormation's intrinsic functions give what the service gives, and refuse what is not known here."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from local_stage.cloudformation.intrinsics import (
    Intrinsics,
    PhysicalResource,
    UnresolvedError,
)
from local_stage.cloudformation.references import referenced_attributes, referenced_names
from local_stage.cloudformation.unknown import Unknown, find_unknown
from local_stage.errors import NotRun

INTRINSICS = Intrinsics(
    parameters={
        "StageName": "dev",
        "Origins": ["a", "b"],
        "AWS::Region": "ap-northeast-1",
        "Unset": Unknown("unknown-unset", NotRun("Parameters", "has no default", "Unset")),
    },
    conditions={
        "IsDev": {"Fn::Equals": [{"Ref": "StageName"}, "dev"]},
        "IsProd": {"Fn::Not": [{"Condition": "IsDev"}]},
        "Both": {"Fn::And": [{"Condition": "IsDev"}, {"Condition": "IsProd"}]},
        "Either": {"Fn::Or": [{"Condition": "IsDev"}, {"Condition": "IsProd"}]},
        "Unsure": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Unset"}, "dev"]}]},
        "StillSure": {"Fn::Or": [{"Condition": "Unsure"}, {"Condition": "IsDev"}]},
        "NeitherSure": {"Fn::And": [{"Condition": "Unsure"}, {"Condition": "IsDev"}]},
    },
    mappings={"Sizes": {"dev": {"Memory": 256}}},
    resources={"UserPool": PhysicalResource("pool-1", {"Arn": "arn:pool-1"})},
    declared={"UserPool": "AWS::Cognito::UserPool", "Alarm": "AWS::CloudWatch::Alarm"},
    imports={"Exported": "there", "/ssm/name": "s3cret", "secretsmanager:db:SecretString:password": "word"},
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
        ({"Fn::ImportValue": {"Fn::Sub": "Exported"}}, "there"),
        ("{{resolve:ssm:/ssm/name:3}}", "s3cret"),
        ({"Fn::Sub": "x-{{resolve:secretsmanager:db:SecretString:password}}"}, "x-word"),
        ({"Fn::If": ["StillSure", 1, 2]}, 1),
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
        {"Fn::GetAtt": ["Nowhere", "Arn"]},
        {"Fn::Sub": "${Nowhere}"},
        {"Fn::FindInMap": ["Sizes", "prod", "Memory"]},
        {"Fn::Select": [7, ["a"]]},
        {"Fn::If": ["Undefined", 1, 2]},
        {"Fn::If": [["IsDev"], 1, 2]},
        {"Fn::If": ["IsDev", 1]},
        {"Ref": ["UserPool"]},
        {"Fn::ImportValue": ["x"]},
        {"Ref": {}},
        {"Fn::GetAtt": []},
        {"Fn::GetAtt": "UserPool"},
        {"Fn::Sub": None},
        {"Fn::Sub": ["${StageName}", ["x"]]},
        {"Fn::Join": "-"},
        {"Fn::Select": ["x", ["a"]]},
        {"Fn::Split": 1},
    ],
)
def test_what_is_not_known_here_is_refused_and_never_left_in_place(value: Any) -> None:
    with pytest.raises(UnresolvedError):
        INTRINSICS.resolve({"deep": [value]})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"Ref": "Unset"}, "unknown-unset"),
        ({"Ref": "Alarm"}, "unknown-alarm"),
        ({"Fn::GetAtt": ["Alarm", "Arn"]}, "unknown-alarm-arn"),
        ({"Fn::GetAtt": ["UserPool", "ProviderURL"]}, "unknown-userpool-providerurl"),
        ({"Fn::Sub": "arn:aws:cognito-idp:${AWS::Region}:1:userpool/${Unset}"}, None),
        ({"Fn::Sub": ["${Own}", {"Own": {"Ref": "Unset"}}]}, "unknown-unset"),
        ({"Fn::Sub": "${StageName}-{{resolve:ssm:/x}}"}, "dev-unknown-x"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Unset"}]]}, "a-unknown-unset"),
        ({"Fn::Select": [7, {"Fn::Split": ["/", {"Ref": "Unset"}]}]}, "unknown-unset"),
        ({"Fn::Select": [0, {"Ref": "Unset"}]}, "unknown-unset"),
        ({"Fn::Select": [0, {"Fn::GetAZs": ""}]}, "unknown-fn--getazs"),
        ({"Fn::Cidr": ["10.0.0.0/16", 1, 8]}, "unknown-fn--cidr"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Unset"}, "Memory"]}, "unknown-unset"),
        ({"Fn::ImportValue": {"Fn::Sub": "${StageName}-pool"}}, "unknown-dev-pool"),
        ({"Fn::Base64": {"Ref": "Unset"}}, None),
        ("{{resolve:secretsmanager:x:SecretString:y}}", "unknown-x"),
        ({"Fn::If": ["Unsure", 1, 2]}, "2"),
        ({"Fn::If": ["Unsure", [], [{"Cognito": []}]]}, "unknown-unsure"),
        ({"Fn::If": ["Unsure", [{"Cognito": []}], []]}, "unknown-unsure"),
    ],
)
def test_what_is_not_known_is_a_placeholder_that_is_marked_whatever_is_made_of_it(
    value: Any, text: str | None
) -> None:
    resolved = INTRINSICS.resolve({"deep": [value]})["deep"][0]
    assert isinstance(resolved, Unknown)
    assert text in {None, resolved}


def test_an_import_that_is_not_known_says_how_to_tell_it() -> None:
    unknown = find_unknown(INTRINSICS.resolve({"a": [{"Fn::ImportValue": "pool-arn"}]}))
    assert unknown is not None
    assert unknown.reason == "Fn::ImportValue.pool-arn: is not known; pass --import-value pool-arn=VALUE"


def test_a_value_that_decides_nothing_may_be_guessed() -> None:
    assert replace(INTRINSICS, guesses_branches=True).resolve({"Fn::If": ["Unsure", [1], [2]]}) == [2]


def test_an_unknown_text_stays_unknown_when_it_is_copied() -> None:
    copied = copy.deepcopy({"a": INTRINSICS.resolve({"Ref": "Unset"})})
    assert isinstance(copied["a"], Unknown)
    assert copied["a"].reason == "Parameters.Unset: has no default"


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("Unsure", True),
        ("StillSure", True),
        ("NeitherSure", True),
        ("IsDev", True),
        ("IsProd", False),
        ("Both", False),
        ("Either", True),
    ],
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
