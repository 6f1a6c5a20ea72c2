"""The OpenAPI document of an API says who may call what, and what API Gateway answers."""

from __future__ import annotations

from typing import Any

import pytest
from openapi_spec_validator import validate

from local_stage.api_gateway.export.document import derive_openapi_document
from tests.unit.api_gateway.sam_api import POOL_ARN, PROXY_URI, auth, definition, read, read_body

POOL = {"Pool": {"UserPoolArn": POOL_ARN}}
INTEGRATION = {
    "x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST", "uri": PROXY_URI},
    "responses": {},
}


def derive(api: dict[str, Any] | None = None, **event: Any) -> dict[str, Any]:
    """Return the document, valid as OpenAPI, of an API with one method: GET /hello unless told otherwise."""
    events = {"Hello": {"Path": "/hello", "Method": "get", **event}}
    document = derive_openapi_document(read(api, events=events)[0])
    validate(document)
    return document


def derive_model(model: dict[str, Any]) -> Any:
    """Return the schema that a request model becomes."""
    event = {"Method": "post", "RequestModel": {"Model": "Body", "ValidateBody": True}}
    document = derive({"Models": {"Body": model}}, **event)
    assert document["paths"]["/hello"]["post"]["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/body"
    }
    return document["components"]["schemas"]["body"]


def operation(document: dict[str, Any], verb: str = "get", path: str = "/hello") -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][path][verb]
    return found


def test_the_server_is_the_stage() -> None:
    assert derive()["servers"][0]["url"] == "/dev"


def test_an_open_method_asks_for_nothing_and_has_no_401() -> None:
    described = operation(derive())
    assert described["security"] == []
    assert "401" not in described["responses"]


def test_an_authorizer_is_an_api_key_as_api_gateway_exports_it_or_a_bearer_token() -> None:
    document = derive(auth(POOL, "Pool"))
    assert operation(document)["security"] == [{"Pool": []}, {"PoolBearer": []}]
    key, bearer = document["components"]["securitySchemes"].values()
    assert (key["type"], key["in"], key["name"]) == ("apiKey", "header", "Authorization")
    assert key["x-amazon-apigateway-authtype"] == "cognito_user_pools"
    assert (bearer["type"], bearer["scheme"], bearer["bearerFormat"]) == ("http", "bearer", "JWT")


def test_a_token_in_another_header_is_no_bearer_token() -> None:
    pool = {"Pool": {"UserPoolArn": POOL_ARN, "Identity": {"Header": "X-Token"}}}
    document = derive(auth(pool, "Pool"))
    assert operation(document)["security"] == [{"Pool": []}]
    assert document["components"]["securitySchemes"]["Pool"]["name"] == "X-Token"


def test_scopes_stand_beside_the_security_that_cannot_hold_them() -> None:
    scopes = {"Auth": {"Authorizer": "Pool", "AuthorizationScopes": ["hello/read", "hello/write"]}}
    described = operation(derive(auth(POOL), **scopes))
    assert described["x-scopes"] == ["hello/read", "hello/write"]
    assert described["summary"] == "Takes an access token with hello/read or hello/write"


def test_the_bodies_of_a_401_are_those_that_the_stage_gives() -> None:
    (content,) = operation(derive(auth(POOL, "Pool")))["responses"]["401"]["content"].values()
    assert content["examples"] == {
        "unauthorized": {"value": {"message": "Unauthorized"}},
        "expired": {"value": {"message": "The incoming token has expired"}},
    }


def test_a_customised_refusal_has_its_own_status_header_and_body() -> None:
    customised = {
        "GatewayResponses": {
            "UNAUTHORIZED": {
                "StatusCode": 418,
                "ResponseParameters": {"Headers": {"X-Why": "'token'"}},
                "ResponseTemplates": {"text/plain": "no: $context.error.message"},
            }
        }
    }
    responses = operation(derive({**auth(POOL, "Pool"), **customised}))["responses"]
    assert "401" not in responses
    assert responses["418"]["headers"]["X-Why"]["example"] == "token"
    assert responses["418"]["content"]["text/plain"]["examples"]["expired"]["value"] == (
        "no: The incoming token has expired"
    )


