"""Who may call the methods of an API."""

from __future__ import annotations

from typing import Any

import pytest

from cfn_lint_cognito.template import Template
from tests.pack.found import RULE_BY_ID, find_paths
from tests.pack.raw_api import method, openapi
from tests.pack.sam_api import AUTHORIZERS, auth, sam_api

ROUTE = ("Resources", "Function", "Properties", "Events", "Route", "Properties")


def open_methods(source: dict[str, Any]) -> list[str]:
    return [finding.subject for finding in RULE_BY_ID["E9531"].find(Template.of(source))]


def beside_pool(source: dict[str, Any]) -> dict[str, Any]:
    """Return the template with a user pool, which nothing in it refers to."""
    source["Resources"]["Pool"] = {"Type": "AWS::Cognito::UserPool"}
    return source


def test_the_default_authorizer_covers_a_route() -> None:
    assert open_methods(sam_api()) == []


def test_a_route_that_opts_out_is_open() -> None:
    source = sam_api(event={"Auth": {"Authorizer": "NONE"}})
    assert open_methods(source) == ["GET /me"]
    assert find_paths("E9531", source) == [(*ROUTE, "Auth", "Authorizer")]


def test_without_a_default_every_route_needs_its_own_authorizer() -> None:
    assert open_methods(sam_api(Auth=auth(DefaultAuthorizer=None))) == ["GET /me"]


@pytest.mark.parametrize("authorizer", ["Pool", "AWS_IAM", {"Ref": "FromOutside"}])
def test_any_authorizer_of_its_own_covers_a_route(authorizer: Any) -> None:
    source = sam_api(Auth=auth(DefaultAuthorizer=None), event={"Auth": {"Authorizer": authorizer}})
    assert open_methods(source) == []


def test_a_route_that_is_open_in_one_branch_is_open() -> None:
    authorizer = {"Fn::If": ["IsLeft", "Pool", "NONE"]}
    source = sam_api(event={"Auth": {"Authorizer": authorizer}})
    assert find_paths("E9531", source) == [(*ROUTE, "Auth", "Authorizer", "Fn::If", 2)]


def test_a_default_that_is_there_only_sometimes_leaves_the_route_open() -> None:
    default = {"Fn::If": ["IsLeft", "Pool", {"Ref": "AWS::NoValue"}]}
    assert open_methods(sam_api(Auth=auth(DefaultAuthorizer=default))) == ["GET /me"]


def test_an_api_without_cognito_is_none_of_the_packs_business() -> None:
    assert open_methods(sam_api(Auth={})) == []


def test_an_api_whose_authorizers_are_functions_is_none_of_the_packs_business() -> None:
    authorizers = {"Function": {"FunctionArn": {"Fn::GetAtt": ["Other", "Arn"]}}}
    assert open_methods(sam_api(Auth={"Authorizers": authorizers})) == []


def test_beside_a_user_pool_an_api_without_any_authorizer_is_open() -> None:
    assert open_methods(beside_pool(sam_api(Auth={}))) == ["GET /me"]


def test_beside_a_user_pool_an_implicit_api_is_open_though_globals_do_not_name_it() -> None:
    assert open_methods(beside_pool(sam_api(event={"RestApiId": None}))) == ["GET /me"]


def test_beside_a_user_pool_a_method_resource_of_an_api_without_any_authorizer_is_open() -> None:
    source = beside_pool(method())
    del source["Resources"]["Authorizer"]
    assert open_methods(source) == ["GET Method"]


def test_beside_a_user_pool_an_operation_of_a_definition_without_any_authorizer_is_open() -> None:
    assert open_methods(beside_pool(openapi({}, components={}))) == ["GET /me"]


@pytest.mark.parametrize("default", ["AWS_IAM", "Function", {"Ref": "FromOutside"}])
def test_beside_a_user_pool_any_other_authorizer_is_right(default: Any) -> None:
    authorizers = {"Function": {"FunctionArn": {"Fn::GetAtt": ["Other", "Arn"]}}}
    source = sam_api(Auth={"DefaultAuthorizer": default, "Authorizers": authorizers})
    assert open_methods(beside_pool(source)) == []


def test_own_and_default_authorizer_are_judged_within_one_branch() -> None:
    default = {"Fn::If": ["IsLeft", "Pool", {"Ref": "AWS::NoValue"}]}
    own = {"Fn::If": ["IsLeft", {"Ref": "AWS::NoValue"}, "Pool"]}
    assert (
        open_methods(sam_api(Auth=auth(DefaultAuthorizer=default), event={"Auth": {"Authorizer": own}})) == []
    )


