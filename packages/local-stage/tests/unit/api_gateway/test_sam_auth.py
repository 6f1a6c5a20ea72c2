"""Nothing that SAM's own schema can say as `Auth` is refused, and whatever asks for a caller is enforced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from samtranslator.internal.schema_source import (
    aws_serverless_api,
    aws_serverless_function,
    aws_serverless_httpapi,
)

from tests.http_api import AUTHORIZER_ARN, event, read_api
from tests.tokens import CLIENT_ID, ISSUER
from tests.unit.api_gateway.sam_api import POOL_ARN, method, read

IDENTITY: Final = {"Header": "X-Token"}
SOURCES: Final = {"Headers": ["X-A"]}
ROLE: Final = "arn:aws:iam::123456789012:role/invoke"
ACCOUNT: Final = "123456789012"
STATEMENT: Final = {
    "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
}  # fmt: skip

COGNITO: Final[Mapping[str, list[Any]]] = {
    "UserPoolArn": [POOL_ARN, [POOL_ARN]],
    "AuthorizationScopes": [["hello/read"]],
    "Identity": [IDENTITY],
}
LAMBDA: Final[Mapping[str, list[Any]]] = {
    "FunctionArn": [AUTHORIZER_ARN, f"{AUTHORIZER_ARN}:live"],
    "FunctionInvokeRole": [ROLE, "NONE"],
    "FunctionPayloadType": ["TOKEN"],
    "Identity": [IDENTITY],
    "DisableFunctionDefaultPermissions": [True, False],
}
POLICY: Final[Mapping[str, list[Any]]] = {
    "AwsAccountBlacklist": [[ACCOUNT]],
    "AwsAccountWhitelist": [[ACCOUNT]],
    "CustomStatements": [[STATEMENT]],
    "IntrinsicVpcBlacklist": [["vpc-1"]],
    "IntrinsicVpcWhitelist": [["vpc-1"]],
    "IntrinsicVpceBlacklist": [["vpce-1"]],
    "IntrinsicVpceWhitelist": [["vpce-1"]],
    "IpRangeBlacklist": [["10.0.0.0/8", "192.0.2.1"]],
    "IpRangeWhitelist": [["127.0.0.1"]],
    "SourceVpcBlacklist": [["vpc-1", "vpce-1"]],
    "SourceVpcWhitelist": [["vpc-1", "vpce-1"]],
}
PLAN: Final[Mapping[str, list[Any]]] = {
    "CreateUsagePlan": ["PER_API", "SHARED", "NONE"],
    "Description": ["plan"],
    "Quota": [{"Limit": 5, "Period": "DAY"}],
    "Tags": [[{"Key": "a", "Value": "b"}]],
    "Throttle": [{"BurstLimit": 1, "RateLimit": 1}],
    "UsagePlanName": ["plan"],
}
POOL: Final = {"Pool": {"UserPoolArn": POOL_ARN}}
REST: Final[Mapping[str, list[Any]]] = {
    "AddDefaultAuthorizerToCorsPreflight": [True, False],
    "AddApiKeyRequiredToCorsPreflight": [True, False],
    "ApiKeyRequired": [True],
    "Authorizers": [POOL],
    "DefaultAuthorizer": ["Pool", "AWS_IAM"],
    "InvokeRole": [ROLE, "CALLER_CREDENTIALS", "NONE"],
    "ResourcePolicy": [{"CustomStatements": [STATEMENT]}],
    "UsagePlan": [{"CreateUsagePlan": "PER_API"}],
}
REST_EVENT: Final[Mapping[str, list[Any]]] = {
    "ApiKeyRequired": [True, False],
    "AuthorizationScopes": [["hello/read"]],
    "Authorizer": ["Pool", "NONE", "AWS_IAM"],
    "InvokeRole": [ROLE, "CALLER_CREDENTIALS", "NONE"],
    "OverrideApiAuth": [True, False],
    "ResourcePolicy": [{"CustomStatements": [STATEMENT]}],
}
JWT: Final[Mapping[str, list[Any]]] = {
    "AuthorizationScopes": [["hello/read"]],
    "IdentitySource": ["$request.header.Authorization", "$request.querystring.token"],
    "JwtConfiguration": [
        {"issuer": ISSUER, "audience": [CLIENT_ID]},
        {"Issuer": ISSUER, "Audience": ["a", "b"]},
    ],
}
OAUTH: Final = {"IdentitySource": JWT["IdentitySource"][0], "JwtConfiguration": JWT["JwtConfiguration"][0]}
HTTP_LAMBDA: Final[Mapping[str, list[Any]]] = {
    "AuthorizerPayloadFormatVersion": ["1.0", "2.0", 1.0, 2.0],
    "EnableSimpleResponses": [True, False],
    "FunctionArn": [AUTHORIZER_ARN],
    "FunctionInvokeRole": [ROLE, "NONE"],
    "EnableFunctionDefaultPermissions": [True, False],
    "Identity": [SOURCES],
}
HTTP: Final[Mapping[str, list[Any]]] = {
    "Authorizers": [],
    "DefaultAuthorizer": ["Own", "AWS_IAM"],
    "EnableIamAuthorizer": [True, False],
}
HTTP_EVENT: Final[Mapping[str, list[Any]]] = {
    "AuthorizationScopes": [["hello/read"]],
    "Authorizer": ["Own", "NONE", "AWS_IAM"],
}
EVERY_SOURCE: Final[Mapping[str, list[Any]]] = {
    "Context": [["identity.sourceIp"], ["routeKey"]],
    "Headers": [["X-A", "Authorization"]],
    "QueryStrings": [["a", "b"]],
    "ReauthorizeEvery": [0, 300, 3600],
    "StageVariables": [["a"]],
}
TOKEN_IDENTITY: Final[Mapping[str, list[Any]]] = {
    "Header": ["X-Token", "Authorization"],
    "ReauthorizeEvery": [0, 300],
    "ValidationExpression": ["^Bearer .+$"],
}

WALKED: Final = (
    (aws_serverless_api.Auth, REST),
    (aws_serverless_api.CognitoAuthorizer, COGNITO),
    (aws_serverless_api.CognitoAuthorizerIdentity, TOKEN_IDENTITY),
    (aws_serverless_api.LambdaTokenAuthorizer, LAMBDA),
    (aws_serverless_api.LambdaTokenAuthorizerIdentity, TOKEN_IDENTITY),
    (aws_serverless_api.LambdaRequestAuthorizer, LAMBDA),
    (aws_serverless_api.LambdaRequestAuthorizerIdentity, EVERY_SOURCE),
    (aws_serverless_api.ResourcePolicy, POLICY),
    (aws_serverless_api.UsagePlan, PLAN),
    (aws_serverless_function.ApiAuth, REST_EVENT),
    (aws_serverless_function.ResourcePolicy, POLICY),
    (aws_serverless_function.HttpApiAuth, HTTP_EVENT),
    (aws_serverless_httpapi.Auth, HTTP),
    (aws_serverless_httpapi.OAuth2Authorizer, JWT),
    (aws_serverless_httpapi.LambdaAuthorizer, HTTP_LAMBDA),
    (aws_serverless_httpapi.LambdaAuthorizerIdentity, EVERY_SOURCE),
)


@pytest.mark.parametrize(("model", "values"), WALKED, ids=lambda part: getattr(part, "__name__", ""))
def test_every_property_of_sams_schema_is_walked(model: Any, values: Mapping[str, list[Any]]) -> None:
    assert set(model.__fields__) == set(values)


def each(values: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Yield each value of each property, alone."""
    for name, listed in values.items():
        yield from ({name: value} for value in listed)


