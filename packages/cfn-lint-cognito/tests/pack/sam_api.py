"""A SAM template with one API, one function and one route, of which each test changes a part."""

from __future__ import annotations

from typing import Any

from tests.pack.found import CHOICE, read

AUTHORIZERS = {"Pool": {"UserPoolArn": {"Fn::GetAtt": ["Pool", "Arn"]}}}
ORIGIN = "'https://app.example.com'"


def sam_api(*, event: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    """Return the template. `event` is merged into the route `GET /me`, `properties` into the API's."""
    source = read(CHOICE)
    route = {"RestApiId": {"Ref": "Api"}, "Path": "/me", "Method": "GET"} | (event or {})
    source["Resources"] = {
        "Api": {"Type": "AWS::Serverless::Api", "Properties": {"Auth": auth()} | properties},
        "Function": {
            "Type": "AWS::Serverless::Function",
            "Properties": {"Events": {"Route": {"Type": "Api", "Properties": route}}},
        },
    }
    return source


def auth(**changes: Any) -> dict[str, Any]:
    """Return an API's `Auth`: the authorizer is the default, and not on preflights."""
    whole = {
        "DefaultAuthorizer": "Pool",
        "AddDefaultAuthorizerToCorsPreflight": False,
        "Authorizers": AUTHORIZERS,
    }
    return {key: value for key, value in (whole | changes).items() if value is not None}


def gateway_response(**headers: str) -> dict[str, Any]:
    """Return a gateway response with headers, whose names have `_` for `-`."""
    return {
        "ResponseParameters": {"Headers": {name.replace("_", "-"): value for name, value in headers.items()}}
    }
