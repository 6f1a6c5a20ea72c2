"""The functions of a template: their code, variables, layers and logs, and the alias that the API invokes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local_stage.lambda_runtime.function_settings import Layer
from tests.unit.memory_deployment import EVENTS, ORIGINS, TEMPLATE, build_deployer, deploy, refusal


def test_the_function_knows_the_deployed_resources(tmp_path: Path) -> None:
    (function,) = deploy(tmp_path).functions.values()
    assert function.environment == {"TABLE": "table-1", "LEVEL": "INFO"}
    assert function.code_folder == tmp_path / "code"


def test_the_function_has_the_layers_of_the_template_in_their_order(tmp_path: Path) -> None:
    layers = """
  One: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: one}}
  Two:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.13}
    Properties: {ContentUri: two, LayerName: named}
"""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    text = TEMPLATE.replace("CodeUri: code", "CodeUri: code\n      Layers: [!Ref Two, !Ref One]")
    deployment = deploy(tmp_path, text.replace("Outputs:", f"{layers.strip(chr(10))}\nOutputs:"))
    (function,) = deployment.functions.values()
    assert function.layers == (Layer("Two", tmp_path / "two", "python3.13"), Layer("One", tmp_path / "one"))
    assert function.folders == (tmp_path / "code", tmp_path / "two", tmp_path / "one")


def test_inline_code_wins_over_a_folder_that_all_functions_share(tmp_path: Path) -> None:
    shared = "Globals: {Function: {CodeUri: code}}\nResources:"
    text = TEMPLATE.replace("CodeUri: code", "InlineCode: 'def handler(e, c): ...'").replace(
        "Resources:", shared
    )
    (function,) = deploy(tmp_path, text.replace("app.handler", "index.handler")).functions.values()
    assert function.code_folder == tmp_path / "inline" / "HelloFunction"


def test_inline_code_that_has_not_changed_is_not_saved_again(tmp_path: Path) -> None:
    text = TEMPLATE.replace("CodeUri: code", "InlineCode: 'def handler(e, c): ...'")
    text = text.replace("app.handler", "index.handler")
    (function,) = deploy(tmp_path, text).functions.values()
    before = (function.code_folder / "index.py").stat()
    deploy(tmp_path, text)
    assert (function.code_folder / "index.py").stat().st_mtime_ns == before.st_mtime_ns


def test_the_function_logs_where_and_how_the_template_says(tmp_path: Path) -> None:
    config = "LoggingConfig: {LogGroup: !Ref Log, LogFormat: JSON, ApplicationLogLevel: DEBUG}"
    log = "  Log: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: own-group}}\n"
    text = TEMPLATE.replace("CodeUri: code", f"CodeUri: code\n      {config}").replace(
        "  Pool:", f"{log}  Pool:", 1
    )
    (function,) = deploy(tmp_path, text).functions.values()
    assert (function.log_group, function.log_format, function.log_level) == ("own-group", "JSON", "DEBUG")


def test_the_api_calls_the_function_by_the_arn_that_it_has(tmp_path: Path) -> None:
    deployment = deploy(tmp_path)
    (resource,) = deployment.rest_apis[0].resources
    integration = resource.methods["GET"].integration
    assert [getattr(integration, "function_arn", None)] == list(deployment.functions)


def test_a_function_runs_as_the_alias_that_the_api_calls(tmp_path: Path) -> None:
    deployment = deploy(tmp_path, TEMPLATE.replace("CodeUri:", "AutoPublishAlias: live\n      CodeUri:"))
    (resource,) = deployment.rest_apis[0].resources
    invoked = getattr(resource.methods["GET"].integration, "function_arn", "")
    assert invoked.endswith(":live")
    ((arn, function),) = deployment.functions.items()
    assert (arn, function.invoked_arn, function.version) == (invoked, invoked, "1")


def with_own_alias(**invoked: str) -> str:
    """Return the template with an alias of its own writing, and an API of paths that invoke what is named."""
    function_uri = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions"
    paths = {
        f"/{path}": {
            "get": {
                "x-amazon-apigateway-integration": {
                    "type": "aws_proxy",
                    "httpMethod": "POST",
                    "uri": {"Fn::Sub": f"{function_uri}/${{{name}}}/invocations"},
                }
            }
        }
        for path, name in invoked.items()
    }
    body = json.dumps({"openapi": "3.0.3", "paths": paths})
    alias = '{FunctionName: !Ref HelloFunction, Name: live, FunctionVersion: "7"}'
    text = TEMPLATE.replace("OpenApiVersion: 3.0.3", f"DefinitionBody: {body}")
    text = text.replace(EVENTS, "      ReservedConcurrentExecutions: 1\n")
    return text.replace("Outputs:", f"  Alias: {{Type: AWS::Lambda::Alias, Properties: {alias}}}\nOutputs:")


def test_an_alias_that_the_template_writes_itself_names_its_version(tmp_path: Path) -> None:
    deployment = deploy(tmp_path, with_own_alias(hello="Alias"))
    (function,) = deployment.functions.values()
    assert (function.qualifier, function.version) == ("live", "7")
    assert "HelloFunction" not in {item.resource for item in deployment.not_run}


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ("", "names no version"),
        (", FunctionVersion: []", "names no version"),
        (", FunctionVersion: !Ref Nowhere", "refers to Nowhere, which the template does not have"),
    ],
)
def test_an_alias_without_a_version_is_refused(tmp_path: Path, version: str, why: str) -> None:
    text = with_own_alias(hello="Alias")
    assert f"Alias.FunctionVersion: {why}" in refusal(
        tmp_path, text.replace(', FunctionVersion: "7"', version)
    )


def test_what_is_invoked_with_and_without_alias_runs_twice_and_it_is_told(tmp_path: Path) -> None:
    deployment = deploy(tmp_path, with_own_alias(hello="Alias", plain="HelloFunction.Arn"))
    assert [function.version for function in deployment.functions.values()] == ["$LATEST", "7"]
    (told,) = [item for item in deployment.not_run if item.resource == "HelloFunction"]
    assert told.property_path == "ReservedConcurrentExecutions"


@pytest.mark.parametrize("key", ["Parameters", "HelloFunction"])
def test_env_vars_replace_declared_variables_and_add_none(tmp_path: Path, key: str) -> None:
    environment = {key: {"LEVEL": "DEBUG", "UNDECLARED": "x"}, "OtherFunction": {"TABLE": "x"}}
    deployment = build_deployer(tmp_path, environment=environment).deploy(ORIGINS)
    (function,) = deployment.functions.values()
    assert function.environment == {"TABLE": "table-1", "LEVEL": "DEBUG"}


def test_env_vars_of_the_function_win_over_those_of_all(tmp_path: Path) -> None:
    environment = {"HelloFunction": {"LEVEL": "own"}, "Parameters": {"LEVEL": "all"}}
    (function,) = build_deployer(tmp_path, environment=environment).deploy(ORIGINS).functions.values()
    assert function.environment["LEVEL"] == "own"


def test_inline_code_becomes_the_module_index(tmp_path: Path) -> None:
    text = TEMPLATE.replace("CodeUri: code", "InlineCode: 'def handler(e, c): ...'").replace(
        "app.h", "index.h"
    )
    (function,) = deploy(tmp_path, text).functions.values()
    assert (function.code_folder / "index.py").read_text() == "def handler(e, c): ..."
