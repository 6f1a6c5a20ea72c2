"""A template is read as CloudFormation reads it, and what cannot be run is named with its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local_stage.cloudformation.template import Template, read_template
from local_stage.errors import StartError

HELLO = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  StageName: {Type: String, Default: dev}
Globals:
  Function: {Runtime: python3.13}
Resources:
  HelloFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: code
      Handler: app.handler
      Events:
        Get: {Type: Api, Properties: {Path: /hello, Method: get}}
"""


def read(folder: Path, text: str, **overrides: str) -> Template:
    (folder / "code").mkdir(exist_ok=True)
    file = folder / "template.yaml"
    file.write_text(text)
    return read_template(file, overrides, "ap-northeast-1")


def refusal(folder: Path, text: str, **overrides: str) -> str:
    with pytest.raises(StartError) as caught:
        read(folder, text, **overrides)
    return str(caught.value).removeprefix(f"{folder}/template.yaml: ")


def test_sam_resources_become_plain_cloudformation(tmp_path: Path) -> None:
    template = read(tmp_path, HELLO)
    types = {resource["Type"] for resource in template.resources.values()}
    assert {"AWS::Lambda::Function", "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage"} <= types


def test_the_code_folder_is_found_relative_to_the_template(tmp_path: Path) -> None:
    assert read(tmp_path, HELLO).code.folders == {"HelloFunction": tmp_path / "code"}


def test_the_code_folder_may_stand_in_globals(tmp_path: Path) -> None:
    moved = HELLO.replace("      CodeUri: code\n", "").replace("{Runtime", "{CodeUri: code, Runtime")
    assert read(tmp_path, moved).code.folders == {"HelloFunction": tmp_path / "code"}


def test_a_state_machines_definition_is_read_with_its_times_as_texts(tmp_path: Path) -> None:
    file = tmp_path / "machine.asl.yaml"
    file.write_text("StartAt: W\nStates: {W: {Type: Wait, Timestamp: 2026-01-31T01:59:00Z, End: true}}\n")
    machine = (
        "  Machine: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: machine.asl.yaml}}\n"
    )
    template = read(tmp_path, HELLO + machine)
    definition = json.loads(template.resources["Machine"]["Properties"]["DefinitionString"])
    assert definition["States"]["W"]["Timestamp"] == "2026-01-31T01:59:00Z"
    assert template.included == (file,)


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("CodeUri: nowhere", "CodeUri names nowhere, which is not there"),
        ("CodeUri: template.yaml", "CodeUri names template.yaml, which is neither a folder nor a zip file"),
        ("CodeUri: s3://b/k", "CodeUri names s3://b/k, which is not on this machine"),
        ("CodeUri: {Bucket: b, Key: k}", "CodeUri names what is not on this machine"),
        ("ImageUri: x", "its code is a container image"),
    ],
)
def test_code_that_is_not_here_is_said(tmp_path: Path, new: str, why: str) -> None:
    text = HELLO.replace("CodeUri: code", new)
    if "Image" in new:
        image = "PackageType: Image"
        text = text.replace("Handler: app.handler", image).replace("{Runtime: python3.13}", "{Timeout: 3}")
    assert read(tmp_path, text).code.missing == {"HelloFunction": why}


def test_an_image_that_is_not_built_yet_needs_no_address(tmp_path: Path) -> None:
    """`sam build` adds the address to a function whose Metadata name a Dockerfile."""
    text = HELLO.replace("      CodeUri: code\n", "").replace("Handler: app.handler", "PackageType: Image")
    template = read(tmp_path, text.replace("{Runtime: python3.13}", "{Timeout: 3}"))
    assert template.code.missing == {"HelloFunction": "its code is a container image"}
    assert template.resources["HelloFunction"]["Properties"]["PackageType"] == "Image"


def test_code_that_no_property_names_is_in_the_templates_folder(tmp_path: Path) -> None:
    code = read(tmp_path, HELLO.replace("      CodeUri: code\n", "")).code
    assert (code.folders, code.missing) == ({"HelloFunction": tmp_path}, {})


def test_an_override_replaces_a_parameters_default(tmp_path: Path) -> None:
    assert read(tmp_path, HELLO).parameters == {"StageName": "dev"}
    assert read(tmp_path, HELLO, StageName="prod").parameters == {"StageName": "prod"}


def test_the_format_version_may_stand_without_quotes(tmp_path: Path) -> None:
    template = read(tmp_path, "AWSTemplateFormatVersion: 2010-09-09\n" + HELLO)
    assert template.translated["AWSTemplateFormatVersion"] == "2010-09-09"


