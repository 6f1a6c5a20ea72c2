"""Who may call: every method is behind the authorizer, and pages of one origin can read every answer."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.unit.template.written_template import (
    AUTHORIZER,
    deployed,
    methods,
    of_type,
    operations,
    properties,
    template,
    texts,
)


def api_events() -> dict[str, Mapping[str, Any]]:
    return {name: event["Properties"] for name, event in properties("HelloFunction")["Events"].items()}


def find_scopes(operation: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield the scopes with which the operation is behind the authorizer; nothing, if it is not."""
    for requirement in operation.get("security", []):
        yield requirement[AUTHORIZER]


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


def test_a_body_is_validated_wherever_one_may_come() -> None:
    validated = {
        (verb, path): operation["requestBody"]["content"]["application/json"]["schema"]
        for verb, path, operation in methods()
        if "x-amazon-apigateway-request-validator" in operation
    }
    assert validated == {("post", "/hello"): {"$ref": "#/components/schemas/jsonobject"}}
    assert properties("HelloApi")["Models"]["JsonObject"] == {"type": "object"}


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


def test_a_parameter_alone_reaches_the_stage() -> None:
    """SAM makes a deployment for another definition only, and the origin in it is still a reference."""
    assert properties("HelloApi")["AlwaysDeploy"] is True


def test_the_access_log_is_json_and_holds_no_token() -> None:
    setting = properties("HelloApi")["AccessLogSetting"]["Fn::If"][1]
    line = json.loads(setting["Format"])
    assert line["requestId"] == "$context.requestId"
    assert {value for value in line.values() if "claims" in value} == {"$context.authorizer.claims.sub"}
    assert not [value for value in line.values() if "header" in value.lower()]


def test_the_access_log_says_how_a_request_ended_and_why() -> None:
    line = json.loads(properties("HelloApi")["AccessLogSetting"]["Fn::If"][1]["Format"])
    assert line.items() >= {
        ("status", "$context.status"),
        ("authorizerError", "$context.authorizer.error"),
        ("errorType", "$context.error.responseType"),
        ("errorMessage", "$context.error.message"),
    }


def test_there_is_no_access_log_where_the_account_cannot_write_one() -> None:
    resources = deployed(AccessLog="disabled")
    assert "AccessLogSetting" not in resources["HelloApiStage"]["Properties"]
    assert "HelloApiLog" not in resources


def test_throttling_metrics_and_tracing_are_on() -> None:
    api = properties("HelloApi")
    (setting,) = api["MethodSettings"]
    assert (setting["HttpMethod"], setting["ResourcePath"]) == ("*", "/*")
    assert setting["ThrottlingRateLimit"] == {"Ref": "ThrottlingRate"}
    assert setting["ThrottlingBurstLimit"] == {"Ref": "ThrottlingBurst"}
    assert setting["MetricsEnabled"] is True
    assert api["TracingEnabled"] is True


def test_no_execution_log_is_written_which_would_hold_whole_requests() -> None:
    (setting,) = properties("HelloApi")["MethodSettings"]
    assert not {"LoggingLevel", "DataTraceEnabled"} & setting.keys()


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_the_web_acl_stands_before_the_api_and_the_sign_in_only_if_it_is_asked_for(environment: str) -> None:
    assert not of_type(operations(environment), "AWS::WAFv2::WebACL")
    guarded = of_type(operations(environment, WebAcl="enabled"), "AWS::WAFv2::WebACLAssociation").values()
    assert {association["ResourceArn"] for association in guarded} == {
        f"arn:aws:apigateway:ap-northeast-1::/restapis/HelloApi/stages/{environment}",
        "arn:aws:cognito-idp:ap-northeast-1:123456789012:userpool/UserPool",
    }


def test_the_web_acl_shows_no_requests_in_the_console() -> None:
    acl = operations(WebAcl="enabled")["HelloWebAcl"]["Properties"]
    rules = [rule["VisibilityConfig"] for rule in acl["Rules"]]
    assert not any(visibility["SampledRequestsEnabled"] for visibility in (acl["VisibilityConfig"], *rules))


def test_the_web_acl_blocks_an_address_after_a_thousand_requests_in_five_minutes() -> None:
    first = operations(WebAcl="enabled")["HelloWebAcl"]["Properties"]["Rules"][0]
    assert first["Action"] == {"Block": {}}
    limit = {"AggregateKeyType": "IP", "EvaluationWindowSec": 300, "Limit": 1000}
    assert first["Statement"] == {"RateBasedStatement": limit}


def test_the_web_acl_does_what_awss_own_rule_groups_say() -> None:
    """A group whose actions are overridden would count bad requests, and let them in."""
    acl = operations(WebAcl="enabled")["HelloWebAcl"]["Properties"]
    _, *managed = sorted(acl["Rules"], key=operator.itemgetter("Priority"))
    assert acl["DefaultAction"] == {"Allow": {}}
    assert {rule["Statement"]["ManagedRuleGroupStatement"]["Name"] for rule in managed} == {
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesKnownBadInputsRuleSet",
    }
    assert all(
        rule["Statement"]["ManagedRuleGroupStatement"].keys() == {"VendorName", "Name"} for rule in managed
    )
    assert [rule["OverrideAction"] for rule in managed] == [{"None": {}}, {"None": {}}]
