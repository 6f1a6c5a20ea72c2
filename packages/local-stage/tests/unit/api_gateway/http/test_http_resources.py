"""Routes and authorizers of their own become a document; what is not clear is refused or closed."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.api_gateway.authorizers.iam import IamAuthorizerSettings
from local_stage.api_gateway.authorizers.jwt import JwtAuthorizerSettings
from local_stage.api_gateway.http.http_api_reader import read_http_api
from local_stage.api_gateway.http.identity_source import HttpIdentitySource
from local_stage.api_gateway.http.lambda_authorizer import HttpLambdaAuthorizerSettings
from local_stage.api_gateway.http.lambda_integration import LambdaIntegration, UnrunIntegration
from local_stage.api_gateway.template_part import ApiResource
from local_stage.errors import TemplateError
from tests.http_api import FUNCTION_ARN, URI
from tests.tokens import CLIENT_ID, ISSUER
from tests.unit.api_gateway.http.api_of_resources import (
    OVERRIDES,
    PROTECTED,
    UNKNOWN,
    authorizer,
    integration,
    issuer_of,
    read,
    route,
)


def integration_of(*resources: ApiResource, **api: Any) -> Any:
    http_api, _ = read(*resources, **api)
    return http_api.http_routes[0].integration


def test_a_route_is_protected_by_its_authorizer() -> None:
    http_api, not_run = read(authorizer(), integration(), route(**PROTECTED, AuthorizationScopes=["a/b"]))
    (only,) = http_api.routes
    assert (only.http_method, only.path, only.authorizer, only.scopes) == ("GET", "/", "Own", ("a/b",))
    settings = http_api.authorizers["Own"]
    assert isinstance(settings, JwtAuthorizerSettings)
    assert (settings.issuer, settings.audience, not_run) == (ISSUER, (CLIENT_ID,), [])


def test_a_route_asks_a_function_or_a_signature() -> None:
    asked = authorizer(
        AuthorizerType="REQUEST",
        AuthorizerUri=URI,
        AuthorizerPayloadFormatVersion="2.0",
        AuthorizerResultTtlInSeconds=60,
        EnableSimpleResponses=True,
        JwtConfiguration=None,
    )
    custom = route(AuthorizationType="CUSTOM", AuthorizerId="auth1")
    signed = route("Put", RouteKey="PUT /", AuthorizationType="AWS_IAM")
    http_api, _ = read(asked, integration(), custom, signed)
    source = HttpIdentitySource.parse("$request.header.Authorization")
    assert http_api.authorizers == {
        "Own": HttpLambdaAuthorizerSettings(
            "Own", FUNCTION_ARN, (source,), 60, "2.0", has_simple_responses=True
        ),
        "AWS_IAM": IamAuthorizerSettings("AWS_IAM"),
    }
    assert [one.authorizer for one in http_api.routes] == ["Own", "AWS_IAM"]


def test_two_authorizers_of_one_name_stay_two() -> None:
    other = authorizer("auth2", "Other", JwtConfiguration={"Issuer": "https://b", "Audience": ["x"]})
    routes = (
        route(**PROTECTED),
        route("Put", RouteKey="PUT /", AuthorizationType="JWT", AuthorizerId="auth2"),
    )
    http_api, _ = read(authorizer(), other, integration(), *routes)
    assert [one.authorizer for one in http_api.routes] == ["Own", "Other"]


def test_two_routes_share_an_authorizer() -> None:
    http_api, _ = read(authorizer(), route(**PROTECTED), route("Put", RouteKey="PUT /", **PROTECTED))
    assert list(http_api.authorizers) == ["Own"]


@pytest.mark.parametrize("kind", [{}, {"AuthorizationType": "NONE"}, {"AuthorizationType": "none"}])
def test_a_route_without_authorization_is_open(kind: dict[str, Any]) -> None:
    assert issuer_of(authorizer(), integration(), route(**kind)) is None


def test_an_authorizer_that_no_route_uses_harms_nobody() -> None:
    unused = authorizer("auth9", "Unused", AuthorizerType="REQUEST", JwtConfiguration=None)
    http_api, not_run = read(unused, authorizer(Name=None), integration(), route(**PROTECTED))
    assert (list(http_api.authorizers), not_run) == (["OwnAuthorizer"], [])


@pytest.mark.parametrize(
    ("resources", "line"),
    [
        ((route(AuthorizerId="auth1"),), "Get.AuthorizationType: is NONE"),
        ((route(AuthorizationType="AWS_IAM", AuthorizerId="auth1"),), "Get.AuthorizationType: is AWS_IAM"),
        ((route(AuthorizationScopes=["a"]),), "Get.AuthorizationType: is NONE"),
        ((route(AuthorizationType="JWT"),), "Get.AuthorizerId: None is no authorizer of this API"),
        ((route(AuthorizationType="JWT", AuthorizerId="x"),), "Get.AuthorizerId: x is no authorizer"),
        ((route(AuthorizationType="CUSTOM", AuthorizerId="auth1"),), "Get.AuthorizationType: is CUSTOM, and"),
        ((route(AuthorizationType="COGNITO_USER_POOLS"),), "Get.AuthorizationType: COGNITO_USER_POOLS is no"),
        ((route(ApiKeyRequired=True),), "Get.ApiKeyRequired: an HTTP API has no API keys"),
        ((route(RouteKey="get /a"),), "Get.RouteKey: 'get /a' is no route key"),
        ((route(RouteKey="GET a"),), "Get.RouteKey: 'GET a' is no route key"),
        ((route(), route("Other")), "Other.RouteKey: the API has a route GET / already"),
        (
            (ApiResource("Own", "ApiGatewayManagedOverrides", "x", {"Route": {}}),),
            "Own.Route: the API has no",
        ),
    ],
)
def test_what_is_not_clear_is_refused(resources: tuple[ApiResource, ...], line: str) -> None:
    with pytest.raises(TemplateError) as caught:
        read(authorizer(), integration(), *resources)
    assert str(caught.value).startswith(f"template.yaml: {line}")


def test_routes_add_to_a_document_and_may_not_take_its_place() -> None:
    document = {"openapi": "3.0.1", "paths": {"/a": {"get": {}}, "/$default": {"get": {}}}}
    http_api, _ = read(route(RouteKey="GET /b"), Body=document)
    assert [one.path for one in http_api.routes] == ["/a", "/b"]
    with pytest.raises(TemplateError, match="GET /a already"):
        read(route(RouteKey="GET /a"), Body=document)


def test_the_default_route_is_there_once() -> None:
    document = {"openapi": "3.0.1", "paths": {"/$default": {"x-amazon-apigateway-any-method": {}}}}
    with pytest.raises(TemplateError, match="is there twice"):
        read(route(RouteKey="$default", **PROTECTED), authorizer(), Body=document)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"PayloadFormatVersion": "2.0"}, LambdaIntegration(FUNCTION_ARN)),
        ({"IntegrationUri": URI, "TimeoutInMillis": 500}, LambdaIntegration(FUNCTION_ARN, "1.0", 0.5)),
    ],
)
def test_an_integration_invokes_its_function(given: dict[str, Any], expected: LambdaIntegration) -> None:
    assert integration_of(integration(**given), route()) == expected


@pytest.mark.parametrize(
    "given",
    [
        {"IntegrationType": "HTTP_PROXY", "IntegrationUri": "https://a.example"},
        {"IntegrationSubtype": "SQS-SendMessage"},
        {"RequestParameters": {"append:header.a": "1"}},
        {"ResponseParameters": {"200": {"remove:header.a": "''"}}},
    ],
)
def test_what_is_not_run_fails_and_is_told(given: dict[str, Any]) -> None:
    resources = (integration(**given), route())
    _, not_run = read(*resources)
    assert isinstance(integration_of(*resources), UnrunIntegration)
    assert [line.resource for line in not_run] == ["Get"]


@pytest.mark.parametrize("target", [None, UNKNOWN, "integrations/other"])
def test_a_route_without_a_known_integration_fails(target: str | None) -> None:
    assert isinstance(integration_of(integration(), route(Target=target)), UnrunIntegration)


def test_a_route_key_that_is_not_known_is_told() -> None:
    http_api, not_run = read(integration(), route(RouteKey=UNKNOWN), route("Other"))
    assert [one.path for one in http_api.routes] == ["/"]
    assert [(line.resource, line.property_path) for line in not_run] == [("Get", "RouteKey")]


def test_quick_create_makes_the_default_route() -> None:
    http_api, _ = read(Target=FUNCTION_ARN)
    (only,) = http_api.http_routes
    assert (only.key, only.integration) == ("$default", LambdaIntegration(FUNCTION_ARN))


def test_quick_create_takes_a_route_key_and_an_address() -> None:
    http_api, not_run = read(Target="https://a.example", RouteKey="GET /a")
    assert http_api.http_routes[0].key == "GET /a"
    assert "http_proxy" in not_run[0].why


def test_overrides_protect_what_quick_create_makes() -> None:
    changed = {"Route": PROTECTED, "Integration": {"TimeoutInMillis": 100}}
    overrides = ApiResource("Overrides", "ApiGatewayManagedOverrides", "x", changed)
    assert issuer_of(authorizer(), overrides, Target=FUNCTION_ARN) == ISSUER
    assert integration_of(authorizer(), overrides, Target=FUNCTION_ARN).timeout == 0.1


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ((OVERRIDES, OVERRIDES), "Own.ApiId: Own overrides the same API already"),
        ((ApiResource("Own", OVERRIDES.type, "x", {"Route": [1]}),), "Own.Route: has to be a mapping"),
        (
            (route(RouteKey="GET /b", **PROTECTED, AuthorizationScopes="a"),),
            "Get.AuthorizationScopes: has to",
        ),
    ],
)
def test_what_is_of_another_form_is_refused(more: tuple[ApiResource, ...], line: str) -> None:
    with pytest.raises(TemplateError) as caught:
        read(authorizer(), *more, Target=FUNCTION_ARN)
    assert str(caught.value).startswith(f"template.yaml: {line}")


@pytest.mark.parametrize("document", [{"paths": []}, {"paths": {"/": 1}}, {"components": "x"}])
def test_a_document_of_another_form_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(TemplateError, match=r"^template\.yaml: Api\.Body: .* has to be a mapping"):
        read(authorizer(), route(**PROTECTED), Body={"openapi": "3.0.1", **document})


def test_a_stage_to_which_nothing_is_deployed_is_told() -> None:
    _, not_run = read_http_api(
        file="template.yaml",
        logical_id="Api",
        api_properties={"ProtocolType": "HTTP"},
        stage_properties={"StageName": "v1"},
        api_id="api",
        resources=(integration(), route()),
    )
    assert [line.property_path for line in not_run] == ["AutoDeploy"]


def kinds_of(*resources: ApiResource, **api: Any) -> list[str]:
    """Return the kind of authorizer that each route asks."""
    http_api, _ = read(*resources, **api)
    return [type(http_api.authorizers[one.authorizer or ""]).__name__ for one in http_api.routes]


def test_a_scheme_takes_no_other_ones_place() -> None:
    signed = route("Put", RouteKey="PUT /", AuthorizationType="AWS_IAM")
    of_that_name = authorizer(Name="AWS_IAM")
    both = ["JwtAuthorizerSettings", "IamAuthorizerSettings"]
    assert kinds_of(of_that_name, route(**PROTECTED), signed) == both
    operation: dict[str, Any] = {"security": [{"OwnAuthorizer": []}]}
    document = {
        "openapi": "3.0.1",
        "paths": {"/a": {"get": operation}},
        "components": {
            "securitySchemes": {
                name: {"type": "apiKey", "name": "Authorization", "in": "header", **kind}
                for name, kind in {
                    "OwnAuthorizer": {"x-amazon-apigateway-authtype": "awsSigv4"},
                    "Own": {},
                }.items()
            }
        },
    }
    assert kinds_of(authorizer(), route(**PROTECTED), Body=document) == both
