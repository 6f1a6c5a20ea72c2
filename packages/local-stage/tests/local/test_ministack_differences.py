"""Where MiniStack's Cognito does otherwise than AWS's: each test asserts what AWS does, and fails as yet."""

from __future__ import annotations

import time

import pytest
from botocore.exceptions import ClientError

from local_stage.cloudformation.local_aws import LocalAwsSettings
from tests.local.emulated_pool import PASSWORD, EmulatedPool, decode, new_name, refusal
from tests.local.ministack_difference import differs

# Sign-in


@differs("there is no USER_AUTH", raises=ClientError)
def test_who_signs_in_may_choose_how(pool: EmulatedPool) -> None:
    client_id, user = pool.add_client(ExplicitAuthFlows=["ALLOW_USER_AUTH"])["ClientId"], pool.add_user()
    answer = pool.cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_AUTH",
        AuthParameters={"USERNAME": user, "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD},
    )
    assert "IdToken" in answer["AuthenticationResult"]


@differs("a required attribute may be missing")
def test_an_attribute_that_the_schema_requires_has_to_be_there(local_aws: LocalAwsSettings) -> None:
    pool = EmulatedPool(local_aws, Schema=[{"Name": "email", "Required": True, "Mutable": True}])
    with pytest.raises(ClientError) as caught:
        pool.add_user()
    assert refusal(caught.value)[0] == "InvalidParameterException"


# Tokens


@pytest.mark.parametrize("name", ["IdToken", "AccessToken"])
@differs("no event_id")
def test_a_token_names_its_event(pool: EmulatedPool, name: str) -> None:
    tokens = pool.sign_in(pool.add_password_client(), pool.add_user())
    assert "event_id" in decode(tokens[name])


@differs("no roles")
def test_an_id_token_names_the_roles_of_the_users_groups(
    local_aws: LocalAwsSettings, pool: EmulatedPool
) -> None:
    client_id, user, role = pool.add_password_client(), pool.add_user(), new_name("role")
    arn = local_aws.client("iam").create_role(RoleName=role, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    pool.cognito.create_group(UserPoolId=pool.id, GroupName="admins", RoleArn=arn)
    pool.cognito.admin_add_user_to_group(UserPoolId=pool.id, Username=user, GroupName="admins")
    claims = decode(pool.sign_in(client_id, user)["IdToken"])
    assert (claims.get("cognito:roles"), claims.get("cognito:preferred_role")) == ([arn], arn)


@differs("every address counts as verified")
def test_an_address_that_nobody_has_verified_is_not_verified(pool: EmulatedPool) -> None:
    user = pool.add_user({"email": "somebody@example.com"})
    assert decode(pool.sign_in(pool.add_password_client(), user)["IdToken"])["email_verified"] is False


@differs("auth_time is the time of the refresh")
def test_a_refresh_keeps_the_time_of_the_sign_in(pool: EmulatedPool) -> None:
    client_id = pool.add_password_client()
    tokens = pool.sign_in(client_id, pool.add_user())
    signed_in = decode(tokens["IdToken"])["auth_time"]
    while time.time() < signed_in + 1:
        time.sleep(0.05)
    assert decode(pool.refresh(client_id, tokens["RefreshToken"])["IdToken"])["auth_time"] == signed_in


@differs("any validity is taken")
def test_an_id_token_is_good_for_five_minutes_at_least(pool: EmulatedPool) -> None:
    with pytest.raises(ClientError) as caught:
        pool.add_client(IdTokenValidity=4, TokenValidityUnits={"IdToken": "minutes"})
    assert refusal(caught.value)[0] == "InvalidParameterException"


@differs("ids of app clients have capitals")
def test_the_id_of_an_app_client_has_small_letters_and_digits(pool: EmulatedPool) -> None:
    ids = "".join(pool.add_password_client() for _ in range(3))
    assert ids == ids.lower()
