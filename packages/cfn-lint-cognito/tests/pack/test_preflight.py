"""What a browser learns before it sends a token: the header is allowed, and OPTIONS takes no token."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pack.found import find_messages, find_paths
from tests.pack.sam_api import AUTHORIZERS, ORIGIN, auth, sam_api

CORS = ("Resources", "Api", "Properties", "Cors")


def allow(headers: Any) -> dict[str, Any]:
    return {"AllowOrigin": ORIGIN, "AllowHeaders": headers}


@pytest.mark.parametrize("cors", ["'*'", ORIGIN])
def test_a_cors_that_is_a_text_allows_no_header(cors: str) -> None:
    assert find_paths("E9536", sam_api(Cors=cors)) == [CORS]


@pytest.mark.parametrize("headers", ["'*'", "'Content-Type'", "'X-Authorization'", "''"])
def test_headers_without_the_token_s_are_found(headers: str) -> None:
    assert find_paths("E9536", sam_api(Cors=allow(headers))) == [(*CORS, "AllowHeaders")]


def test_a_cors_without_headers_is_found() -> None:
    assert len(find_paths("E9536", sam_api(Cors={"AllowOrigin": ORIGIN}))) == 1


@pytest.mark.parametrize(
    "headers",
    [
        "'Authorization'",
        "'Content-Type, authorization'",
        "'*,Authorization'",
        {"Ref": "FromOutside"},
        {"Fn::Sub": "'${FromOutside}'"},
    ],
)
def test_headers_with_the_token_s_are_right(headers: Any) -> None:
    assert find_paths("E9536", sam_api(Cors=allow(headers))) == []


def test_an_api_without_cors_is_left_alone() -> None:
    assert find_paths("E9536", sam_api()) == []


def test_an_api_whose_methods_are_all_open_takes_no_token_from_a_page() -> None:
    assert find_paths("E9536", sam_api(Auth=auth(DefaultAuthorizer=None), Cors="'*'")) == []


def test_an_api_without_a_cognito_authorizer_is_left_alone() -> None:
    assert find_paths("E9536", sam_api(Auth={"DefaultAuthorizer": "AWS_IAM"}, Cors="'*'")) == []


def test_another_header_of_the_authorizer_has_to_be_allowed() -> None:
    authorizers = {"Pool": AUTHORIZERS["Pool"] | {"Identity": {"Header": "X-Token"}}}
    settings = auth(Authorizers=authorizers)
    assert find_paths("E9536", sam_api(Auth=settings, Cors=allow("'*'"))) == []
    (message,) = find_messages("E9536", sam_api(Auth=settings, Cors=allow("'Authorization'")))
    assert "name X-Token" in message


def any_method(**body: Any) -> dict[str, Any]:
    schemes = {"Pool": {"x-amazon-apigateway-authorizer": {"type": "cognito_user_pools"}}}
    item = {"x-amazon-apigateway-any-method": {"security": [{"Pool": []}]}, **body.pop("item", {})}
    body = {"securityDefinitions": schemes, "paths": {"/me": item}, **body}
    return {"Resources": {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": body}}}}


FOR_PAGES = {"x": {"gatewayresponse.header.Access-Control-Allow-Origin": ORIGIN}}


def test_any_behind_an_authorizer_takes_preflights() -> None:
    assert len(find_paths("E9539", any_method(**FOR_PAGES))) == 1


def test_options_beside_any_takes_the_preflights() -> None:
    assert find_paths("E9539", any_method(item={"options": {}}, **FOR_PAGES)) == []


def test_an_api_that_no_page_calls_needs_no_preflight() -> None:
    assert find_paths("E9539", any_method()) == []


def test_sam_writes_preflights_beside_any_where_there_is_cors() -> None:
    source = sam_api(event={"Method": "ANY"}, Cors=allow("'Authorization'"))
    assert find_paths("E9539", source) == []
