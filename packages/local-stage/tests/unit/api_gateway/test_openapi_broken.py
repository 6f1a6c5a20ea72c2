"""However a definition is broken, it is refused or read; nothing but its own security opens a method."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from local_stage.api_gateway.rest.definition.rest_api_reader import read_rest_api
from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.errors import StartError
from tests.unit.api_gateway.sam_api import HELLO, POOL_ARN, auth, method, translate

API = {
    "StageName": "dev",
    "OpenApiVersion": "3.0.1",
    "Models": {"Greeting": {"type": "object", "properties": {"name": {"type": "string"}}}},
    "Cors": "'*'",
    "GatewayResponses": {"DEFAULT_4XX": {"StatusCode": 400}},
    "MethodSettings": [{"HttpMethod": "*", "ResourcePath": "/*", "ThrottlingRateLimit": 5}],
    "BinaryMediaTypes": ["image/png"],
    **auth({"HelloAuth": {"UserPoolArn": POOL_ARN}}, "HelloAuth"),
}
POST = {
    "Path": "/hello",
    "Method": "post",
    "RequestModel": {"Model": "Greeting", "ValidateBody": True},
    "RequestParameters": ["method.request.querystring.a"],
}
TRANSLATED = translate(API, {"Get": HELLO, "Post": POST})
NOTHING = object()
SECURITY = ("RestApi", "Body", "paths", "/hello", "get", "security")


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of every value within a value."""
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield (*place, key)
        yield from places(child, (*place, key))


def broken(place: tuple[Any, ...], junk: Any) -> dict[str, Any]:
    """Return what SAM translated with another value, or NOTHING, in one place."""
    whole = copy.deepcopy(TRANSLATED)
    parent: Any = whole
    for key in place[:-1]:
        parent = parent[key]
    if junk is NOTHING:
        del parent[place[-1]]
    else:
        parent[place[-1]] = junk
    return whole


def try_to_read(translated: dict[str, Any]) -> RestApi | None:
    """Return the API, or None if it is refused in the one right way."""
    try:
        return read_rest_api(
            file="template.yaml",
            logical_id="HelloApi",
            rest_api_properties=translated["RestApi"],
            stage_properties=translated["Stage"],
            api_id="a",
            deployment_id="d",
        )[0]
    except StartError as error:
        where = {(reason.file, reason.resource) for reason in error.reasons}
    assert where == {("template.yaml", "HelloApi")}
    return None


PLACES = [place for place in places(TRANSLATED) if place[0] in {"RestApi", "Stage"} and len(place) > 1]
KEYS = st.sampled_from(
    ["$ref", "type", "get", "default", "NONE", "HelloAuth", "security", "x-a", "x-amazon-a", ""]
)
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | KEYS
    | st.just("#/paths/~1hello/get"),
    lambda junk: st.lists(junk, max_size=3) | st.dictionaries(KEYS | st.integers(), junk, max_size=3),
    max_leaves=6,
)


def test_what_is_not_broken_is_read() -> None:
    rest_api = try_to_read(TRANSLATED)
    assert rest_api is not None
    assert method(rest_api).authorizer == "HelloAuth"


@given(st.sampled_from(PLACES), JUNK | st.just(NOTHING))
def test_a_broken_definition_is_refused_or_keeps_its_methods_closed(
    place: tuple[Any, ...], junk: Any
) -> None:
    rest_api = try_to_read(broken(place, junk))
    if rest_api is None or place[: len(SECURITY)] == SECURITY or SECURITY[: len(place)] == place:
        return
    found = [resource for resource in rest_api.resources if resource.path == "/hello"]
    assert [resource.methods["GET"].authorizer for resource in found] == ["HelloAuth"]
    assert [settings.user_pool_arns for settings in rest_api.cognito_authorizers] == [(POOL_ARN,)]


@given(st.sampled_from([place for place in PLACES if place[: len(SECURITY)] == SECURITY]), JUNK)
def test_security_that_is_broken_opens_nothing(place: tuple[Any, ...], junk: Any) -> None:
    translated = broken(place, junk)
    security = translated["RestApi"]["Body"]["paths"]["/hello"]["get"]["security"]
    rest_api = try_to_read(translated)
    opened = security in ([], [{"NONE": []}])
    assert rest_api is None or opened or method(rest_api).authorizer == "HelloAuth"
