"""Who may delete the users, and how hard it is to sign in as one of them."""

from __future__ import annotations

import pytest

from tests.pack.found import CHOICE, CONDITIONS, find_messages, find_paths, pool

PROPERTIES = ("Resources", "Pool", "Properties")


@pytest.mark.parametrize(
    "properties", ["{}", "DeletionProtection: INACTIVE", "DeletionProtection: !Ref AWS::NoValue"]
)
def test_a_pool_without_protection_is_found(properties: str) -> None:
    assert len(find_paths("W9501", pool(properties))) == 1


@pytest.mark.parametrize("properties", ["DeletionProtection: ACTIVE", "DeletionProtection: !Ref FromOutside"])
def test_a_pool_that_is_or_may_be_protected_is_right(properties: str) -> None:
    assert find_paths("W9501", pool(properties)) == []


def test_development_may_go_without_protection() -> None:
    properties = "DeletionProtection: !If [IsProduction, ACTIVE, INACTIVE]"
    assert find_paths("W9501", pool(properties, sections=CONDITIONS)) == []


def test_production_may_not_go_without_protection() -> None:
    properties = "DeletionProtection: !If [IsProduction, INACTIVE, ACTIVE]"
    path = (*PROPERTIES, "DeletionProtection", "Fn::If", 1)
    assert find_paths("W9501", pool(properties, sections=CONDITIONS)) == [path]


def test_a_template_that_distinguishes_has_decided_about_protection() -> None:
    properties = "DeletionProtection: !If [IsLeft, ACTIVE, INACTIVE]"
    assert find_paths("W9501", pool(properties, sections=CHOICE)) == []


def test_a_pool_that_only_development_has_needs_no_protection() -> None:
    assert find_paths("W9501", pool("{}", sections=CONDITIONS, attributes="Condition: IsDevelopment")) == []


def test_both_policies_are_asked_for() -> None:
    messages = find_messages("W9502", pool("{}"))
    assert [message.split(" of ")[0] for message in messages] == [
        "Set DeletionPolicy",
        "Set UpdateReplacePolicy",
    ]


@pytest.mark.parametrize("policy", ["Retain", "RetainExceptOnCreate"])
def test_policies_that_keep_the_pool_are_right(policy: str) -> None:
    attributes = f"{{DeletionPolicy: {policy}, UpdateReplacePolicy: Retain}}"
    assert find_paths("W9502", pool("{}", attributes=attributes)) == []


def test_a_policy_that_deletes_the_pool_is_found_where_it_stands() -> None:
    attributes = "{DeletionPolicy: Delete, UpdateReplacePolicy: Retain}"
    assert find_paths("W9502", pool("{}", attributes=attributes)) == [("Resources", "Pool", "DeletionPolicy")]


def test_policies_may_depend_on_the_environment() -> None:
    attributes = "DeletionPolicy: !If [IsProduction, Retain, Delete]\nUpdateReplacePolicy: Retain"
    assert find_paths("W9502", pool("{}", sections=CONDITIONS, attributes=attributes)) == []


@pytest.mark.parametrize(
    "properties",
    [
        "{}",
        "Policies: {PasswordPolicy: {RequireSymbols: true}}",
        "Policies: {PasswordPolicy: {MinimumLength: 11}}",
        "Policies: {PasswordPolicy: {MinimumLength: '8'}}",
        "{MfaConfiguration: OPTIONAL, Policies: {PasswordPolicy: {MinimumLength: 8}}}",
        "{MfaConfiguration: 'ON', Policies: {PasswordPolicy: {MinimumLength: 7}}}",
    ],
)
def test_short_passwords_are_found(properties: str) -> None:
    assert len(find_paths("W9503", pool(properties))) == 1


@pytest.mark.parametrize(
    "properties",
    [
        "Policies: {PasswordPolicy: {MinimumLength: 12}}",
        "Policies: {PasswordPolicy: {MinimumLength: !Ref FromOutside}}",
        "Policies: !Ref FromOutside",
        "Policies: {PasswordPolicy: {MinimumLength: long}}",
        "Policies: {PasswordPolicy: {MinimumLength: true}}",
        "{MfaConfiguration: 'ON', Policies: {PasswordPolicy: {MinimumLength: 8}}}",
        "MfaConfiguration: 'ON'",
    ],
)
def test_long_passwords_and_eight_characters_beside_a_required_factor_are_right(properties: str) -> None:
    assert find_paths("W9503", pool(properties)) == []


def test_every_branch_must_ask_for_long_passwords() -> None:
    properties = "Policies: {PasswordPolicy: {MinimumLength: !If [IsLeft, 12, 6]}}"
    path = (*PROPERTIES, "Policies", "PasswordPolicy", "MinimumLength", "Fn::If", 2)
    assert find_paths("W9503", pool(properties, sections=CHOICE)) == [path]


def test_the_second_factor_counts_only_where_the_length_does() -> None:
    properties = """
        MfaConfiguration: !If [IsLeft, 'ON', 'OFF']
        Policies: {PasswordPolicy: {MinimumLength: !If [IsLeft, 8, 12]}}
        """
    assert find_paths("W9503", pool(properties, sections=CHOICE)) == []


def test_a_parameters_default_is_judged() -> None:
    sections = "Parameters: {Length: {Type: Number, Default: 6, MinValue: 6}}"
    properties = "Policies: {PasswordPolicy: {MinimumLength: !Ref Length}}"
    assert find_messages("W9503", pool(properties, sections=sections))[0].startswith(
        "Passwords of 6 characters"
    )


@pytest.mark.parametrize("properties", ["{}", "MfaConfiguration: 'OFF'"])
def test_a_pool_without_second_factor_is_found(properties: str) -> None:
    assert len(find_paths("W9504", pool(properties))) == 1


@pytest.mark.parametrize("properties", ["MfaConfiguration: 'ON'", "MfaConfiguration: OPTIONAL"])
def test_a_pool_with_second_factor_is_right(properties: str) -> None:
    assert find_paths("W9504", pool(properties)) == []


def test_the_message_of_a_pool_names_it() -> None:
    assert find_messages("W9501", pool("{}")) == [
        "Set DeletionProtection of Pool to ACTIVE: without it one call deletes every user"
    ]


def test_aliases_beside_user_name_attributes_are_found() -> None:
    assert len(find_paths("E9505", pool("{AliasAttributes: [email], UsernameAttributes: [email]}"))) == 1


@pytest.mark.parametrize("properties", ["{AliasAttributes: [email]}", "{UsernameAttributes: [email]}"])
def test_one_kind_of_names_is_right(properties: str) -> None:
    assert find_paths("E9505", pool(properties)) == []


@pytest.mark.parametrize("mode", ["ON", "OPTIONAL"])
@pytest.mark.parametrize("factors", ["", ", EnabledMfas: []", ", EnabledMfas: [SMS_MFA]"])
def test_mfa_without_a_factor_is_found(mode: str, factors: str) -> None:
    assert len(find_paths("E9507", pool(f"{{MfaConfiguration: '{mode}'{factors}}}"))) == 1


@pytest.mark.parametrize(
    "properties",
    [
        "{MfaConfiguration: 'OFF'}",
        "{MfaConfiguration: 'ON', EnabledMfas: [SOFTWARE_TOKEN_MFA]}",
        "{MfaConfiguration: 'ON', EnabledMfas: !Ref FromOutside}",
        "{MfaConfiguration: 'ON', SmsConfiguration: {SnsCallerArn: !Ref FromOutside}}",
    ],
)
def test_mfa_with_a_factor_and_no_mfa_are_right(properties: str) -> None:
    assert find_paths("E9507", pool(properties)) == []
