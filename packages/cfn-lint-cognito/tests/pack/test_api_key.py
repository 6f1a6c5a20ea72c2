"""An API key tells who is counted, and not who calls."""

from __future__ import annotations

from typing import Any

import pytest

from cfn_lint_cognito.template import Template
from tests.pack.found import RULE_BY_ID
from tests.pack.raw_api import method, openapi
from tests.pack.sam_api import auth, sam_api

KEY_SCHEMES = {
    "Pool": {"type": "apiKey", "x-amazon-apigateway-authtype": "cognito_user_pools"},
    "api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
}


def open_methods(source: dict[str, Any]) -> list[str]:
    return [finding.subject for finding in RULE_BY_ID["E9531"].find(Template.of(source))]


def keys_alone(source: dict[str, Any]) -> list[str]:
    return [finding.subject for finding in RULE_BY_ID["W9543"].find(Template.of(source))]


@pytest.mark.parametrize(
    "source",
    [
        sam_api(event={"Auth": {"Authorizer": "NONE", "ApiKeyRequired": True}}),
        sam_api(Auth=auth(DefaultAuthorizer=None, ApiKeyRequired=True)),
        openapi({"security": [{"api_key": []}]}, components={"securitySchemes": KEY_SCHEMES}),
    ],
)
def test_a_key_alone_is_no_authorizer(source: dict[str, Any]) -> None:
    assert keys_alone(source) == ["GET /me"]
    assert open_methods(source) == []


def test_a_key_alone_is_found_on_a_method_of_plain_cloudformation() -> None:
    source = method(ApiKeyRequired=True)
    assert keys_alone(source) == ["GET Method"]
    assert open_methods(source) == []


@pytest.mark.parametrize(
    "source",
    [
        sam_api(event={"Auth": {"ApiKeyRequired": True}}),
        sam_api(Auth=auth(ApiKeyRequired=True)),
        openapi({"security": [{"api_key": [], "Pool": []}]}, components={"securitySchemes": KEY_SCHEMES}),
        openapi({"security": [{"api_key": []}, {"Pool": []}]}, components={"securitySchemes": KEY_SCHEMES}),
    ],
)
def test_a_key_beside_an_authorizer_counts_and_is_no_fault(source: dict[str, Any]) -> None:
    assert keys_alone(source) == []
    assert open_methods(source) == []