def test_a_preflight_may_be_open() -> None:
    source = sam_api(event={"Method": "options", "Auth": {"Authorizer": "NONE"}})
    assert open_methods(source) == []


def test_a_method_for_every_verb_is_a_method() -> None:
    assert open_methods(sam_api(event={"Method": "any", "Auth": {"Authorizer": "NONE"}})) == ["ANY /me"]


def test_a_state_machines_route_is_looked_at() -> None:
    source = sam_api(event={"Auth": {"Authorizer": "NONE"}})
    source["Resources"]["Function"]["Type"] = "AWS::Serverless::StateMachine"
    assert open_methods(source) == ["GET /me"]


def test_the_route_of_an_implicit_api_is_looked_at() -> None:
    source = sam_api(event={"RestApiId": None})
    source["Globals"] = {"Api": {"Auth": {"Authorizers": AUTHORIZERS}}}
    assert open_methods(source) == ["GET /me"]


def test_the_default_of_an_implicit_api_covers_its_routes() -> None:
    source = sam_api(event={"RestApiId": None})
    source["Globals"] = {"Api": {"Auth": {"DefaultAuthorizer": "Pool", "Authorizers": AUTHORIZERS}}}
    assert open_methods(source) == []


def test_an_operation_of_sams_definition_is_looked_at_and_no_event_of_an_api_with_a_definition() -> None:
    definition: dict[str, Any] = {"paths": {"/open": {"get": {}}}}
    no_default = auth(DefaultAuthorizer=None)
    assert open_methods(sam_api(Auth=no_default, DefinitionBody=definition)) == ["GET /open"]
    merged = sam_api(Auth=no_default, DefinitionBody=definition, MergeDefinitions=True)
    assert open_methods(merged) == ["GET /me", "GET /open"]


def test_an_event_of_an_api_whose_definition_is_a_file_is_left_alone() -> None:
    assert open_methods(sam_api(Auth=auth(DefaultAuthorizer=None), DefinitionUri="openapi.yaml")) == []


def test_an_event_of_an_operation_that_is_protected_is_left_alone() -> None:
    definition: dict[str, Any] = {"paths": {"/me": {"get": {"security": [{"Pool": []}]}}}}
    assert open_methods(sam_api(Auth=auth(DefaultAuthorizer=None), DefinitionBody=definition)) == []


def test_the_default_covers_an_operation_of_sams_definition() -> None:
    assert open_methods(sam_api(DefinitionBody={"paths": {"/open": {"get": {}}}})) == []


def of_both(*, merge: bool, **own: Any) -> dict[str, Any]:
    """Return a template whose event and definition both write the route; `own` is the event's Auth."""
    definition: dict[str, Any] = {"paths": {"/me": {"get": {}}}}
    no_default = auth(DefaultAuthorizer=None)
    event = {"Auth": own}
    return sam_api(Auth=no_default, event=event, DefinitionBody=definition, MergeDefinitions=merge)


@pytest.mark.parametrize(
    "source",
    [of_both(merge=True, Authorizer="Pool"), of_both(merge=False, Authorizer="Pool", OverrideApiAuth=True)],
)
def test_an_events_authorizer_covers_the_operation_of_the_same_route(source: dict[str, Any]) -> None:
    assert open_methods(source) == []


@pytest.mark.parametrize(
    "source",
    [
        of_both(merge=False, Authorizer="Pool"),
        of_both(merge=False, Authorizer="NONE", OverrideApiAuth=True),
    ],
)
def test_an_operation_is_open_though_its_event_names_an_authorizer_that_sam_does_not_take(
    source: dict[str, Any],
) -> None:
    assert open_methods(source) == ["GET /me"]


@pytest.mark.parametrize("kind", ["NONE", {"Ref": "AWS::NoValue"}])
def test_a_method_resource_without_authorization_is_open(kind: Any) -> None:
    assert open_methods(method(AuthorizationType=kind)) == ["GET Method"]


@pytest.mark.parametrize("kind", ["COGNITO_USER_POOLS", "AWS_IAM", "CUSTOM", {"Ref": "FromOutside"}])
def test_a_method_resource_with_authorization_is_right(kind: Any) -> None:
    assert open_methods(method(AuthorizationType=kind)) == []


def test_a_method_resource_of_another_api_is_left_alone() -> None:
    assert open_methods(method(RestApiId={"Ref": "Other"})) == []