def test_a_file_that_is_not_there_is_named_with_the_option_for_another(tmp_path: Path) -> None:
    why = r"nowhere.yaml: cannot be read: No such file or directory; pass --template FILE if the template"
    with pytest.raises(StartError, match=why):
        read_template(tmp_path / "nowhere.yaml", {}, "ap-northeast-1")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [", "is not YAML: line 1, column 5: expected the node content, but found '<stream end>'"),
        ("\x00", "is not YAML: "),
        ("just text", "is not a CloudFormation template"),
        ("Resources: []", "is not a CloudFormation template"),
        (
            "Resources: {Off: {Type: A::B::C}}",
            "YAML reads the logical id as false and not as text; write it in quotes",
        ),
        (HELLO + "Policies: {}\n", "Policies: this section is not supported"),
        (HELLO.replace("AWS::Serverless-2016-10-31", "[Own::Macro]"), "Transform: 'Own::Macro' is not run"),
        (
            HELLO.replace("Handler: app.handler", "Handlr: app.handler"),
            "HelloFunction: property Handlr not defined",
        ),
    ],
)
def test_what_is_broken_is_named_in_one_line(tmp_path: Path, text: str, why: str) -> None:
    message = refusal(tmp_path, text)
    assert why in message
    assert "\n" not in message


def test_an_override_of_a_parameter_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert (
        refusal(tmp_path, HELLO, Stage="x") == "Stage: the template has no such parameter; it has StageName"
    )


@pytest.mark.parametrize(
    ("rules", "value", "broken"),
    [
        ("AllowedValues: [dev, prod]", "test", "AllowedValues"),
        ('AllowedPattern: "[a-z]+"', "Dev", "AllowedPattern"),
        ("MinLength: 3", "ab", "MinLength"),
        ("MaxLength: 3", "abcd", "MaxLength"),
    ],
)
def test_a_value_that_breaks_its_parameters_rules_is_refused(
    tmp_path: Path, rules: str, value: str, broken: str
) -> None:
    text = HELLO.replace("{Type: String, Default: dev}", f"{{Type: String, {rules}}}")
    assert f"StageName.{broken}: {value!r} is not allowed" in refusal(tmp_path, text, StageName=value)


@pytest.mark.parametrize(("value", "broken"), [("x", "Type"), ("0", "MinValue"), ("11", "MaxValue")])
def test_a_number_keeps_its_bounds(tmp_path: Path, value: str, broken: str) -> None:
    text = HELLO.replace("{Type: String, Default: dev}", "{Type: Number, MinValue: 1, MaxValue: 10}")
    assert f"StageName.{broken}" in refusal(tmp_path, text, StageName=value)


def test_a_list_parameter_becomes_a_list(tmp_path: Path) -> None:
    text = HELLO.replace("{Type: String, Default: dev}", "{Type: CommaDelimitedList}")
    assert read(tmp_path, text, StageName="a, b").parameters == {"StageName": ["a", "b"]}


API = """
Transform: AWS::Serverless-2016-10-31
Globals:
  Api: {}
Resources:
  HelloApi:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      DefinitionBody: {openapi: 3.0.3, paths: {}}
"""
DOMAIN = "{DomainName: api.example.com, CertificateArn: arn:x}"


def written(template: Template, kind: str) -> tuple[str, str]:
    (logical_id,) = (name for name, resource in template.resources.items() if resource["Type"] == kind)
    return template.find_written(logical_id)


@pytest.mark.parametrize(
    ("properties", "kind", "place"),
    [
        (f"      Domain: {DOMAIN}\n", "AWS::ApiGateway::DomainName", ("HelloApi", "Domain")),
        (
            "      Auth: {UsagePlan: {CreateUsagePlan: PER_API}}\n",
            "AWS::ApiGateway::UsagePlan",
            ("HelloApi", "Auth.UsagePlan"),
        ),
        ("", "AWS::ApiGateway::Stage", ("HelloApidevStage", "Type")),
    ],
)
def test_a_generated_resource_is_found_where_it_is_written(
    tmp_path: Path, properties: str, kind: str, place: tuple[str, str]
) -> None:
    assert written(read(tmp_path, API + properties), kind) == place


def test_what_stands_in_globals_is_found_at_the_api_that_has_it(tmp_path: Path) -> None:
    template = read(tmp_path, API.replace("Api: {}", f"Api: {{Domain: {DOMAIN}}}"))
    assert written(template, "AWS::ApiGateway::DomainName") == ("HelloApi", "Domain")


def test_a_resource_that_is_written_as_it_is_is_found_there(tmp_path: Path) -> None:
    template = read(tmp_path, API + "  Plan: {Type: AWS::ApiGateway::UsagePlan}\n")
    assert written(template, "AWS::ApiGateway::UsagePlan") == ("Plan", "Type")