def rest_authorizers() -> Iterator[dict[str, Any]]:
    function = {"FunctionArn": AUTHORIZER_ARN}
    request = {**function, "FunctionPayloadType": "REQUEST"}
    for of_pool in each(COGNITO):
        yield {"UserPoolArn": POOL_ARN, **of_pool}
    for identity in each(TOKEN_IDENTITY):
        yield {"UserPoolArn": POOL_ARN, "Identity": identity}
        yield {**function, "Identity": identity}
    for of_function in each(LAMBDA):
        yield {**function, **of_function}
        yield {**request, **of_function, "FunctionPayloadType": "REQUEST", "Identity": SOURCES}
    for sources in each(EVERY_SOURCE):
        yield {**request, "Identity": {**SOURCES, **sources}}
    yield {**request, "Identity": {"ReauthorizeEvery": 0}}


def rest_auths() -> Iterator[dict[str, Any]]:
    yield from ({"Authorizers": POOL, **one} for one in each(REST))
    yield {"ResourcePolicy": {name: listed[0] for name, listed in POLICY.items()}}
    whole = {name: listed[0] for name, listed in PLAN.items()}
    for kind in PLAN["CreateUsagePlan"]:
        yield {"ApiKeyRequired": True, "UsagePlan": {**whole, "CreateUsagePlan": kind}}


