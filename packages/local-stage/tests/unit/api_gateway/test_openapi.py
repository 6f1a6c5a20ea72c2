"""What an API's definition, as SAM translates it, becomes for the stage."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.api_gateway.integrations.lambda_proxy import LambdaProxyIntegration
from local_stage.api_gateway.integrations.registry import UnavailableIntegration
from local_stage.api_gateway.rest.rest_api import ANY
from local_stage.api_gateway.rest.router import Router
from local_stage.errors import StartError
from tests.unit.api_gateway.sam_api import (
    BOTH_FORMS,
    FUNCTION_ARN,
    HELLO,
    SCHEME,
    definition,
    method,
    read,
    read_body,
    refusal_of_body,
)


@BOTH_FORMS
def test_the_api_carries_its_names(form: dict[str, Any]) -> None:
    rest_api, _ = read({**form, "StageName": "prod", "Name": "greetings"})
    assert (rest_api.logical_id, rest_api.api_id) == ("HelloApi", "a1b2c3d4e5")
    assert (rest_api.name, rest_api.stage_name, rest_api.deployment_id) == ("greetings", "prod", "dpl123")


def test_an_api_without_a_name_has_the_stacks() -> None:
    rest_api, _ = read()
    assert rest_api.name == "hello-api"


@BOTH_FORMS
def test_each_event_becomes_a_method_with_its_function(form: dict[str, Any]) -> None:
    events = {
        "Get": HELLO,
        "Post": {"Path": "/hello", "Method": "POST"},
        "User": {"Path": "/users/{id}", "Method": "delete"},
    }
    rest_api, _ = read(form, events=events)
    assert {resource.path: {*resource.methods} for resource in rest_api.resources} == {
        "/hello": {"GET", "POST"},
        "/users/{id}": {"DELETE"},
    }
    assert method(rest_api).integration == LambdaProxyIntegration(FUNCTION_ARN, timeout=29.0)


def test_any_is_a_method_of_its_own() -> None:
    rest_api, _ = read(events={"All": {"Path": "/{proxy+}", "Method": "any"}})
    assert method(rest_api, ANY, "/{proxy+}").http_method == ANY


def test_what_is_read_can_be_routed() -> None:
    events = {"All": {"Path": "/x/{proxy+}", "Method": "any"}, "Root": {"Path": "/", "Method": "get"}}
    rest_api, _ = read({"Cors": "'*'"}, events=events)
    router = Router(rest_api.resources)
    reached = [
        router.match(verb, path) for verb, path in [("PUT", "/x/1"), ("OPTIONS", "/x/1"), ("GET", "/")]
    ]
    assert [match and match.method.http_method for match in reached] == [ANY, "OPTIONS", "GET"]


def test_a_slash_at_the_end_of_a_path_does_not_count() -> None:
    rest_api, _ = read(events={"Get": {"Path": "/hello/", "Method": "get"}})
    assert [resource.path for resource in rest_api.resources] == ["/hello"]


def test_resource_ids_look_like_awss_and_stay_the_same() -> None:
    first, second = (read()[0].resources[0].resource_id for _ in range(2))
    assert first == second
    assert len(first) == 6
    assert first.isalnum()
    assert first == first.lower()


@BOTH_FORMS
def test_binary_media_types_have_slashes_and_stand_once(form: dict[str, Any]) -> None:
    """SAM leaves `~1` in the property and writes a slash in the extension."""
    rest_api, _ = read({**form, "BinaryMediaTypes": ["image~1png", "application/zip"]})
    assert rest_api.binary_media_types == ("image/png", "application/zip")


def test_other_vendors_extensions_say_nothing() -> None:
    body = definition({"x-codegen": {"a": 1}}, **{"x-logo": {"url": "x"}})
    body["paths"]["x-internal"] = {"anything": 1}
    body["paths"]["/hello"]["x-team"] = "greeters"
    rest_api, _ = read_body(body)
    assert [resource.path for resource in rest_api.resources] == ["/hello"]


def test_harmless_parts_of_a_definition_are_let_through() -> None:
    operation = {
        "summary": "Greets", "description": "…", "operationId": "hello", "tags": ["greetings"],
        "deprecated": True, "externalDocs": {"url": "https://example.com"},
        "callbacks": {"done": {}}, "servers": [{"url": "https://example.com"}],
    }  # fmt: skip
    body = definition(
        operation,
        components={"callbacks": {"done": {}}},
        tags=[{"name": "greetings"}],
        externalDocs={"url": "https://example.com"},
        servers=[{"url": "https://example.com"}],
        **{
            "x-amazon-apigateway-documentation": {"version": "1"},
            "x-amazon-apigateway-api-key-source": "HEADER",
        },
    )
    body["paths"]["/hello"]["servers"] = [{"url": "https://example.com"}]
    assert method(read_body(body)[0]).authorizer is None


def test_an_extension_of_aws_that_is_not_known_is_told_and_its_route_answers_500() -> None:
    components = {"securitySchemes": {"HelloAuth": SCHEME}}
    operation = {"x-amazon-apigateway-new": {"a": 1}, "security": [{"HelloAuth": []}]}
    body = definition(operation, components=components, **{"x-amazon-apigateway-cors": {"allowOrigins": []}})
    rest_api, not_run = read_body(body)
    assert isinstance(method(rest_api).integration, UnavailableIntegration)
    assert method(rest_api).authorizer == "HelloAuth"
    assert [(line.property_path.rpartition(".")[2], line.why.partition(",")[0]) for line in not_run] == [
        ("x-amazon-apigateway-cors", "REST APIs have no such configuration"),
        ("x-amazon-apigateway-new", "the extension is not known here"),
    ]


def test_a_swagger_version_may_be_a_number() -> None:
    """YAML reads `swagger: 2.0` as one."""
    body = {**definition(), "swagger": 2.0}
    del body["openapi"]
    assert method(read_body(body)[0]).http_method == "GET"


UNKNOWN_KEYS = {
    "the document": (definition(**{"x-amazon-apigateway-new": {}}), "x-amazon-apigateway-new"),
    "the components": (definition(components={"pathItems": {"a": {}}}), "components.pathItems"),
    "an operation": (definition({"x-amazon-apigateway-auth": {"type": "NONE"}}), "paths./hello.get"),
}


@pytest.mark.parametrize(("body", "place"), UNKNOWN_KEYS.values(), ids=UNKNOWN_KEYS.keys())
def test_a_key_that_is_not_known_is_refused(body: dict[str, Any], place: str) -> None:
    line = refusal_of_body(body)
    assert line.startswith(f"template.yaml: HelloApi.DefinitionBody.{place}")
    assert line.endswith("is not known to the local stage; remove it")


@pytest.mark.parametrize("key", ["trace", "GET", "$ref", "security", "x-amazon-apigateway-policy"])
def test_a_key_of_a_path_that_is_not_known_is_refused(key: str) -> None:
    body = definition()
    body["paths"]["/hello"][key] = {"a": 1}
    assert f"HelloApi.DefinitionBody.paths./hello.{key}: {key} of a path is not known" in refusal_of_body(
        body
    )


@pytest.mark.parametrize("own", [None, [], [{"HelloAuth": []}]])
def test_security_of_the_whole_document_is_ignored_as_by_api_gateway_and_warned_of(own: Any) -> None:
    components = {"securitySchemes": {"HelloAuth": SCHEME}}
    body = definition(security=[{"HelloAuth": []}], components=components)
    body["paths"]["x-other"] = {"get": {}}
    if own is not None:
        body["paths"]["/hello"]["get"]["security"] = own
    rest_api, not_run = read_body(body)
    assert rest_api.routes[0].authorizer == ("HelloAuth" if own else None)
    warned = "".join(str(line) for line in not_run if line.is_warned_of)
    expected = (
        "HelloApi.DefinitionBody.security: API Gateway ignores security that stands for the whole document,"
        " so that anybody may call GET /hello, here and on AWS; write it for the operation"
    )
    assert warned == (expected if own is None else "")


def test_an_unknown_version_of_openapi_is_refused() -> None:
    assert refusal_of_body(definition(openapi="3.1.0")) == (
        "template.yaml: HelloApi.DefinitionBody: API Gateway imports Swagger 2.0 and OpenAPI 3.0 only"
    )
    with pytest.raises(StartError, match=r"^template\.yaml: HelloApi\.OpenApiVersion: API Gateway imports"):
        read({"OpenApiVersion": "3.1.0"})


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("hello", "a path starts with a slash"),
        ("/a//b", "API Gateway allows no path segment ''"),
        ("/files/{name}.json", "API Gateway allows no path segment '{name}.json'"),
        ("/he llo", "API Gateway allows no path segment 'he llo'"),
        ("/%61", "API Gateway allows no path segment '%61'"),
        ("/..;", "API Gateway allows no path segment '..;'"),
        ("/{proxy+}/x", "nothing can follow a greedy path parameter"),
        ("/{a}/{a}", "a path parameter stands twice in this path"),
        ("/{}", "API Gateway allows no path segment '{}'"),
    ],
)
def test_a_path_that_api_gateway_cannot_have_is_refused(path: str, why: str) -> None:
    body = definition()
    body["paths"][path] = body["paths"].pop("/hello")
    assert refusal_of_body(body) == f"template.yaml: HelloApi.DefinitionBody.paths.{path}: {why}"


def test_two_variables_at_one_level_are_refused() -> None:
    events = {
        "Get": {"Path": "/users/{id}", "Method": "get"},
        "Posts": {"Path": "/users/{userId}/posts", "Method": "get"},
    }
    with pytest.raises(StartError, match=r"stands in this place already; a level has one variable$"):
        read(events=events)


def test_a_greedy_variable_beside_another_is_let_through() -> None:
    events = {
        "Get": {"Path": "/users/{id}", "Method": "get"},
        "Rest": {"Path": "/users/{proxy+}", "Method": "get"},
    }
    assert len(read(events=events)[0].resources) == 2


def test_two_paths_that_differ_by_a_slash_are_refused() -> None:
    events = {"Get": HELLO, "Other": {"Path": "/hello/", "Method": "post"}}
    with pytest.raises(StartError, match="another path differs from this one only by slashes at its end"):
        read(events=events)


@pytest.mark.parametrize("paths", [{}, {"/hello": {}}, {"/hello": {"get": None}}])
def test_an_api_without_a_method_opens_nothing_and_it_is_told(paths: dict[str, Any]) -> None:
    rest_api, not_run = read_body({**definition(), "paths": paths})
    assert rest_api.routes == ()
    assert "HelloApi: it has no method, so that every request gets 403" in str(not_run[0])
