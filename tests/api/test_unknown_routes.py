"""What is no route is refused before anybody asks for a token: with 403, never 401."""

from __future__ import annotations

import pytest

from tests.api.answers import (
    EVERY_REFUSAL,
    FORBIDDEN,
    MISSING_AUTHENTICATION_TOKEN,
    Refusal,
    header_names,
    not_a_signature,
)
from tests.api.api_caller import ApiCaller
from tests.api.callers import Callers
from tests.api.routes import METHODS

UNKNOWN_PATHS = ["", "/", "/nothing", "/hello/more", "/HELLO", "/hell", "/admin", "/me/hello"]
PATHS_OF_NO_STAGE = ["/nothing", "/hello"]
WRONG_VERBS = [
    (method, path)
    for path, methods in METHODS.items()
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    if method not in methods
]


@pytest.mark.parametrize("path", UNKNOWN_PATHS)
def test_an_unknown_path_misses_a_token(api: ApiCaller, path: str) -> None:
    assert Refusal.read(api.send("GET", path)) == MISSING_AUTHENTICATION_TOKEN


@pytest.mark.parametrize(("method", "path"), WRONG_VERBS)
def test_a_wrong_verb_misses_a_token(api: ApiCaller, method: str, path: str) -> None:
    assert Refusal.read(api.send(method, path)) == MISSING_AUTHENTICATION_TOKEN


@pytest.mark.parametrize("prefix", ["", "Bearer "], ids=["raw", "Bearer"])
@pytest.mark.parametrize("path", UNKNOWN_PATHS)
def test_on_an_unknown_path_a_good_token_is_no_signature(
    api: ApiCaller, callers: Callers, path: str, prefix: str
) -> None:
    authorization = prefix + callers.admin.session.id_token
    assert Refusal.read(api.send("GET", path, authorization)) == not_a_signature(authorization)


@pytest.mark.parametrize("prefix", ["", "Bearer "], ids=["raw", "Bearer"])
@pytest.mark.parametrize(("method", "path"), WRONG_VERBS)
def test_with_a_wrong_verb_a_good_token_is_no_signature(
    api: ApiCaller, callers: Callers, method: str, path: str, prefix: str
) -> None:
    authorization = prefix + callers.admin.session.id_token
    assert Refusal.read(api.send(method, path, authorization)) == not_a_signature(authorization)


@pytest.mark.parametrize("path", METHODS)
def test_head_is_a_wrong_verb_and_has_no_body(api: ApiCaller, path: str) -> None:
    response = api.send("HEAD", path)
    assert (response.status_code, response.content) == (403, b"")


@pytest.mark.parametrize("path", PATHS_OF_NO_STAGE)
def test_an_unknown_stage_is_forbidden(api: ApiCaller, path: str) -> None:
    other_stage = ApiCaller(f"{api.api_url.rpartition('/')[0]}/no-such-stage")
    assert Refusal.read(other_stage.send("GET", path)) == FORBIDDEN


def test_a_refusal_has_these_headers_and_no_others(api: ApiCaller) -> None:
    assert header_names(api.send("GET", "/nothing")) == sorted(EVERY_REFUSAL)