def rest_events() -> Iterator[dict[str, Any]]:
    yield from ({"Authorizer": "Pool", **one} for one in each(REST_EVENT))
    yield {"Authorizer": "Pool", "OverrideApiAuth": True, "AuthorizationScopes": ["hello/read"]}
    yield {"Authorizer": "Pool", "OverrideApiAuth": True, "ApiKeyRequired": True}
    yield from ({"ResourcePolicy": policy} for policy in each(POLICY))


def http_authorizers() -> Iterator[dict[str, Any]]:
    yield from ({**OAUTH, **one} for one in each(JWT))
    function = {"FunctionArn": AUTHORIZER_ARN, "AuthorizerPayloadFormatVersion": "2.0"}
    yield from ({**function, **one} for one in each(HTTP_LAMBDA))
    yield from ({**function, "Identity": {**SOURCES, **one}} for one in each(EVERY_SOURCE))


def number[T](values: Iterator[T]) -> dict[str, T]:
    """Return the values by names of their own."""
    return {f"N{number}": value for number, value in enumerate(values)}


def test_no_authorizer_of_a_rest_api_is_refused() -> None:
    authorizers = number(rest_authorizers())
    events = {
        name: {"Path": f"/{name}", "Method": "get", "Auth": {"Authorizer": name}} for name in authorizers
    }
    rest_api, _ = read({"Auth": {"Authorizers": authorizers}}, events=events)
    assert {name: method(rest_api, path=f"/{name}").authorizer for name in authorizers} == {
        name: name for name in authorizers
    }
    assert {one.name for one in rest_api.cognito_authorizers} | {
        one.name for one in rest_api.lambda_authorizers
    } == set(authorizers)


def test_no_auth_of_a_rest_api_is_refused(subtests: pytest.Subtests) -> None:
    for auth in rest_auths():
        with subtests.test(str(auth)):
            rest_api, _ = read({"Auth": auth, "Cors": "'*'"})
            assert method(rest_api).authorizer == auth.get("DefaultAuthorizer")
            assert method(rest_api).api_key_required is auth.get("ApiKeyRequired", False)
            assert (rest_api.resource_policy is None) is ("ResourcePolicy" not in auth)


def test_no_auth_of_an_event_of_a_rest_api_is_refused() -> None:
    said = number(rest_events())
    auth = {"Authorizers": POOL, "DefaultAuthorizer": "Pool", "ApiKeyRequired": True}
    events = {name: {"Path": f"/{name}", "Method": "get", "Auth": own} for name, own in said.items()}
    rest_api, _ = read({"Auth": auth}, events=events)
    assert rest_api.resource_policy is not None
    for name, own in said.items():
        found, named = method(rest_api, path=f"/{name}"), own.get("Authorizer", "Pool")
        assert found.authorizer == (None if named == "NONE" else named)
        assert found.api_key_required is own.get("ApiKeyRequired", True)
        assert list(found.scopes) == own.get("AuthorizationScopes", [])


def test_no_authorizer_of_an_http_api_is_refused() -> None:
    authorizers = number(http_authorizers())
    routes = {name: event(f"GET /{name}", Auth={"Authorizer": name}) for name in authorizers}
    http_api, _ = read_api({"Auth": {"Authorizers": authorizers}}, routes)
    assert {route.path: route.authorizer for route in http_api.routes} == {
        f"/{name}": name for name in authorizers
    }


def test_no_auth_of_an_http_api_is_refused(subtests: pytest.Subtests) -> None:
    for one in each(HTTP):
        auth = {"Authorizers": {"Own": OAUTH}, "DefaultAuthorizer": "Own", "EnableIamAuthorizer": True, **one}
        with subtests.test(str(auth)):
            http_api, _ = read_api({"Auth": auth}, {"Get": event("GET /hello")})
            assert [route.authorizer for route in http_api.routes] == [auth["DefaultAuthorizer"]]


def test_no_auth_of_an_event_of_an_http_api_is_refused() -> None:
    said = number(each(HTTP_EVENT))
    auth = {"Authorizers": {"Own": OAUTH}, "DefaultAuthorizer": "Own", "EnableIamAuthorizer": True}
    http_api, _ = read_api(
        {"Auth": auth}, {name: event(f"GET /{name}", Auth=own) for name, own in said.items()}
    )
    routes = {route.path: route for route in http_api.routes}
    for name, own in said.items():
        named = own.get("Authorizer", "Own")
        assert routes[f"/{name}"].authorizer == (None if named == "NONE" else named)
        assert list(routes[f"/{name}"].scopes) == own.get("AuthorizationScopes", [])