@pytest.mark.parametrize("status", [200, 403])
def test_a_refusal_with_a_status_of_the_functions_is_kept_beside_its_answer(status: int) -> None:
    customised = {"GatewayResponses": {"UNAUTHORIZED": {"StatusCode": status}}}
    answer = operation(derive({**auth(POOL, "Pool"), **customised}))["responses"][str(status)]
    content = answer["content"]["application/json"]
    assert content["examples"]["unauthorized"]["value"] == {"message": "Unauthorized"}
    assert content["schema"] == {}
    assert "x-amzn-ErrorType" in answer["headers"]


def test_a_function_may_be_too_slow_fail_or_not_be_invoked() -> None:
    assert {"500", "502", "504"} <= set(operation(derive())["responses"])


def test_a_preflight_is_answered_with_its_headers() -> None:
    preflight = operation(derive({"Cors": "'https://www.example.com'"}), "options")
    assert preflight["responses"]["200"]["headers"]["Access-Control-Allow-Origin"]["example"] == (
        "https://www.example.com"
    )


def test_any_stands_for_every_verb_that_has_no_method_of_its_own() -> None:
    body = definition(paths={"/hello": {"x-amazon-apigateway-any-method": INTEGRATION, "get": INTEGRATION}})
    document = derive_openapi_document(read_body(body)[0])
    validate(document)
    assert sorted(document["paths"]["/hello"]) == ["delete", "get", "head", "options", "patch", "post", "put"]


def test_path_parameters_are_parameters_and_a_greedy_one_has_no_plus() -> None:
    document = derive(Path="/users/{id}/{proxy+}")
    described = operation(document, path="/users/{id}/{proxy}")
    assert [parameter["name"] for parameter in described["parameters"]] == ["id", "proxy"]


def test_required_parameters_are_listed_with_their_400() -> None:
    described = operation(
        derive(
            {"Models": {"Body": {"type": "object"}}},
            RequestParameters=[{"method.request.querystring.page": {"Required": True}}],
            RequestModel={"Model": "Body", "ValidateParameters": True},
        )
    )
    assert [(part["in"], part["name"]) for part in described["parameters"]] == [("query", "page")]
    (content,) = described["responses"]["400"]["content"].values()
    assert content["examples"]["missingParameters"]["value"] == {
        "message": "Missing required request parameters: [page]"
    }


def test_paths_that_differ_in_signs_alone_have_operations_of_their_own() -> None:
    events = {name: {"Path": path, "Method": "get"} for name, path in {"A": "/a-b", "B": "/a/b"}.items()}
    document = derive_openapi_document(read(events=events)[0])
    validate(document)
    assert len({operations["get"]["operationId"] for operations in document["paths"].values()}) == 2


def test_a_model_keeps_what_openapi_has_a_word_for() -> None:
    model = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string", "minLength": 1}},
    }
    assert derive_model(model) == model


def test_what_openapi_has_no_word_for_is_left_out_of_a_model() -> None:
    assert derive_model({"type": "object", "patternProperties": {"^x": {"type": "string"}}}) == {
        "type": "object"
    }


@pytest.mark.parametrize(
    ("written", "converted"),
    [
        (["string", "null"], {"type": "string", "nullable": True}),
        (["string", "integer"], {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ("array", {"type": "array", "items": {}}),
    ],
)
def test_types_are_one_at_a_time(written: Any, converted: dict[str, Any]) -> None:
    schema = derive_model({"type": "object", "properties": {"value": {"type": written}}})
    assert schema["properties"]["value"] == converted


def test_a_model_may_refer_to_itself() -> None:
    reference = {"$ref": "#/components/schemas/body"}
    model = {"type": "object", "properties": {"next": reference}}
    assert derive_model(model)["properties"]["next"] == reference
