"""Who signs in, and how: what keeps the users and their tokens safe is never lost."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.template.written_template import (
    ENVIRONMENTS,
    deployed,
    of_type,
    outputs,
    properties,
    template,
    written,
)

IMMUTABLE = {"AliasAttributes", "Schema", "UsernameAttributes"}
"""Properties that no update can change, or only by a new, empty pool."""


def user_pool(environment: str = "dev", **parameters: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = deployed(environment, **parameters)["UserPool"]["Properties"]
    return found


def client(environment: str = "dev", logical_id: str = "UserPoolClient") -> Mapping[str, Any]:
    found: Mapping[str, Any] = deployed(environment)[logical_id]["Properties"]
    return found


@pytest.mark.parametrize(
    ("environment", "kept", "protection"),
    [("dev", "Delete", "INACTIVE"), ("staging", "Delete", "INACTIVE"), ("prod", "Retain", "ACTIVE")],
)
def test_only_prods_users_outlive_their_stack(environment: str, kept: str, protection: str) -> None:
    pool = deployed(environment)["UserPool"]
    assert (pool["DeletionPolicy"], pool["UpdateReplacePolicy"]) == (kept, kept)
    assert pool["Properties"]["DeletionProtection"] == protection


def test_names_are_plain_and_nothing_is_set_that_a_later_update_could_not_keep() -> None:
    pool = properties("UserPool")
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}
    assert not IMMUTABLE & pool.keys()


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_only_administrators_create_users_unless_the_parameter_says_otherwise(environment: str) -> None:
    own = {"AllowAdminCreateUserOnly": False}
    assert user_pool(environment)["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert user_pool(environment, SelfSignUp="enabled")["AdminCreateUserConfig"] == own


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_passwords_are_long_and_mixed(environment: str) -> None:
    policy = user_pool(environment)["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] >= 12
    assert all(policy[f"Require{kind}"] for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols"))


@pytest.mark.parametrize("configuration", ["OPTIONAL", "ON"])
def test_the_second_factor_is_an_authenticator_app_only(configuration: str) -> None:
    pool = user_pool("prod", MfaConfiguration=configuration)
    assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == (configuration, ["SOFTWARE_TOKEN_MFA"])


def test_without_a_second_factor_no_factor_is_named() -> None:
    pool = user_pool(MfaConfiguration="OFF")
    assert pool["MfaConfiguration"] == "OFF"
    assert "EnabledMfas" not in pool


def test_an_account_is_recovered_and_an_address_changed_by_verified_e_mail() -> None:
    pool = user_pool()
    assert pool["AccountRecoverySetting"]["RecoveryMechanisms"] == [{"Name": "verified_email", "Priority": 1}]
    assert pool["UserAttributeUpdateSettings"] == {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    assert pool["AutoVerifiedAttributes"] == ["email"]


def test_the_public_client_has_no_secret_and_gets_a_code() -> None:
    public = client()
    assert public["GenerateSecret"] is False
    assert public["AllowedOAuthFlows"] == ["code"]
    assert "openid" in public["AllowedOAuthScopes"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_page_has_the_same_client_everywhere_which_never_sends_the_password(environment: str) -> None:
    assert client(environment) == client("prod")
    assert client(environment)["ExplicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH"]


@pytest.mark.parametrize(("environment", "clients"), [("dev", 1), ("staging", 1), ("prod", 0)])
def test_the_password_itself_is_taken_everywhere_but_in_prod_and_by_one_client(
    environment: str, clients: int
) -> None:
    found = of_type(deployed(environment), "AWS::Cognito::UserPoolClient")
    taking = {
        name: one for name, one in found.items() if "ALLOW_USER_PASSWORD_AUTH" in one["ExplicitAuthFlows"]
    }
    assert list(taking) == ["PasswordClient"] * clients
    assert [outputs(environment).get("PasswordClientId", "none")] == (list(taking) or ["none"])
    assert not any("AllowedOAuthFlows" in one for one in taking.values())


@pytest.mark.parametrize("logical_id", ["UserPoolClient", "PasswordClient"])
def test_refresh_tokens_are_good_for_one_use(logical_id: str) -> None:
    public = client("staging", logical_id)
    assert public["RefreshTokenRotation"]["Feature"] == "ENABLED"
    assert "ALLOW_REFRESH_TOKEN_AUTH" not in public["ExplicitAuthFlows"]


def test_refresh_tokens_last_thirty_days() -> None:
    public = client("prod")
    assert (public["RefreshTokenValidity"], public["TokenValidityUnits"]["RefreshToken"]) == (30, "days")


def test_tokens_last_an_hour() -> None:
    public = client()
    units = public["TokenValidityUnits"]
    assert {units["IdToken"], units["AccessToken"]} == {"minutes"}
    assert (public["IdTokenValidity"], public["AccessTokenValidity"]) == (60, 60)


def test_the_machine_client_has_a_secret_and_signs_in_no_people() -> None:
    machine = properties("MachineClient")
    assert machine["GenerateSecret"] is True
    assert machine["AllowedOAuthFlows"] == ["client_credentials"]
    assert machine["AllowedOAuthScopes"] == ["hello/read"]
    assert machine["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    assert written()["MachineClient"]["DependsOn"] == "HelloResourceServer"


@pytest.mark.parametrize("logical_id", ["UserPoolClient", "PasswordClient", "MachineClient"])
def test_no_client_tells_who_has_an_account_and_tokens_can_be_revoked(logical_id: str) -> None:
    assert properties(logical_id)["PreventUserExistenceErrors"] == "ENABLED"
    assert properties(logical_id)["EnableTokenRevocation"] is True


@pytest.mark.parametrize(
    ("environment", "version", "brandings"), [("dev", 1, 0), ("staging", 2, 1), ("prod", 2, 1)]
)
def test_managed_login_has_a_branding_wherever_it_is(environment: str, version: int, brandings: int) -> None:
    resources = deployed(environment)
    assert resources["UserPoolDomain"]["Properties"]["ManagedLoginVersion"] == version
    branded = of_type(resources, "AWS::Cognito::ManagedLoginBranding").values()
    assert [branding["ClientId"] for branding in branded] == ["UserPoolClient"] * brandings


@pytest.mark.parametrize(
    "url",
    [
        "http://www.example.com",
        "https://",
        "www.example.com",
        "https://a.example.com/#x",
        "http://localhost.evil.example",
    ],
)
def test_a_page_of_the_login_is_https_or_on_localhost(url: str) -> None:
    definition = template().source["Parameters"]["AllowedOrigin"]
    assert re.fullmatch(definition["AllowedPattern"], url) is None
    assert re.fullmatch(definition["AllowedPattern"], definition["Default"])
    assert re.fullmatch(definition["AllowedPattern"], "https://www.example.com")


def test_the_login_leads_to_the_first_page_of_the_allowed_origin() -> None:
    public = deployed(AllowedOrigin="https://www.example.com")["UserPoolClient"]["Properties"]
    assert public["CallbackURLs"] == public["LogoutURLs"] == ["https://www.example.com/"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_plan_is_one_that_has_managed_login(environment: str) -> None:
    """Staging and prod have managed login, and dev shows what they will do."""
    assert user_pool(environment)["UserPoolTier"] == "ESSENTIALS"


def test_the_group_is_the_one_that_the_function_asks_for() -> None:
    assert properties("AdminsGroup")["GroupName"] == "admins"


def test_the_scope_is_the_one_that_the_function_asks_for() -> None:
    server = properties("HelloResourceServer")
    assert [f"{server['Identifier']}/{scope['ScopeName']}" for scope in server["Scopes"]] == ["hello/read"]
