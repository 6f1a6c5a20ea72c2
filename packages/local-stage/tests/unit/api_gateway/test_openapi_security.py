"""Who may call a method: the authorizers of an API's definition, and what cannot be enforced."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from local_stage.api_gateway.rest.definition.rest_api_reader import read_rest_api
from local_stage.errors import StartError
from tests.unit.api_gateway.sam_api import (
    BOTH_FORMS,
    FUNCTION_ARN,
    HELLO,
    POOL_ARN,
    SCHEME,
    auth,
    definition,
    method,
    read,
    read_body,
    refusal_of_body,
    secured,
)

COGNITO = {"HelloAuth": {"UserPoolArn": POOL_ARN}}
LAMBDA = {"TokenAuth": {"FunctionArn": FUNCTION_ARN}}
REQUEST = {
    "RequestAuth": {
        "FunctionArn": FUNCTION_ARN,
        "FunctionPayloadType": "REQUEST",
        "Identity": {"Headers": ["Authorization"]},
    }
}


def event(**keys: Any) -> dict[str, dict[str, Any]]:
    """Return the event GET /hello with an Auth of its own."""
    return {"Get": {**HELLO, "Auth": keys}}


@pytest.mark.rule("sam.default-authorizer")
@BOTH_FORMS
def test_the_default_authorizer_covers_every_method(form: dict[str, Any]) -> None:
    events = {
        "Get": HELLO,
        "Post": {**HELLO, "Method": "post"},
        "All": {"Path": "/{proxy+}", "Method": "any"},
    }
    rest_api, _ = read({**form, **auth(COGNITO, "HelloAuth")}, events=events)
    methods = [method for resource in rest_api.resources for method in resource.methods.values()]
    assert [found.authorizer for found in methods] == ["HelloAuth"] * 3


@pytest.mark.rule("sam.authorizer-none")
@BOTH_FORMS
def test_none_opens_a_method_in_spite_of_the_default(form: dict[str, Any]) -> None:
    rest_api, _ = read({**form, **auth(COGNITO, "HelloAuth")}, events=event(Authorizer="NONE"))
    assert method(rest_api).authorizer is None


def test_a_method_without_any_security_is_open() -> None:
    assert method(read()[0]).authorizer is None
    assert method(read(auth(COGNITO))[0]).authorizer is None


@BOTH_FORMS
def test_scopes_of_an_event_are_its_methods(form: dict[str, Any]) -> None:
    events = event(Authorizer="HelloAuth", AuthorizationScopes=["hello/read", "hello/write"])
    rest_api, _ = read({**form, **auth(COGNITO, "HelloAuth")}, events=events)
    assert method(rest_api).scopes == ("hello/read", "hello/write")
    assert method(rest_api).authorizer == "HelloAuth"


def test_scopes_of_an_authorizer_are_those_of_its_methods() -> None:
    authorizers = {"HelloAuth": {"UserPoolArn": POOL_ARN, "AuthorizationScopes": ["hello/read"]}}
    rest_api, _ = read(auth(authorizers, "HelloAuth"))
    assert method(rest_api).scopes == ("hello/read",)


@pytest.mark.rule("cors.preflight-asks-by-default")
@BOTH_FORMS
def test_the_preflight_asks_for_a_token_unless_told_otherwise(form: dict[str, Any]) -> None:
    api = {**form, "Cors": "'*'"}
    closed, _ = read({**api, **auth(COGNITO, "HelloAuth")})
    opened, _ = read({**api, **auth(COGNITO, "HelloAuth", AddDefaultAuthorizerToCorsPreflight=False)})
    assert method(closed, "OPTIONS").authorizer == "HelloAuth"
    assert method(opened, "OPTIONS").authorizer is None
    assert method(opened).authorizer == "HelloAuth"


@BOTH_FORMS
@pytest.mark.parametrize("authorizers", [LAMBDA, REQUEST], ids=["TOKEN", "REQUEST"])
def test_a_lambda_authorizer_is_read(form: dict[str, Any], authorizers: dict[str, Any]) -> None:
    (name,) = authorizers
    rest_api, _ = read({**form, **auth(authorizers, name)})
    assert (method(rest_api).authorizer, [*rest_api.authorizers]) == (name, [name])
    assert [settings.function_arn for settings in rest_api.lambda_authorizers] == [FUNCTION_ARN]


def test_a_lambda_authorizer_of_one_event_stands_beside_a_cognito_authorizer() -> None:
    rest_api, _ = read(auth({**COGNITO, **LAMBDA}, "HelloAuth"), events=event(Authorizer="TokenAuth"))
    assert method(rest_api).authorizer == "TokenAuth"


def test_an_authorizer_that_no_method_asks_for_decides_nothing() -> None:
    rest_api, _ = read(auth({**COGNITO, **LAMBDA}, "HelloAuth"))
    assert [*rest_api.authorizers] == ["HelloAuth"]


@BOTH_FORMS
def test_iam_authorization_is_read(form: dict[str, Any]) -> None:
    of_api, _ = read({**form, "Auth": {"DefaultAuthorizer": "AWS_IAM"}})
    of_event, _ = read(form, events=event(Authorizer="AWS_IAM"))
    for rest_api in (of_api, of_event):
        (route,) = rest_api.routes
        assert (route.authorizer, route.authorizer_kind, route.token_kind) == ("AWS_IAM", "iam", None)


@BOTH_FORMS
def test_api_keys_are_asked_for(form: dict[str, Any]) -> None:
    of_api, _ = read({**form, "Auth": {"ApiKeyRequired": True}})
    of_event, _ = read(form, events=event(ApiKeyRequired=True))
    for rest_api in (of_api, of_event):
        assert (method(rest_api).authorizer, method(rest_api).api_key_required) == (None, True)


@pytest.mark.parametrize("of", ["API", "event"])
def test_an_api_key_is_asked_for_beside_an_authorizer(of: str) -> None:
    keyed = {"ApiKeyRequired": True}
    api = auth(COGNITO, "HelloAuth", **(keyed if of == "API" else {}))
    rest_api, _ = read(api, events=event(**(keyed if of == "event" else {})))
    assert (method(rest_api).authorizer, method(rest_api).api_key_required) == ("HelloAuth", True)


def test_an_event_that_needs_no_api_key_is_let_through() -> None:
    api = auth(COGNITO, "HelloAuth", ApiKeyRequired=True)
    closed, _ = read(api, events=event(ApiKeyRequired=False))
    opened, _ = read(api, events=event(ApiKeyRequired=False, Authorizer="NONE"))
    assert (method(closed).authorizer, method(closed).api_key_required) == ("HelloAuth", False)
    assert (method(opened).authorizer, method(opened).api_key_required) == (None, False)


def test_an_authorizer_that_is_not_defined_is_refused() -> None:
    assert refusal_of_body(secured([{"Unknown": []}])) == (
        "template.yaml: HelloApi.DefinitionBody.paths./hello.get.security[0]: "
        "GET /hello asks for the security scheme Unknown, which is not defined"
    )


SECURITY: list[tuple[Any, str]] = [
    ([{"A": []}, {"B": []}], "security: several authorizers at once"),
    ([{"A": [], "B": []}], "security: several authorizers at once"),
    ([{}], "security: several authorizers at once, or none of them"),
    ([{}, {"A": []}], "security: several authorizers at once"),
    ([{"NONE": []}, {"A": []}], "asks for the security scheme NONE, which is not defined"),
    ([{"NONE": ["x"]}], "asks for the security scheme NONE, which is not defined"),
    ([{"NONE": [], "A": []}], "asks for the security scheme NONE, which is not defined"),
    ([{"none": []}], "asks for the security scheme none, which is not defined"),
    ([{"api_key": []}], "asks for the security scheme api_key, which is not defined"),
    ([{"AWS_IAM": []}], "asks for the security scheme AWS_IAM, which is not defined"),
    ([{"api_key_false": []}, {"A": []}], "asks for the security scheme api_key_false, which is not defined"),
    (None, "security: is empty; write [] where anybody may call"),
    ({"A": []}, "security: has to be a list"),
    (["A"], "security[0]: has to be a mapping"),
    ([None], "security: several authorizers at once"),
    ([{"A": None}], "security[0].A: has to be a list of scopes"),
    ([{"A": "hello/read"}], "security[0].A: has to be a list"),
    ([{"A": [1]}], "security[0].A[0]: 1 is no scope"),
    ([{"A": [""]}], "security[0].A[0]: '' is no scope"),
    ([{"A": ["a b"]}], "security[0].A[0]: 'a b' is no scope"),
    ([{"A": [{"Fn::ImportValue": "x"}]}], "security[0].A[0]: {'Fn::ImportValue': 'x'} is no scope"),
]


@pytest.mark.parametrize(("security", "line"), SECURITY, ids=str)
def test_security_that_cannot_be_enforced_is_refused(security: Any, line: str) -> None:
    assert line in refusal_of_body(secured(security, A=SCHEME, B=SCHEME))


def test_an_empty_list_of_requirements_opens_a_method() -> None:
    assert method(read_body(secured([], A=SCHEME))[0]).authorizer is None


def test_a_scheme_that_is_called_none_is_a_scheme_like_any_other() -> None:
    rest_api, _ = read_body(secured([{"NONE": []}], NONE=SCHEME))
    assert method(rest_api).authorizer == "NONE"


def test_auth_beside_a_definition_is_named_by_its_property() -> None:
    """What SAM adds to a definition written by hand is named as in SAM, and the rest by its place."""
    body = definition()
    lasting = {"TokenAuth": {"FunctionArn": FUNCTION_ARN, "Identity": {"ReauthorizeEvery": 3601}}}
    line = refusal_of_body(body, Auth={"Authorizers": lasting, "DefaultAuthorizer": "TokenAuth"})
    assert line.startswith("template.yaml: HelloApi.Auth.Authorizers.TokenAuth.Identity.ReauthorizeEvery:")


NAMES = st.sampled_from(["A", "NONE", "api_key", "api_key_false", "AWS_IAM", "Token"])
REQUIREMENTS = st.dictionaries(NAMES, st.sampled_from([[], ["s"], None, "s", [None]]), max_size=2) | st.none()


@given(st.lists(REQUIREMENTS, max_size=3))
@example([{"NONE": []}, {"NONE": []}])
def test_no_security_opens_a_method_but_the_ways_to_open_it(security: list[Any]) -> None:
    """Whatever stands there, a method is open only where SAM or the definition opens it, once or again."""
    token = {**SCHEME, "x-amazon-apigateway-authorizer": {"type": "token"}}
    body = secured(security, A=SCHEME, Token=token)
    try:
        rest_api, _ = read_rest_api(
            file="template.yaml",
            logical_id="HelloApi",
            rest_api_properties={"Body": body},
            stage_properties={"StageName": "dev"},
            api_id="a",
            deployment_id="d",
        )
    except StartError:
        return
    is_open = all(requirement == {"NONE": []} for requirement in security)
    assert method(rest_api).authorizer == (None if is_open else "A")
