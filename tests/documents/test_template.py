"""What template.yaml must never lose, as written and as AWS's own translator deploys it."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from local_stage.cloudformation.template import Template, read_template

AUTHORIZER: Final = "UserPoolAuthorizer"
PHYSICAL_NAMES: Final = {
    "ApiKeyName",
    "ClientName",
    "FunctionName",
    "LogGroupName",
    "RoleName",
    "UserPoolName",
}


@functools.cache
def template() -> Template:
    return read_template(Path(__file__).parents[2] / "template.yaml", {}, "ap-northeast-1")


def resources() -> Mapping[str, Any]:
    written: Mapping[str, Any] = template().source["Resources"]
    return written


def properties(logical_id: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = resources()[logical_id]["Properties"]
    return found


def api_events() -> dict[str, Mapping[str, Any]]:
    return {name: event["Properties"] for name, event in properties("HelloFunction")["Events"].items()}


def methods() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield (verb, path, operation) of the OpenAPI document that is deployed."""
    for path, item in template().resources["HelloApi"]["Properties"]["Body"]["paths"].items():
        for verb, operation in item.items():
            yield verb, path, operation


def find_scopes(operation: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield the scopes with which the operation is behind the authorizer; nothing, if it is not."""
    for requirement in operation.get("security", []):
        yield requirement[AUTHORIZER]


def texts(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for key, member in value.items():
                yield from (str(key), *texts(member))
        case list():
            for member in value:
                yield from texts(member)
        case _:
            yield str(value)


def test_every_method_but_preflights_is_behind_the_authorizer() -> None:
    unprotected = {verb for verb, _, operation in methods() if not list(find_scopes(operation))}
    assert unprotected == {"options"}


def test_the_routes_are_those_of_the_function() -> None:
    assert {(verb, path) for verb, path, _ in methods() if verb != "options"} == {
        ("get", "/hello"),
        ("post", "/hello"),
        ("get", "/me"),
        ("get", "/admin/hello"),
        ("get", "/machine/hello"),
    }


def test_a_preflight_needs_no_token() -> None:
    preflights = [operation for verb, _, operation in methods() if verb == "options"]
    assert len(preflights) == 4
    assert not any("security" in operation for operation in preflights)


def test_the_authorizer_is_the_default_and_accepts_the_pool() -> None:
    auth = properties("HelloApi")["Auth"]
    assert auth["DefaultAuthorizer"] == AUTHORIZER
    assert auth["AddDefaultAuthorizerToCorsPreflight"] is False
    assert auth["Authorizers"] == {AUTHORIZER: {"UserPoolArn": {"Fn::GetAtt": ["UserPool", "Arn"]}}}


def test_no_event_opts_out_of_the_authorizer() -> None:
    chosen = {name: event["Auth"]["Authorizer"] for name, event in api_events().items() if "Auth" in event}
    assert chosen == {"GetMachineHello": AUTHORIZER}


def test_machines_need_the_scope_and_nobody_else_does() -> None:
    scopes = {path: scopes for _, path, operation in methods() for scopes in find_scopes(operation)}
    assert scopes == {"/hello": [], "/me": [], "/admin/hello": [], "/machine/hello": ["hello/read"]}


def test_one_origin_is_allowed_everywhere_and_never_all() -> None:
    api = properties("HelloApi")
    origin = {"Fn::Sub": "'${AllowedOrigin}'"}
    assert api["Cors"]["AllowOrigin"] == origin
    for kind in ("DEFAULT_4XX", "DEFAULT_5XX"):
        headers = api["GatewayResponses"][kind]["ResponseParameters"]["Headers"]
        assert headers["Access-Control-Allow-Origin"] == origin
    variables = properties("HelloFunction")["Environment"]["Variables"]
    assert variables["ALLOWED_ORIGIN"] == {"Ref": "AllowedOrigin"}


def test_cookies_are_never_allowed_across_origins() -> None:
    assert "AllowCredentials" not in properties("HelloApi")["Cors"]
    assert not [text for text in texts(template().translated) if "allow-credentials" in text.lower()]


@pytest.mark.parametrize("origin", ["*", "https://*.example.com", "https://a.example.com/", "null", "'*'"])
def test_the_allowed_origin_can_be_no_pattern(origin: str) -> None:
    pattern = template().source["Parameters"]["AllowedOrigin"]["AllowedPattern"]
    assert re.fullmatch(pattern, origin) is None


def test_the_default_origin_is_allowed_by_its_own_pattern() -> None:
    parameter = template().source["Parameters"]["AllowedOrigin"]
    assert re.fullmatch(parameter["AllowedPattern"], parameter["Default"])


def test_the_public_client_has_no_secret_and_three_flows() -> None:
    client = properties("UserPoolClient")
    assert client["GenerateSecret"] is False
    assert client["ExplicitAuthFlows"] == [
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    ]


def test_the_machine_client_has_a_secret_and_signs_in_no_people() -> None:
    client = properties("MachineClient")
    assert client["GenerateSecret"] is True
    assert client["AllowedOAuthFlows"] == ["client_credentials"]
    assert client["AllowedOAuthScopes"] == ["hello/read"]
    assert client["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    assert resources()["MachineClient"]["DependsOn"] == "HelloResourceServer"


@pytest.mark.parametrize("client", ["UserPoolClient", "MachineClient"])
def test_no_client_tells_who_has_an_account_and_tokens_can_be_revoked(client: str) -> None:
    assert properties(client)["PreventUserExistenceErrors"] == "ENABLED"
    assert properties(client)["EnableTokenRevocation"] is True


def test_the_users_outlive_stack_and_replacement() -> None:
    pool = resources()["UserPool"]
    assert (pool["DeletionPolicy"], pool["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_only_administrators_create_users_whose_plain_names_sign_in() -> None:
    pool = properties("UserPool")
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}
    assert not {"UsernameAttributes", "AliasAttributes", "Schema"} & pool.keys()


def test_passwords_are_long_and_mixed() -> None:
    policy = properties("UserPool")["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] >= 12
    assert all(policy[f"Require{kind}"] for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols"))


def test_no_resource_has_a_name_that_blocks_its_replacement() -> None:
    named = {
        (logical_id, name)
        for logical_id, resource in resources().items()
        for name in PHYSICAL_NAMES & resource["Properties"].keys()
    }
    assert named == set()


def test_the_group_is_the_one_that_the_function_asks_for() -> None:
    assert properties("AdminsGroup")["GroupName"] == "admins"


def test_the_scope_is_the_one_that_the_function_asks_for() -> None:
    server = properties("HelloResourceServer")
    assert [f"{server['Identifier']}/{scope['ScopeName']}" for scope in server["Scopes"]] == ["hello/read"]


def test_the_access_log_is_json_and_holds_no_token() -> None:
    setting = properties("HelloApi")["AccessLogSetting"]["Fn::If"][1]
    line = json.loads(setting["Format"])
    assert line["requestId"] == "$context.requestId"
    assert {value for value in line.values() if "claims" in value} == {"$context.authorizer.claims.sub"}
    assert not [value for value in line.values() if "header" in value.lower()]


def test_throttling_and_tracing_are_on() -> None:
    api = properties("HelloApi")
    (setting,) = api["MethodSettings"]
    assert (setting["HttpMethod"], setting["ResourcePath"]) == ("*", "/*")
    assert {"ThrottlingRateLimit", "ThrottlingBurstLimit"} <= setting.keys()
    assert api["TracingEnabled"] is True
    assert template().source["Globals"]["Function"]["Tracing"] == "Active"


def test_every_log_group_forgets() -> None:
    groups = [resource for resource in resources().values() if resource["Type"] == "AWS::Logs::LogGroup"]
    assert len(groups) == 2
    assert all(group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"} for group in groups)


def test_the_outputs_tell_what_a_caller_needs_and_no_secret() -> None:
    outputs = template().source["Outputs"]
    assert outputs.keys() == {
        "ApiUrl",
        "UserPoolId",
        "UserPoolClientId",
        "MachineClientId",
        "TokenEndpoint",
        "HelloFunctionName",
    }
    assert not [text for text in texts([output["Value"] for output in outputs.values()]) if "Secret" in text]


def test_the_api_url_is_the_stages_without_a_slash_at_the_end() -> None:
    url = template().source["Outputs"]["ApiUrl"]["Value"]["Fn::Sub"]
    assert url == "https://${HelloApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${StageName}"


def test_the_function_may_do_nothing_but_log_and_trace() -> None:
    role = template().resources["HelloFunctionRole"]["Properties"]
    assert {arn.rsplit("/", 1)[-1] for arn in texts(role["ManagedPolicyArns"]) if "/" in arn} == {
        "AWSLambdaBasicExecutionRole",
        "AWSXrayWriteOnlyAccess",
    }
    assert "Policies" not in role
