"""Managed login has pages only for clients with a branding."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pack.found import find_messages, find_paths, read

BASE = """
Parameters: {Choice: {Type: String, Default: left}}
Conditions: {IsLeft: !Equals [!Ref Choice, left]}
Resources:
  Pool: {Type: AWS::Cognito::UserPool}
  Domain:
    Type: AWS::Cognito::UserPoolDomain
    Properties: {UserPoolId: !Ref Pool, Domain: hello, ManagedLoginVersion: 2}
  Client:
    Type: AWS::Cognito::UserPoolClient
    Properties: {UserPoolId: !Ref Pool, AllowedOAuthFlows: [code]}
  Branding:
    Type: AWS::Cognito::ManagedLoginBranding
    Properties: {UserPoolId: !Ref Pool, ClientId: !Ref Client, UseCognitoProvidedValues: true}
"""


def login(**changes: dict[str, Any]) -> dict[str, Any]:
    """Return the template with resources replaced, or left out where nothing replaces them."""
    source = read(BASE)
    source["Resources"] = {name: one for name, one in (source["Resources"] | changes).items() if one}
    return source


def changed(name: str, **properties: Any) -> dict[str, Any]:
    resource: dict[str, Any] = read(BASE)["Resources"][name]
    return {**resource, "Properties": resource["Properties"] | properties}


def test_a_client_with_branding_is_right() -> None:
    assert find_paths("E9521", login()) == []


def test_a_client_without_branding_is_found() -> None:
    (message,) = find_messages("E9521", login(Branding={}))
    assert message.startswith('Client gets "Login pages unavailable"')


@pytest.mark.parametrize("version", [1, {"Ref": "FromOutside"}, {"Ref": "AWS::NoValue"}])
def test_other_versions_of_the_login_need_no_branding(version: Any) -> None:
    assert (
        find_paths("E9521", login(Branding={}, Domain=changed("Domain", ManagedLoginVersion=version))) == []
    )


@pytest.mark.parametrize("flows", [[], ["client_credentials"]])
def test_a_client_without_login_page_needs_no_branding(flows: list[str]) -> None:
    assert find_paths("E9521", login(Branding={}, Client=changed("Client", AllowedOAuthFlows=flows))) == []


def test_a_client_of_another_pool_needs_no_branding() -> None:
    client = changed("Client", UserPoolId={"Ref": "Other"})
    assert find_paths("E9521", login(Branding={}, Client=client)) == []


def test_each_client_needs_a_branding_of_its_own() -> None:
    (message,) = find_messages("E9521", login(Second=changed("Client")))
    assert message.startswith("Second gets")


def test_a_branding_of_a_client_that_is_not_known_may_be_the_right_one() -> None:
    branding = changed("Branding", ClientId={"Fn::ImportValue": "client"})
    assert find_paths("E9521", login(Branding=branding)) == []


def test_a_branding_that_is_there_only_sometimes_is_not_enough() -> None:
    branding = changed("Branding") | {"Condition": "IsLeft"}
    assert len(find_paths("E9521", login(Branding=branding))) == 1


def test_a_branding_that_is_there_whenever_it_is_needed_is_enough() -> None:
    branding = changed("Branding") | {"Condition": "IsLeft"}
    domain = changed("Domain", ManagedLoginVersion={"Fn::If": ["IsLeft", 2, 1]})
    assert find_paths("E9521", login(Branding=branding, Domain=domain)) == []


@pytest.mark.parametrize(
    ("properties", "found"),
    [
        ("{UseCognitoProvidedValues: true, Settings: {}}", 1),
        ("{UseCognitoProvidedValues: true}", 0),
        ("{UseCognitoProvidedValues: false, Settings: {}}", 0),
    ],
)
def test_a_branding_has_one_look(properties: str, found: int) -> None:
    resource = {"Type": "AWS::Cognito::ManagedLoginBranding", "Properties": read(properties)}
    assert len(find_paths("E9522", {"Resources": {"Branding": resource}})) == found
