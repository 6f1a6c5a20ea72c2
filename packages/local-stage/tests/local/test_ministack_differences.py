"""Where MiniStack's Cognito does otherwise than AWS's: each test asserts what AWS does, and fails as yet."""

from __future__ import annotations

import time

import pytest
from botocore.exceptions import ClientError

from local_stage.cloudformation.local_aws import LocalAwsSettings
from tests.local.emulated_pool import PASSWORD, EmulatedPool, decode, new_name, refusal
from tests.local.ministack_difference import differs

NO_SESSION = "0" * 30


# Challenges


@pytest.mark.parametrize(
    ("challenge", "responses"),
    [
        ("NEW_PASSWORD_REQUIRED", {"NEW_PASSWORD": "Another-Horse-7"}),
        ("SOFTWARE_TOKEN_MFA", {"SOFTWARE_TOKEN_MFA_CODE": "123456"}),
        ("MFA_SETUP", {}),
    ],
)
@differs("whoever knows a user name answers the challenge of a session that never was, and gets tokens")
def test_a_challenge_is_answered_only_in_its_session(
    pool: EmulatedPool, challenge: str, responses: dict[str, str]
) -> None:
    user = pool.add_user(permanent=challenge != "NEW_PASSWORD_REQUIRED")
    with pytest.raises(ClientError) as caught:
        pool.cognito.respond_to_auth_challenge(
            ClientId=pool.add_password_client(),
            ChallengeName=challenge,
            Session=NO_SESSION,
            ChallengeResponses={"USERNAME": user, **responses},
        )
    assert refusal(caught.value)[0] == "NotAuthorizedException"


@differs("a new password that the challenge asks for need not keep the policy")
def test_a_new_password_keeps_the_policy(local_aws: LocalAwsSettings) -> None:
    pool = EmulatedPool(local_aws, Policies={"PasswordPolicy": {"MinimumLength": 12}})
    client_id, user = pool.add_password_client(), pool.add_user(permanent=False)
    challenge = pool.initiate(client_id, user)
    with pytest.raises(ClientError) as caught:
        pool.cognito.respond_to_auth_challenge(
            ClientId=client_id,
            ChallengeName=challenge["ChallengeName"],
            Session=challenge["Session"],
            ChallengeResponses={"USERNAME": user, "NEW_PASSWORD": "short"},
        )
    assert refusal(caught.value)[0] == "InvalidPasswordException"


# Sign-in


@differs("user names are compared to the letter in every pool", raises=ClientError)
def test_in_a_pool_without_case_a_user_name_is_good_in_any(local_aws: LocalAwsSettings) -> None:
    pool = EmulatedPool(local_aws, UsernameConfiguration={"CaseSensitive": False})
    client_id, user = pool.add_password_client(), pool.add_user()
    assert decode(pool.sign_in(client_id, user.upper())["IdToken"])["cognito:username"] == user


@differs("wrong passwords lock nobody out")
def test_after_five_wrong_passwords_a_user_is_locked_out_for_a_while(pool: EmulatedPool) -> None:
    client_id, user = pool.add_password_client(), pool.add_user()
    for _ in range(5):
        with pytest.raises(ClientError):
            pool.sign_in(client_id, user, "Wrong-Horse-7")
    with pytest.raises(ClientError) as caught:
        pool.sign_in(client_id, user)
    assert refusal(caught.value) == ("NotAuthorizedException", "Password attempts exceeded")


@differs("a pool that asks everybody for a second factor lets in who has none")
def test_where_a_second_factor_is_a_must_nobody_signs_in_without(local_aws: LocalAwsSettings) -> None:
    pool = EmulatedPool(local_aws)
    pool.cognito.set_user_pool_mfa_config(
        UserPoolId=pool.id, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration="ON"
    )
    answer = pool.initiate(pool.add_password_client(), pool.add_user())
    assert answer.get("ChallengeName") == "MFA_SETUP"


@differs("there is no USER_AUTH", raises=ClientError)
def test_who_signs_in_may_choose_how(pool: EmulatedPool) -> None:
    client_id, user = pool.add_client(ExplicitAuthFlows=["ALLOW_USER_AUTH"])["ClientId"], pool.add_user()
    answer = pool.cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_AUTH",
        AuthParameters={"USERNAME": user, "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD},
    )
    assert "IdToken" in answer["AuthenticationResult"]


@differs("any attribute is taken")
def test_an_attribute_that_the_schema_does_not_have_is_refused(pool: EmulatedPool) -> None:
    with pytest.raises(ClientError) as caught:
        pool.add_user({"custom:unknown": "1"})
    assert refusal(caught.value)[0] == "InvalidParameterException"


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


@differs("the refresh token is a signed JWT that anybody can read")
def test_a_refresh_token_is_encrypted(pool: EmulatedPool) -> None:
    token = pool.sign_in(pool.add_password_client(), pool.add_user())["RefreshToken"]
    assert token.count(".") == 4  # RFC 7516, 3.1: an encrypted token has five parts, a signed one three


@differs("refresh tokens do not rotate")
def test_a_rotated_refresh_token_is_good_only_once(pool: EmulatedPool) -> None:
    rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}
    client_id = pool.add_client(
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"], RefreshTokenRotation=rotation
    )["ClientId"]
    token = pool.sign_in(client_id, pool.add_user())["RefreshToken"]
    pool.cognito.get_tokens_from_refresh_token(RefreshToken=token, ClientId=client_id)
    with pytest.raises(ClientError):
        pool.cognito.get_tokens_from_refresh_token(RefreshToken=token, ClientId=client_id)


@differs("any validity is taken")
def test_an_id_token_is_good_for_five_minutes_at_least(pool: EmulatedPool) -> None:
    with pytest.raises(ClientError) as caught:
        pool.add_client(IdTokenValidity=4, TokenValidityUnits={"IdToken": "minutes"})
    assert refusal(caught.value)[0] == "InvalidParameterException"


@differs("ids of app clients have capitals")
def test_the_id_of_an_app_client_has_small_letters_and_digits(pool: EmulatedPool) -> None:
    ids = "".join(pool.add_password_client() for _ in range(3))
    assert ids == ids.lower()
