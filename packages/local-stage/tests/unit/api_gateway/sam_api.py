"""Reads the API of a SAM template as the stage does: SAM's own translator, then `read_rest_api`."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import pytest
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from local_stage.api_gateway.rest.definition.rest_api_reader import read_rest_api
from local_stage.api_gateway.rest.rest_api import Method, RestApi
from local_stage.cloudformation.boto3_clients import new_session
from local_stage.errors import NotRun, StartError

REGION: Final = "ap-northeast-1"
FUNCTION_ARN: Final = f"arn:aws:lambda:{REGION}:123456789012:function:HelloFunction"
POOL_ARN: Final = f"arn:aws:cognito-idp:{REGION}:123456789012:userpool/{REGION}_abcdefghi"
OTHER_POOL_ARN: Final = f"arn:aws:cognito-idp:{REGION}:123456789012:userpool/{REGION}_jklmnopqr"
HELLO: Final = {"Path": "/hello", "Method": "get"}
PROXY_URI: Final = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{FUNCTION_ARN}/invocations"

BOTH_FORMS: Final = pytest.mark.parametrize(
    "form", [{"OpenApiVersion": "3.0.1"}, {"OpenApiVersion": None}], ids=["OpenAPI 3.0", "Swagger 2.0"]
)
"""Without OpenApiVersion SAM writes Swagger 2.0."""

SCHEME: Final[Mapping[str, Any]] = {
    "type": "apiKey",
    "in": "header",
    "name": "Authorization",
    "x-amazon-apigateway-authtype": "cognito_user_pools",
    "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": [POOL_ARN]},
}
"""A security scheme that the stage enforces."""


def translate(
    api: Mapping[str, Any], events: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, dict[str, Any]]:
    """Return the resolved properties of each API Gateway resource type that SAM makes of an API.

    `api` holds the properties of an `AWS::Serverless::Api`, `events` those of a function's Api events by
    name; there is one event, GET /hello, unless they say otherwise.
    """
    template = _template(api, {"GetHello": HELLO} if events is None else events)
    translator = Translator({}, Parser(), boto_session=_session())
    translated = translator.translate(copy.deepcopy(template), {})
    return {
        resource["Type"].rpartition("::")[2]: _resolve(resource["Properties"])
        for resource in translated["Resources"].values()
    }


def read(
    api: Mapping[str, Any] | None = None, *, events: Mapping[str, Mapping[str, Any]] | None = None
) -> tuple[RestApi, list[NotRun]]:
    """Read an API given by the properties of its `AWS::Serverless::Api`, and by its events."""
    written = {"StageName": "dev", "OpenApiVersion": "3.0.1", **(api or {})}
    written = {key: value for key, value in written.items() if value is not None}
    properties = translate(written, events)
    return read_rest_api(
        file="template.yaml",
        logical_id="HelloApi",
        rest_api_properties=properties["RestApi"],
        stage_properties=properties["Stage"],
        api_id="a1b2c3d4e5",
        deployment_id="dpl123",
        written_properties=written,
    )


def read_body(body: Mapping[str, Any], **api: Any) -> tuple[RestApi, list[NotRun]]:
    """Read an API with a definition written by hand."""
    return read({"OpenApiVersion": None, "DefinitionBody": body, **api}, events={})


def definition(operation: Mapping[str, Any] | None = None, **keys: Any) -> dict[str, Any]:
    """Return a definition with one operation, GET /hello, answered by the function unless told otherwise."""
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": PROXY_URI}
    get = {"x-amazon-apigateway-integration": integration, "responses": {}, **(operation or {})}
    return {"openapi": "3.0.1", "info": {"title": "hello"}, "paths": {"/hello": {"get": get}}, **keys}


def method(rest_api: RestApi, verb: str = "GET", path: str = "/hello") -> Method:
    """Return one method of an API."""
    (resource,) = (resource for resource in rest_api.resources if resource.path == path)
    return resource.methods[verb]


def refusal(
    api: Mapping[str, Any] | None = None, *, events: Mapping[str, Mapping[str, Any]] | None = None
) -> str:
    """Return the line that an API is refused with."""
    with pytest.raises(StartError) as caught:
        read(api, events=events)
    return str(caught.value)


def refusal_of_body(body: Mapping[str, Any], **api: Any) -> str:
    """Return the line that an API with a definition written by hand is refused with."""
    with pytest.raises(StartError) as caught:
        read_body(body, **api)
    return str(caught.value)


def auth(authorizers: Mapping[str, Any], default: str | None = None, **keys: Any) -> dict[str, Any]:
    """Return the Auth of an API with these authorizers."""
    chosen = {} if default is None else {"DefaultAuthorizer": default}
    return {"Auth": {"Authorizers": authorizers, **chosen, **keys}}


def secured(security: Any, **schemes: Any) -> dict[str, Any]:
    """Return a definition written by hand, its operation with this security."""
    return definition({"security": security}, components={"securitySchemes": schemes})


@cache
def _session() -> Any:
    return new_session(REGION)


def _template(api: Mapping[str, Any], events: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    function = {
        "Runtime": "python3.13",
        "Handler": "app.lambda_handler",
        "CodeUri": "s3://bucket/key",
        "Events": {
            name: {"Type": "Api", "Properties": {"RestApiId": {"Ref": "HelloApi"}, **event}}
            for name, event in events.items()
        },
    }
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "HelloApi": {"Type": "AWS::Serverless::Api", "Properties": api},
            "HelloFunction": {"Type": "AWS::Serverless::Function", "Properties": function},
        },
    }


def _resolve(value: Any) -> Any:
    """Resolve the intrinsic functions that SAM itself writes; the test templates have none."""
    match value:
        case {"Ref": str() as name}:
            return {"AWS::StackName": "hello-api"}.get(name, name)
        case {"Fn::Sub": [str() as text, {**variables}]}:
            text = re.sub(r"\$\{(\w+)\}", lambda found: str(_resolve(variables[found[1]])), text)
            return text.replace("${AWS::Region}", REGION)
        case {"Fn::Sub": str() as text}:
            return text.replace("${AWS::Region}", REGION).replace("${HelloFunction.Arn}", FUNCTION_ARN)
        case dict():
            return {key: _resolve(part) for key, part in value.items()}
        case list():
            return [_resolve(part) for part in value]
    return value
