"""Templates of any size and of each kind of API, where the Hello API will not do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks.start import Serve
from benchmarks.subjects import build_bare
from tests.stage_process import running_stage

type Resource = dict[str, Any]

_USER_POOL: Final[Mapping[str, Resource]] = {
    "UserPool": {"Type": "AWS::Cognito::UserPool"},
    "UserPoolClient": {
        "Type": "AWS::Cognito::UserPoolClient",
        "Properties": {
            "UserPoolId": {"Ref": "UserPool"},
            "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
        },
    },
}
_REST_API: Final[Mapping[str, Resource]] = {
    "RestApi": {
        "Type": "AWS::Serverless::Api",
        "Properties": {
            "StageName": "dev",
            "Auth": {
                "DefaultAuthorizer": "Pool",
                "Authorizers": {"Pool": {"UserPoolArn": {"Fn::GetAtt": ["UserPool", "Arn"]}}},
            },
        },
    },
}
_OUTPUTS: Final = {
    "UserPoolId": {"Value": {"Ref": "UserPool"}},
    "UserPoolClientId": {"Value": {"Ref": "UserPoolClient"}},
}


def write_template(folder: Path, resources: Mapping[str, Resource], *, has_rest_api: bool = True) -> Path:
    """Write a template with a user pool, `RestApi`, whose callers it authorizes, and these resources.

    The bare handler lies beside it, in `function/`. Makes the folder, and returns the template.
    """
    build_bare(folder / "function")
    content = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {**_USER_POOL, **(_REST_API if has_rest_api else {}), **resources},
        "Outputs": _OUTPUTS,
    }
    file = folder / "template.yaml"
    file.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return file


def serve_template(folder: Path, resources: Mapping[str, Resource]) -> Serve:
    """Write a template, and return what runs a stage of it in its folder."""
    return partial(running_stage, folder, "--template", str(write_template(folder, resources)))


def build_function(events: Mapping[str, Resource], **properties: Any) -> Resource:
    """Return a function of the bare handler, called by these events."""
    values = {
        "Runtime": "python3.13",
        "Handler": "app.lambda_handler",
        "CodeUri": "function/",
        "Events": events,
        **properties,
    }
    return {"Type": "AWS::Serverless::Function", "Properties": values}


def build_route(path: str, api: str = "RestApi") -> Resource:
    """Return the event of a `GET` of this path."""
    return {"Type": "Api", "Properties": {"RestApiId": {"Ref": api}, "Path": path, "Method": "GET"}}


def build_functions(functions: int, routes: int) -> dict[str, Resource]:
    """Return so many functions, each with its part of so many routes: /function-0/route-0 and so on."""
    return {
        f"Function{one}": build_function(
            {
                f"Route{number}": build_route(f"/function-{one}/route-{number}")
                for number in range(routes // functions)
            }
        )
        for one in range(functions)
    }
