"""A JSON template, found by samconfig.toml, with loops, includes, a definition file, and no client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from local_stage.testing.stage_process import StageProcess, running_stage
from tests.local.commands.command import run_beside
from tests.local.revealing_app import PASSWORD, get
from tests.stage_process import CACHE

POOL: Final = {"Fn::GetAtt": ["Pool", "Arn"]}
URI: Final = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function.Arn}/invocations"
HANDLER: Final = """
import json, os
def handler(event, context):
    name = event["requestContext"]["authorizer"]["claims"]["cognito:username"]
    return {"statusCode": 200, "body": json.dumps([name, event["path"], os.environ.get("WORD")])}
"""
ROUTES: Final = {
    "ApiUrl": ("/function", "/each"),
    "IncludedUrl": ("/included",),
    "DefinedUrl": ("/defined",),
}


NOT_RUN: Final[dict[str, dict[str, Any]]] = {
    "/queue": {"type": "aws", "httpMethod": "POST", "uri": "arn:aws:apigateway:us-east-1:sqs:path/1/queue"},
    "/remote": {"type": "http", "httpMethod": "GET", "uri": "https://example.com/"},
    "/passed": {"type": "http_proxy", "httpMethod": "GET", "uri": "https://example.com/"},
}
"""Integrations that are not run locally, by their path."""


def define(path: str, others: dict[str, dict[str, Any]]) -> str:
    """Return a definition file with protected paths, which names what the template has."""
    scheme = {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "cognito_user_pools",
        "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": [POOL]},
    }
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": {"Fn::Sub": URI}}
    definition = {
        "openapi": "3.0.1",
        "info": {"title": path, "version": "1"},
        "paths": {
            name: {"get": {"security": [{"Own": []}], "x-amazon-apigateway-integration": way}}
            for name, way in {path: integration, **others}.items()
        },
        "components": {"securitySchemes": {"Own": scheme}},
    }
    return json.dumps(definition)


def build_template() -> dict[str, Any]:
    function = {"Runtime": "python3.13", "Timeout": 20}
    looped = build_event("/each", {"Ref": "Verb"})
    each = {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            **function,
            "Handler": "index.handler",
            "InlineCode": HANDLER,
            "Events": {"Fn::ForEach::Verbs": ["Verb", {"Ref": "Verbs"}, {"On${Verb}": looped}]},
        },
    }
    auth = {"DefaultAuthorizer": "Pool", "Authorizers": {"Pool": {"UserPoolArn": POOL}}}
    include = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "parts/included.json"}}}
    word = {"Fn::Join": ["-", [{"Ref": "Word"}, {"Fn::FindInMap": ["Words", {"Ref": "Word"}, "Other"]}]]}
    return {
        "Transform": ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"],
        "Parameters": {
            "Word": {"Type": "String"},
            "Verbs": {"Type": "CommaDelimitedList", "Default": "get,post"},
        },
        "Mappings": {"Words": {"given": {"Other": "mapped"}}},
        "Resources": {
            "Pool": {"Type": "AWS::Cognito::UserPool"},
            "Api": build_api(Auth=auth),
            "IncludedApi": build_api(DefinitionBody=include),
            "DefinedApi": build_api(DefinitionUri="parts/defined.json"),
            "Function": {
                "Type": "AWS::Serverless::Function",
                "Properties": {
                    **function,
                    "Handler": "app.handler",
                    "Environment": {"Variables": {"WORD": word}},
                    "Events": {"Get": build_event("/function")},
                },
            },
            "Fn::ForEach::Functions": ["Name", ["Each"], {"${Name}Function": each}],
        },
        "Outputs": {
            f"{name.removesuffix('Api') or 'Api'}Url": {"Value": {"Fn::Sub": f"https://${{{name}}}.{HOST}"}}
            for name in ("Api", "IncludedApi", "DefinedApi")
        },
    }


HOST: Final = "execute-api.${AWS::Region}.${AWS::URLSuffix}/dev"


def build_api(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "dev", **properties}}


def build_event(path: str, verb: Any = "get") -> dict[str, Any]:
    return {"Type": "Api", "Properties": {"RestApiId": {"Ref": "Api"}, "Path": path, "Method": verb}}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    """A stage that is told of the environment alone; the functions' code lies beside the template."""
    folder = tmp_path_factory.mktemp("otherwise")
    write_project(folder)
    with running_stage(folder, "--config-env", "staging", "--cache-folder", str(CACHE)) as running:
        yield running


def write_project(folder: Path) -> None:
    (folder / "stack" / "parts").mkdir(parents=True)
    (folder / "stack" / "template.json").write_text(json.dumps(build_template()))
    (folder / "stack" / "app.py").write_text(HANDLER)
    for name, others in (("included", {}), ("defined", NOT_RUN)):
        (folder / "stack" / "parts" / f"{name}.json").write_text(define(f"/{name}", others))
    (folder / "samconfig.toml").write_text(
        "version = 0.1\n[staging.global.parameters]\ntemplate_file = 'stack/template.json'\n"
        "parameter_overrides = 'Word=given'\n"
    )


@pytest.fixture(scope="module")
def token(stage: StageProcess) -> str:
    """An ID token by the client that the stage has made, since the template has none."""
    ended = run_beside(stage, "token", "alice", "--create", "--password", PASSWORD)
    assert (ended.returncode, ended.stderr) == (0, "alice is a user now\n")
    return ended.stdout.strip()


@pytest.mark.parametrize("api", ROUTES)
def test_nobody_calls_without_a_token(stage: StageProcess, api: str) -> None:
    for path in ROUTES[api]:
        refused = get(stage, path, url=stage.outputs[api])
        assert (refused.status_code, refused.json()) == (401, {"message": "Unauthorized"})


@pytest.mark.parametrize("api", ROUTES)
def test_a_token_opens_every_route(stage: StageProcess, token: str, api: str) -> None:
    for path in ROUTES[api]:
        answer = get(stage, path, token, url=stage.outputs[api])
        word = None if path.startswith("/each") else "given-mapped"
        assert (answer.status_code, answer.json()) == (200, ["alice", path, word])


@pytest.mark.parametrize("path", NOT_RUN)
def test_an_integration_that_is_not_run_is_listed_and_answers_500_to_callers_who_are_let_in(
    stage: StageProcess, token: str, path: str
) -> None:
    url, why = (
        stage.outputs["DefinedUrl"],
        f"an integration of type {NOT_RUN[path]['type']} is not run locally",
    )
    assert get(stage, path, url=url).status_code == 401
    answer = get(stage, path, token, url=url)
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal server error"})
    assert why in stage.wait_for_log(f"500 GET /dev{path}")
    assert f"{why}; the method answers 500" in stage.printed.partition("Not run locally\n")[2]


def test_a_loop_makes_every_verb(stage: StageProcess, token: str) -> None:
    url = f"{stage.outputs['ApiUrl']}/each"
    assert requests.post(url, timeout=30).status_code == 401
    assert requests.post(url, headers={"Authorization": token}, timeout=30).status_code == 200


def test_the_client_that_was_made_is_told(stage: StageProcess) -> None:
    told = "the user pool has no app client; local-stage was made, an app client in the local pool alone."
    assert told in f"{stage.printed}{stage.log}".replace("\n", " ")
