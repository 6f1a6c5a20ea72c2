"""What the stage runs itself has names of AWS's form, the same at every start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from local_stage.cloudformation.intrinsics import Intrinsics, PhysicalResource, UnresolvedError
from local_stage.cloudformation.placement import PlaceholderResources
from local_stage.errors import StartError

STAND_INS = PlaceholderResources("template.yaml", "hello-api", "ap-northeast-1", "123456789012")
FUNCTION_ARN = "arn:aws:lambda:ap-northeast-1:123456789012:function"
PARAMETERS = {"StageName": "dev", "AWS::StackName": "hello-api"}


def stand_in(
    logical_id: str, resources: Mapping[str, Any], stand_ins: PlaceholderResources = STAND_INS
) -> PhysicalResource:
    return stand_ins.add(Intrinsics(PARAMETERS), resources, resources).resources[logical_id]


def test_a_name_that_the_template_gives_is_kept() -> None:
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {"FunctionName": {"Fn::Sub": "hi-${StageName}"}},
    }
    assert stand_in("F", {"F": function}) == PhysicalResource("hi-dev", {"Arn": f"{FUNCTION_ARN}:hi-dev"})


def test_a_name_that_it_leaves_to_cloudformation_has_stack_logical_id_and_suffix() -> None:
    found = stand_in("HelloFunction", {"HelloFunction": {"Type": "AWS::Lambda::Function"}})
    assert re.fullmatch(r"hello-api-HelloFunction-[a-z0-9]{12}", found.ref)
    assert found.attributes == {"Arn": f"{FUNCTION_ARN}:{found.ref}"}


def test_a_rest_api_has_an_id_of_ten_letters_and_digits() -> None:
    assert re.fullmatch(r"[a-z0-9]{10}", stand_in("Api", {"Api": {"Type": "AWS::ApiGateway::RestApi"}}).ref)


def test_an_id_is_the_same_at_every_start_and_another_in_another_stack() -> None:
    api = {"Api": {"Type": "AWS::ApiGateway::RestApi"}}
    assert stand_in("Api", api) == stand_in("Api", api)
    assert stand_in("Api", api).ref != stand_in("Api", api, replace(STAND_INS, stack_name="other")).ref
    both = {**api, "Twin": api["Api"]}
    assert stand_in("Api", both).ref != stand_in("Twin", both).ref


def test_an_alias_is_called_by_its_functions_arn() -> None:
    resources = {
        "Alias": {
            "Type": "AWS::Lambda::Alias",
            "Properties": {"FunctionName": {"Ref": "Function"}, "Name": "live"},
        },
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "hi"}},
    }
    assert stand_in("Alias", resources).ref == f"{FUNCTION_ARN}:hi:live"


def test_a_version_is_called_by_its_functions_arn_and_is_the_first() -> None:
    resources = {
        "AVersion": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Function"}}},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "hi"}},
    }
    assert stand_in("AVersion", resources) == PhysicalResource(f"{FUNCTION_ARN}:hi:1", {"Version": "1"})


@pytest.mark.parametrize(
    "name", ["hi", f"{FUNCTION_ARN}:hi", "123456789012:function:hi", {"Fn::GetAtt": ["Function", "Arn"]}]
)
def test_an_alias_may_name_its_function_by_arn(name: object) -> None:
    resources = {
        "Alias": {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": name, "Name": "live"}},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "hi"}},
    }
    assert stand_in("Alias", resources).ref == f"{FUNCTION_ARN}:hi:live"


@pytest.mark.parametrize("kind", ["AWS::Lambda::Alias", "AWS::Lambda::Version"])
@pytest.mark.parametrize("properties", [{"Name": "live"}, {"Name": "live", "FunctionName": ["hi"]}])
def test_an_alias_or_version_of_no_function_is_refused(kind: str, properties: dict[str, Any]) -> None:
    with pytest.raises(StartError, match="is not a name or ARN of a function") as refused:
        stand_in("Published", {"Published": {"Type": kind, "Properties": properties}})
    assert (refused.value.resource, refused.value.property_path) == ("Published", "FunctionName")


def test_the_stage_is_called_by_its_name() -> None:
    stage = {"Type": "AWS::ApiGateway::Stage", "Properties": {"StageName": {"Ref": "StageName"}}}
    assert stand_in("Stage", {"Stage": stage}).ref == "dev"


@pytest.mark.parametrize(
    ("kind", "arn"),
    [
        ("AWS::IAM::Role", "arn:aws:iam::123456789012:role/{}"),
        ("AWS::Logs::LogGroup", "arn:aws:logs:ap-northeast-1:123456789012:log-group:{}:*"),
    ],
)
def test_an_arn_is_of_its_services_form(kind: str, arn: str) -> None:
    found = stand_in("Thing", {"Thing": {"Type": kind}})
    assert found.attributes == {"Arn": arn.format(found.ref)}


def test_resources_that_exist_already_are_kept() -> None:
    pool = PhysicalResource("pool-1")
    known = STAND_INS.add(Intrinsics(PARAMETERS, resources={"Pool": pool}), {}, [])
    assert known.resources == {"Pool": pool}


def test_a_name_that_refers_to_nothing_known_is_refused() -> None:
    function = {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": {"Ref": "Nowhere"}}}
    with pytest.raises(UnresolvedError, match=r"^template\.yaml: F\.FunctionName: refers to Nowhere"):
        stand_in("F", {"F": function})
