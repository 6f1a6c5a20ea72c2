"""How people and machines sign in, and what an attacker learns from it."""

from __future__ import annotations

import pytest

from tests.pack.found import CHOICE, CONDITIONS, client, find_messages, find_paths

PROPERTIES = ("Resources", "Client", "Properties")


@pytest.mark.parametrize("properties", ["{}", "PreventUserExistenceErrors: LEGACY"])
def test_a_client_that_tells_who_exists_is_found(properties: str) -> None:
    assert len(find_paths("W9511", client(properties))) == 1


@pytest.mark.parametrize("value", ["ENABLED", "!Ref FromOutside"])
def test_a_client_that_does_not_tell_is_right(value: str) -> None:
    assert find_paths("W9511", client(f"PreventUserExistenceErrors: {value}")) == []


@pytest.mark.parametrize("value", ["false", "'false'", "!If [IsLeft, true, false]"])
def test_switched_off_revocation_is_found(value: str) -> None:
    assert len(find_paths("W9512", client(f"EnableTokenRevocation: {value}", sections=CHOICE))) == 1


@pytest.mark.parametrize("properties", ["{}", "EnableTokenRevocation: true"])
def test_revocation_is_on_by_default(properties: str) -> None:
    assert find_paths("W9512", client(properties)) == []


def test_the_implicit_flow_is_found_among_others() -> None:
    assert find_paths("W9513", client("AllowedOAuthFlows: [code, implicit]")) == [
        (*PROPERTIES, "AllowedOAuthFlows", 1)
    ]


def test_the_implicit_flow_is_found_in_a_branch() -> None:
    properties = "AllowedOAuthFlows: !If [IsLeft, [code], [implicit]]"
    assert len(find_paths("W9513", client(properties, sections=CHOICE))) == 1


def test_the_code_flow_is_right() -> None:
    assert find_paths("W9513", client("AllowedOAuthFlows: [code]")) == []


@pytest.mark.parametrize("flow", ["ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"])
def test_a_password_flow_under_no_condition_is_found(flow: str) -> None:
    assert len(find_paths("W9514", client(f"ExplicitAuthFlows: [{flow}]"))) == 1


@pytest.mark.parametrize(
    "flow", ["ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "!Ref FromOutside"]
)
def test_other_flows_are_right(flow: str) -> None:
    assert find_paths("W9514", client(f"ExplicitAuthFlows: [{flow}]")) == []


@pytest.mark.parametrize(
    "flows",
    [
        "[!If [IsDevelopment, ALLOW_USER_PASSWORD_AUTH, !Ref AWS::NoValue]]",
        "!If [IsProduction, [ALLOW_USER_SRP_AUTH], [ALLOW_USER_PASSWORD_AUTH]]",
    ],
)
def test_the_password_flow_may_be_on_in_development(flows: str) -> None:
    assert find_paths("W9514", client(f"ExplicitAuthFlows: {flows}", sections=CONDITIONS)) == []


@pytest.mark.parametrize(
    "flows",
    [
        "[!If [IsProduction, ALLOW_USER_PASSWORD_AUTH, !Ref AWS::NoValue]]",
        "[!If [IsLeft, ALLOW_USER_PASSWORD_AUTH, !Ref AWS::NoValue]]",
    ],
)
def test_a_condition_that_production_meets_does_not_help(flows: str) -> None:
    assert len(find_paths("W9514", client(f"ExplicitAuthFlows: {flows}", sections=CONDITIONS))) == 1


def test_without_production_a_condition_is_a_decision() -> None:
    flows = "[!If [IsLeft, ALLOW_USER_PASSWORD_AUTH, !Ref AWS::NoValue]]"
    assert find_paths("W9514", client(f"ExplicitAuthFlows: {flows}", sections=CHOICE)) == []


def test_a_client_for_development_may_take_passwords() -> None:
    source = client(
        "ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH]",
        sections=CONDITIONS,
        attributes="Condition: IsDevelopment",
    )
    assert find_paths("W9514", source) == []


@pytest.mark.parametrize("secret", ["", "GenerateSecret: false", "GenerateSecret: 'false'"])
def test_a_machine_without_secret_is_found(secret: str) -> None:
    assert len(find_paths("E9518", client(f"AllowedOAuthFlows: [client_credentials]\n{secret}"))) == 1


@pytest.mark.parametrize("secret", ["true", "'true'", "!Ref FromOutside"])
def test_a_machine_with_secret_is_right(secret: str) -> None:
    properties = f"AllowedOAuthFlows: [client_credentials]\nGenerateSecret: {secret}"
    assert find_paths("E9518", client(properties)) == []


def test_the_secret_is_needed_only_where_the_machine_flow_is() -> None:
    properties = """
        AllowedOAuthFlows: !If [IsLeft, [client_credentials], [code]]
        GenerateSecret: !If [IsLeft, true, false]
        """
    assert find_paths("E9518", client(properties, sections=CHOICE)) == []


def test_a_machine_with_a_login_page_is_found() -> None:
    properties = "{AllowedOAuthFlows: [client_credentials, code], GenerateSecret: true}"
    assert find_paths("E9518", client(properties)) == [(*PROPERTIES, "AllowedOAuthFlows", 1)]


@pytest.mark.parametrize(
    "sign", ["AllowedOAuthFlows: [implicit]", "CallbackURLs: [https://app.example.com, myapp://callback]"]
)
def test_a_public_client_with_secret_is_found(sign: str) -> None:
    assert len(find_paths("W9519", client(f"GenerateSecret: true\n{sign}"))) == 1


def test_a_web_server_may_have_a_secret() -> None:
    properties = "{GenerateSecret: true, AllowedOAuthFlows: [code], CallbackURLs: [https://app.example.com]}"
    assert find_paths("W9519", client(properties)) == []


def test_the_message_says_why_the_client_is_public() -> None:
    (message,) = find_messages("W9519", client("{GenerateSecret: true, CallbackURLs: ['myapp://callback']}"))
    assert "its callback myapp://callback is an app's own scheme" in message


@pytest.mark.parametrize(
    "sign",
    [
        "AllowedOAuthFlows: !If [IsLeft, [code], [implicit]]",
        "CallbackURLs: !If [IsLeft, [https://app.example.com], [myapp://callback]]",
    ],
)
def test_a_secret_that_the_public_branch_does_not_have_is_right(sign: str) -> None:
    properties = f"GenerateSecret: !If [IsLeft, true, false]\n{sign}"
    assert find_paths("W9519", client(properties, sections=CHOICE)) == []


def test_a_client_that_only_production_has_may_not_take_passwords() -> None:
    source = client(
        "ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH]",
        sections=CONDITIONS,
        attributes="Condition: IsProduction",
    )
    assert len(find_paths("W9514", source)) == 1