@pytest.mark.parametrize("change", [{"Type": "TOKEN"}, {"RestApiId": {"Ref": "Other"}}])
def test_an_api_needs_a_cognito_authorizer_of_its_own(change: dict[str, Any]) -> None:
    source = method()
    source["Resources"]["Authorizer"]["Properties"] |= change
    assert open_methods(source) == []


def test_a_definition_with_another_kind_of_authorizer_is_left_alone() -> None:
    schemes = {"Function": {"type": "apiKey", "x-amazon-apigateway-authtype": "custom"}}
    assert open_methods(openapi({}, components={"securitySchemes": schemes})) == []


def test_an_operation_without_security_is_open() -> None:
    assert open_methods(openapi({})) == ["GET /me"]


@pytest.mark.parametrize("security", [[], [{}], [{"Pool": []}, {}]])
def test_an_operation_whose_security_asks_for_nothing_is_open(security: Any) -> None:
    assert open_methods(openapi({"security": security})) == ["GET /me"]


def test_security_of_the_whole_document_covers_nothing() -> None:
    """API Gateway reads the security of operations alone, and SAM copies the document's as it stands."""
    assert open_methods(openapi({}, security=[{"Pool": []}])) == ["GET /me"]
    definition = {"security": [{"Pool": []}], "paths": {"/open": {"get": {}}}}
    source = sam_api(Auth=auth(DefaultAuthorizer=None), DefinitionBody=definition)
    assert "GET /open" in open_methods(source)


@pytest.mark.parametrize("security", [[], [{"ApiKey": []}], [{"Pool": []}]])
def test_sam_puts_the_default_on_an_operation_whose_security_names_no_authorizer(security: Any) -> None:
    definition: dict[str, Any] = {"paths": {"/open": {"get": {"security": security}}}}
    assert open_methods(sam_api(DefinitionBody=definition)) == []


def test_none_opens_an_operation_under_a_default() -> None:
    definition: dict[str, Any] = {"paths": {"/open": {"get": {"security": [{"NONE": []}]}}}}
    assert open_methods(sam_api(DefinitionBody=definition)) == ["GET /open"]


def test_without_a_default_an_empty_security_opens_an_operation_of_sams_definition() -> None:
    definition: dict[str, Any] = {"paths": {"/open": {"get": {"security": []}}}}
    source = sam_api(Auth=auth(DefaultAuthorizer=None), DefinitionBody=definition)
    assert "GET /open" in open_methods(source)


def test_an_operations_own_security_covers_it() -> None:
    assert open_methods(openapi({"security": [{"Pool": []}]})) == []


def test_every_verb_of_a_definition_is_a_method() -> None:
    paths: dict[str, Any] = {"/me": {"x-amazon-apigateway-any-method": {}, "x-other": {}}}
    assert open_methods(openapi({}, paths=paths)) == ["ANY /me"]


@pytest.mark.parametrize("beside", [{}, {"Authorizer": "NONE"}, {"Authorizer": "AWS_IAM"}])
def test_scopes_without_an_authorizer_beside_them_are_found(beside: dict[str, str]) -> None:
    source = sam_api(event={"Auth": {"AuthorizationScopes": ["hello/read"], **beside}})
    assert find_paths("E9535", source) == [(*ROUTE, "Auth", "AuthorizationScopes")]


@pytest.mark.parametrize(
    "given",
    [
        {"AuthorizationScopes": ["hello/read"], "Authorizer": "Pool"},
        {"AuthorizationScopes": ["hello/read"], "Authorizer": {"Ref": "FromOutside"}},
        {"AuthorizationScopes": []},
        {"Authorizer": "Pool"},
    ],
)
def test_scopes_beside_an_authorizer_and_no_scopes_are_right(given: dict[str, Any]) -> None:
    assert find_paths("E9535", sam_api(event={"Auth": given})) == []


@pytest.mark.parametrize("kind", ["NONE", "AWS_IAM", "CUSTOM"])
def test_scopes_of_a_method_that_does_not_ask_cognito_are_found(kind: str) -> None:
    assert len(find_paths("E9535", method(AuthorizationType=kind, AuthorizationScopes=["hello/read"]))) == 1


def test_scopes_of_a_method_that_asks_cognito_are_right() -> None:
    source = method(AuthorizationType="COGNITO_USER_POOLS", AuthorizationScopes=["hello/read"])
    assert find_paths("E9535", source) == []
