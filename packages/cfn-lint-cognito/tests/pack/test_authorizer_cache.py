"""A policy for one method, kept for all: found where the function's code can be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cfn_lint_cognito.authorizer_cache import find_narrow_policies
from cfn_lint_cognito.template import Template
from tests.pack.found import find_paths

PYTHON = 'policy = {"Effect": "Allow", "Resource": event["methodArn"]}'
NODEJS = "exports.handler = async (event) => generatePolicy('user', 'Allow', event.methodArn);"
AUTHORIZER = ("Resources", "Api", "Properties", "Auth", "Authorizers", "Token", "FunctionArn")


def template(
    code: str | None = PYTHON, *, kind: str = "Api", paths: tuple[str, ...] = ("/a", "/b"), **identity: Any
) -> dict[str, Any]:
    """Return a template whose authorizer judges a method for each path; `code` is its function's."""
    authorizer = {"FunctionArn": {"Fn::GetAtt": ["Authorizer", "Arn"]}, "Identity": identity}
    auth = {"DefaultAuthorizer": "Token", "Authorizers": {"Token": authorizer}}
    name = "RestApiId" if kind == "Api" else "ApiId"
    events = {
        f"Route{position}": {
            "Type": kind,
            "Properties": {name: {"Ref": "Api"}, "Path": path, "Method": "get"},
        }
        for position, path in enumerate(paths)
    }
    own = {"InlineCode": code} if code else {"CodeUri": "authorizer/", "Handler": "app.handler"}
    return {
        "Resources": {
            "Api": {"Type": f"AWS::Serverless::{kind}", "Properties": {"Auth": auth}},
            "Authorizer": {"Type": "AWS::Serverless::Function", "Properties": own},
            "Function": {"Type": "AWS::Serverless::Function", "Properties": {"Events": events}},
        }
    }


@pytest.mark.parametrize("code", [PYTHON, NODEJS, "allow(event['methodArn'])", "allow(event?.methodArn)"])
def test_a_policy_for_the_call_alone_is_found(code: str) -> None:
    assert find_paths("W9553", template(code)) == [AUTHORIZER]


@pytest.mark.parametrize(
    "code",
    [
        'stage = event["methodArn"].split("/")',
        'allow("*"); log(event["methodArn"])',
        "const arn = event.methodArn.replace(/GET.*/, '*')",
        'allow(event["methodArn"], stage + "/*")',
        "return true",
    ],
)
def test_a_wider_policy_is_none(code: str) -> None:
    assert find_paths("W9553", template(code)) == []


def test_one_method_has_nothing_to_share_unless_its_path_varies() -> None:
    assert find_paths("W9553", template(paths=("/a",))) == []
    assert find_paths("W9553", template(paths=("/a/{id}",))) == [AUTHORIZER]


@pytest.mark.parametrize(("lifetime", "found"), [(0, []), ("0", []), (60, [AUTHORIZER]), ({"Ref": "X"}, [])])
def test_what_is_not_kept_is_no_fault(lifetime: Any, found: list[Any]) -> None:
    assert find_paths("W9553", template(ReauthorizeEvery=lifetime)) == found


def test_an_http_api_keeps_nothing_unless_it_is_told_to() -> None:
    code = 'allow(event["routeArn"])'
    assert find_paths("W9553", template(code, kind="HttpApi")) == []
    assert find_paths("W9553", template(code, kind="HttpApi", ReauthorizeEvery=60)) == [AUTHORIZER]


@pytest.mark.parametrize(("file", "code"), [("app.py", PYTHON), ("app.mjs", NODEJS)])
def test_the_code_is_read_beside_the_template(tmp_path: Path, file: str, code: str) -> None:
    (tmp_path / "authorizer").mkdir()
    (tmp_path / "authorizer" / file).write_text(code)
    found = find_narrow_policies(Template.of(template(None), tmp_path))
    assert [finding.path for finding in found] == [AUTHORIZER]
    assert list(find_narrow_policies(Template.of(template(None)))) == []
