"""Methods and authorizers of their own become a document; what is not clear is refused or closed."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.api_gateway.rest.definition.rest_api_reader import read_rest_api
from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.api_gateway.template_part import ApiResource
from local_stage.cloudformation.unknown import Unknown
from local_stage.errors import NotRun, StartError
from tests.unit.api_gateway.sam_api import POOL_ARN, PROXY_URI, SCHEME, definition

INTEGRATION = {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": PROXY_URI}
UNKNOWN = Unknown("NONE", NotRun("Parameters", "has no default", "Kind"))
COGNITO = {"Name": "Own", "Type": "COGNITO_USER_POOLS", "ProviderARNs": [POOL_ARN]}


def method(logical_id: str = "Get", **properties: Any) -> ApiResource:
    given = {"ResourceId": "api-root", "HttpMethod": "GET", "Integration": INTEGRATION, **properties}
    return ApiResource(logical_id, "Method", logical_id, given)


def authorizer(ref: str = "auth1", **properties: Any) -> ApiResource:
    return ApiResource("OwnAuthorizer", "Authorizer", ref, {**COGNITO, **properties})


def read(*resources: ApiResource, body: Any = None) -> tuple[RestApi, list[NotRun]]:
    return read_rest_api(
        file="template.yaml",
        logical_id="Api",
        rest_api_properties={"Name": "own"} if body is None else {"Name": "own", "Body": body},
        stage_properties={"StageName": "dev", "RestApiId": "api", "DeploymentId": "d"},
        api_id="api",
        deployment_id="d",
        resources=resources,
    )


def route_of(*resources: ApiResource, body: Any = None) -> tuple[str | None, tuple[str, ...]]:
    """Return the authorizer of the API's first route, and its pools."""
    rest_api, _ = read(*resources, body=body)
    name = rest_api.routes[0].authorizer
    return name, getattr(rest_api.authorizers[name], "user_pool_arns", ()) if name else ()


def test_a_method_is_protected_by_its_authorizer() -> None:
    protected = method(
        AuthorizationType="COGNITO_USER_POOLS", AuthorizerId="auth1", AuthorizationScopes=["a/b"]
    )
    rest_api, _ = read(authorizer(), protected)
    (route,) = rest_api.routes
    assert (route.path, route.authorizer, route.scopes) == ("/", "Own", ("a/b",))


def test_two_authorizers_of_one_name_stay_two() -> None:
    other = ApiResource("Other", "Authorizer", "auth2", {**COGNITO, "ProviderARNs": [POOL_ARN + "2"]})
    rest_api, _ = read(
        authorizer(),
        other,
        method(AuthorizationType="COGNITO_USER_POOLS", AuthorizerId="auth1"),
        method("Put", HttpMethod="PUT", AuthorizationType="COGNITO_USER_POOLS", AuthorizerId="auth2"),
    )
    assert [route.authorizer for route in rest_api.routes] == ["Own", "Other"]


@pytest.mark.parametrize("kind", [{}, {"AuthorizationType": "NONE"}, {"AuthorizationType": "none"}])
def test_a_method_without_authorization_is_open(kind: dict[str, Any]) -> None:
    assert route_of(authorizer(), method(**kind)) == (None, ())


def test_a_method_with_an_authorizer_and_no_type_is_protected() -> None:
    assert route_of(authorizer(), method(AuthorizerId="auth1")) == ("Own", (POOL_ARN,))


@pytest.mark.parametrize(
    "resources",
    [
        (authorizer(), method(AuthorizationType=UNKNOWN)),
        (authorizer(), method(AuthorizationType="COGNITO_USER_POOLS", AuthorizerId=UNKNOWN)),
        (
            authorizer(),
            method(AuthorizationType="CUSTOM", AuthorizerId="auth1", AuthorizationScopes=[UNKNOWN]),
        ),
        (authorizer(), method(ApiKeyRequired=UNKNOWN)),
        (authorizer(Type=UNKNOWN), method(AuthorizationType="CUSTOM", AuthorizerId="auth1")),
        (authorizer(IdentitySource=UNKNOWN), method(AuthorizationType="CUSTOM", AuthorizerId="auth1")),
        (authorizer(ProviderARNs=[UNKNOWN]), method(AuthorizationType="CUSTOM", AuthorizerId="auth1")),
    ],
)
def test_what_is_not_known_of_who_may_call_closes_the_method(resources: tuple[ApiResource, ...]) -> None:
    name, pools = route_of(*resources)
    assert name is not None
    assert pools == ("<Parameters.Kind: has no default>",)


@pytest.mark.parametrize(
    ("resources", "line"),
    [
        (
            (method(AuthorizationType="CUSTOM", AuthorizerId="elsewhere"),),
            "Get.AuthorizerId: elsewhere is no authorizer of this API in the template",
        ),
        ((method(AuthorizationType="OTHER"),), "Get.AuthorizationType: OTHER is no type of authorization"),
        ((method(), method("Again")), "Again.HttpMethod: GET / is there already"),
        (
            (authorizer(IdentitySource="a b"), method(AuthorizationType="CUSTOM", AuthorizerId="auth1")),
            "OwnAuthorizer.name: 'a b' is no header name",
        ),
        (
            (ApiResource("M", "Model", "M", {"Schema": "{"}), method()),
            "M.Schema: cannot be read as JSON",
        ),
    ],
)
def test_what_cannot_be_enforced_is_named_by_its_resource(
    resources: tuple[ApiResource, ...], line: str
) -> None:
    with pytest.raises(StartError) as caught:
        read(*resources)
    assert str(caught.value).startswith(f"template.yaml: {line}")


def test_an_authorizer_that_no_method_uses_harms_nobody() -> None:
    assert route_of(authorizer(Type="NONSENSE", IdentitySource="a b"), method()) == (None, ())


@pytest.mark.parametrize("scheme", [{}, {"Own": {key: SCHEME[key] for key in ("type", "in", "name")}}])
def test_a_document_may_name_an_authorizer_of_the_template(scheme: dict[str, Any]) -> None:
    body = definition({"security": [{"Own": []}]}, components={"securitySchemes": scheme})
    assert route_of(authorizer(), body=body) == ("Own", (POOL_ARN,))


@pytest.mark.parametrize("form", [{"openapi": "3.0.1"}, {"swagger": "2.0", "openapi": None}])
def test_a_method_adds_to_a_document_in_either_form(form: dict[str, Any]) -> None:
    body = {key: value for key, value in {**definition(), **form}.items() if value is not None}
    put = method(
        "Put",
        HttpMethod="PUT",
        AuthorizerId="auth1",
        RequestModels={"application/json": "Thing", "text/plain": "Nowhere"},
        RequestValidatorId="v",
    )
    thing = {"type": "object", "required": ["name"]}
    rest_api, not_run = read(
        authorizer(),
        put,
        ApiResource("Thing", "Model", "Thing", {"Schema": thing}),
        ApiResource("V", "RequestValidator", "v", {"ValidateRequestBody": "true"}),
        body=body,
    )
    methods = {route.path: rest_api.resources for route in rest_api.routes}
    assert methods.keys() == {"/", "/hello"}
    (added,) = (found for resource, found in rest_api.methods if resource.path == "/")
    assert (added.authorizer, added.validator.body) == ("Own", True)
    assert "required" in str(added.request_models["application/json"])
    assert "Put.RequestModels: the model Nowhere is not in this template" in " ".join(map(str, not_run))
