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
        ((method(AuthorizationType="NONE", AuthorizerId="auth1"),), "Get.AuthorizationType: is NONE, which"),
        ((method(AuthorizationType="AWS_IAM", AuthorizationScopes=["a"]),), "Get.AuthorizationType: is AWS"),
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


PROTECTED = {"AuthorizationType": "COGNITO_USER_POOLS", "AuthorizerId": "auth1"}
CLOSED = "<Parameters.Kind: has no default>"
OPEN = (
    ApiResource("Proxy", "Resource", "proxy", {"ParentId": "api-root", "PathPart": "{proxy+}"}),
    ApiResource("All", "Resource", "all", {"ParentId": "api-root", "PathPart": "all"}),
    method("Any", ResourceId="all", HttpMethod="ANY"),
    method("Greedy", ResourceId="proxy"),
    method("Preflight", ResourceId="proxy", HttpMethod="OPTIONS"),
    method("Root"),
)
ALL_OPEN = {"ANY /all", "GET /{proxy+}", "OPTIONS /{proxy+}", "GET /"}


def open_routes(*resources: ApiResource, body: Any = None) -> set[str]:
    rest_api, _ = read(*resources, *OPEN, body=body)
    return {f"{one.http_method} {one.path}" for one in rest_api.routes if one.authorizer is None}


@pytest.mark.parametrize(
    ("unknown", "expected"),
    [
        ((method("Own", ResourceId=UNKNOWN, **PROTECTED),), {"OPTIONS /{proxy+}", "GET /"}),
        ((method("Own", ResourceId="r-elsewhere", **PROTECTED),), {"OPTIONS /{proxy+}", "GET /"}),
        ((method("Own", ResourceId=UNKNOWN),), ALL_OPEN),
        ((method("Own", HttpMethod=UNKNOWN, **PROTECTED),), {"GET /"}),
        (
            (
                ApiResource("Own", "Resource", "own", {"ParentId": "api-root", "PathPart": UNKNOWN}),
                method("Get", ResourceId="own", **PROTECTED),
            ),
            {"OPTIONS /{proxy+}", "GET /"},
        ),
        (
            (
                ApiResource("Own", "Resource", "own", {"ParentId": UNKNOWN, "PathPart": "own"}),
                method("Get", ResourceId="own", ApiKeyRequired=True),
            ),
            {"OPTIONS /{proxy+}", "GET /"},
        ),
    ],
)
def test_no_open_method_takes_the_requests_of_one_whose_place_is_not_known(
    unknown: tuple[ApiResource, ...], expected: set[str]
) -> None:
    assert open_routes(authorizer(), *unknown) == expected


def test_no_open_method_takes_the_requests_of_a_document_that_is_not_here() -> None:
    elsewhere = {**definition(), "paths": {}, "x-document-elsewhere": "s3://bucket/api.yaml"}
    assert open_routes(body=elsewhere) == {"GET /"}


def test_a_resource_whose_path_is_not_known_is_told() -> None:
    resource = ApiResource("Own", "Resource", "own", {"ParentId": "api-root", "PathPart": UNKNOWN})
    rest_api, not_run = read(resource, method("Get", ResourceId="own", **PROTECTED), method("Root"))
    assert [one.path for one in rest_api.routes] == ["/"]
    assert str(not_run[0]) == "Own: its path is not known: Parameters.Kind: has no default"


def test_a_method_that_may_not_be_there_or_be_of_another_api_is_closed() -> None:
    given = {"ResourceId": "api-root", "HttpMethod": "GET", "RestApiId": UNKNOWN, "AuthorizerId": "else"}
    maybe = ApiResource("Maybe", "Method", "Maybe", given)
    assert route_of(maybe)[1] == (CLOSED,)
    assert route_of(maybe, authorizer(), method(**PROTECTED)) == ("Own", (POOL_ARN,))
    for more in ({}, {"ApiKeyRequired": True}):
        known = {"ResourceId": "api-root", "HttpMethod": "GET", **more}
        assert route_of(ApiResource("Maybe", "Method", "Maybe", known, UNKNOWN))[1] == (CLOSED,)


def test_keys_and_signatures_are_asked_for_beside_authorizers_of_such_names() -> None:
    named = [
        authorizer(Name="api_key"),
        ApiResource("Two", "Authorizer", "two", {**COGNITO, "Name": "sigv4"}),
    ]
    rest_api, _ = read(
        *named,
        method(**PROTECTED, ApiKeyRequired=True),
        method("Put", HttpMethod="PUT", AuthorizationType="AWS_IAM"),
        method("Post", HttpMethod="POST", AuthorizerId="two"),
    )
    found = {
        made.http_method: (type(rest_api.authorizers[made.authorizer or ""]).__name__, made.api_key_required)
        for _, made in rest_api.methods
    }
    assert found == {
        "GET": ("CognitoAuthorizerSettings", True),
        "PUT": ("IamAuthorizerSettings", False),
        "POST": ("CognitoAuthorizerSettings", False),
    }


def test_a_document_means_an_authorizer_by_its_name() -> None:
    other = ApiResource(
        "Own", "Authorizer", "auth2", {**COGNITO, "Name": "x", "ProviderARNs": [POOL_ARN + "2"]}
    )
    body = definition({"security": [{"Own": []}]})
    assert route_of(authorizer(), other, body=body) == ("Own", (POOL_ARN,))
    rest_api, _ = read(authorizer(), other, method(AuthorizerId="auth2"), body=body)
    assert {one.path: one.authorizer for one in rest_api.routes} == {"/": "x", "/hello": "Own"}
    with pytest.raises(StartError, match=r"Own\.Name: an operation asks for Own, which is"):
        read(authorizer(), ApiResource("Own", "Authorizer", "auth2", COGNITO), body=body)


def test_a_scheme_of_the_document_is_never_replaced() -> None:
    key = {"type": "apiKey", "name": "x-api-key", "in": "header"}
    body = definition({"security": [{"Own": []}]}, components={"securitySchemes": {"Own": key}})
    rest_api, _ = read(authorizer(), method(**PROTECTED), body=body)
    asked = {resource.path: (made.authorizer, made.api_key_required) for resource, made in rest_api.methods}
    assert asked == {"/": ("OwnAuthorizer", False), "/hello": (None, True)}


@pytest.mark.parametrize("document", [{"paths": []}, {"paths": {"/": 1}}, {"components": "x"}])
def test_a_document_of_another_form_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(StartError, match=r"^template\.yaml: Api\.Body: .* has to be a mapping"):
        read(authorizer(), method(AuthorizerId="auth1"), body={"openapi": "3.0.1", **document})


def test_a_document_without_paths_is_added_to() -> None:
    document = {"openapi": "3.0.1", "info": None, "paths": None}
    assert route_of(authorizer(), method(AuthorizerId="auth1"), body=document) == ("Own", (POOL_ARN,))
