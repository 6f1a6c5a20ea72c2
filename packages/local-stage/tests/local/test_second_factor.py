"""No token leaves a local pool before the second factor that it asks for has been given.

What Cognito answers stands in moto's tests that were verified against AWS, and in its documentation.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_stage.cloudformation.local_aws import LocalAwsSettings
from local_stage.cloudformation.pool_front.totp import STEP, make_code
from local_stage.cognito.srp import SrpClient
from tests.local.emulated_pool import PASSWORD, EmulatedPool, decode, post, refusal, tokens_of
from tests.local.local_aws_process import running_local_aws

FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"]
FLOWS += ["ALLOW_REFRESH_TOKEN_AUTH"]
TOTP, SETUP, EMAIL = "SOFTWARE_TOKEN_MFA", "MFA_SETUP", "EMAIL_OTP"
INVALID = ("NotAuthorizedException", "Invalid session for the user.")
USED = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")


class App:
    """An authenticator app: `first` is its code now, `second` the following one, good for a minute yet."""

    def __init__(self, secret: str) -> None:
        step = int(time.time()) // STEP
        self.first, self.second = make_code(secret, step), make_code(secret, step + 1)
        near = {make_code(secret, step + later) for later in range(-2, 9)}
        self.wrong = next(code for code in map(str, range(100_000, 100_020)) if code not in near)


def refused(call: Callable[..., object], **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return refusal(caught.value)


class Guarded:
    """A pool that asks for a second factor, and one user of it who has a password."""

    def __init__(self, settings: LocalAwsSettings, required: str = "ON", **of_client: Any) -> None:
        self.pool = EmulatedPool(settings)
        self.cognito = self.pool.cognito
        self.cognito.set_user_pool_mfa_config(
            UserPoolId=self.pool.id,
            SoftwareTokenMfaConfiguration={"Enabled": True},
            MfaConfiguration=required,
        )
        self.client = self.pool.add_client(**{"ExplicitAuthFlows": FLOWS, **of_client})["ClientId"]
        self.user = self.pool.add_user()

    def take_email_too(self) -> None:
        self.cognito.set_user_pool_mfa_config(UserPoolId=self.pool.id, EmailMfaConfiguration={})

    def sign_in(self) -> dict[str, Any]:
        return self.pool.initiate(self.client, self.user)

    def answer(self, challenge: dict[str, Any], **responses: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.cognito.respond_to_auth_challenge(
            ClientId=self.client,
            ChallengeName=challenge["ChallengeName"],
            Session=challenge["Session"],
            ChallengeResponses={"USERNAME": self.user, **responses},
        )
        return answer

    def set_up(self, challenge: dict[str, Any]) -> tuple[App, dict[str, Any]]:
        """Return an authenticator app whose first code is used, and the challenge with its next session."""
        associated = self.cognito.associate_software_token(Session=challenge["Session"])
        app = App(associated["SecretCode"])
        verified = self.cognito.verify_software_token(Session=associated["Session"], UserCode=app.first)
        assert verified["Status"] == "SUCCESS"
        return app, {**challenge, "Session": verified["Session"]}


def test_who_has_no_factor_sets_one_up_before_there_are_tokens(local_aws: LocalAwsSettings) -> None:
    guarded = Guarded(local_aws)
    challenge = guarded.sign_in()
    assert (challenge["ChallengeName"], "AuthenticationResult" in challenge) == (SETUP, False)
    assert challenge["ChallengeParameters"]["MFAS_CAN_SETUP"] == '["SOFTWARE_TOKEN_MFA"]'
    unverified = guarded.cognito.associate_software_token(Session=challenge["Session"])
    app = App(unverified["SecretCode"])
    wrong = {"Session": unverified["Session"], "UserCode": app.wrong}
    assert refused(guarded.cognito.verify_software_token, **wrong) == (
        "EnableSoftwareTokenMFAException",
        "Code mismatch",
    )
    with pytest.raises(ClientError):
        guarded.answer({**challenge, "Session": unverified["Session"]})
    with pytest.raises(ClientError):
        guarded.answer(challenge)
    verified = guarded.cognito.verify_software_token(Session=unverified["Session"], UserCode=app.first)
    tokens = tokens_of(guarded.answer({**challenge, "Session": verified["Session"]}))
    assert decode(tokens["IdToken"])["cognito:username"] == guarded.user
    assert guarded.pool.refresh(guarded.client, tokens["RefreshToken"])["IdToken"]


def test_who_has_one_gives_a_code_that_is_right_and_not_used(local_aws: LocalAwsSettings) -> None:
    guarded = Guarded(local_aws)
    app, _ = guarded.set_up(guarded.sign_in())
    challenge = guarded.sign_in()
    assert challenge["ChallengeName"] == TOTP
    with pytest.raises(ClientError) as caught:
        guarded.answer(challenge, SOFTWARE_TOKEN_MFA_CODE=app.wrong)
    assert refusal(caught.value) == ("CodeMismatchException", "Invalid code received for user")
    assert tokens_of(guarded.answer(challenge, SOFTWARE_TOKEN_MFA_CODE=app.second))["AccessToken"]
    with pytest.raises(ClientError) as caught:
        guarded.answer(challenge, SOFTWARE_TOKEN_MFA_CODE=app.second)
    assert refusal(caught.value) == USED
    with pytest.raises(ClientError) as caught:
        guarded.answer(guarded.sign_in(), SOFTWARE_TOKEN_MFA_CODE=app.second)
    assert refusal(caught.value) == (
        "ExpiredCodeException",
        "Your software token has already been used once.",
    )
    user = guarded.cognito.admin_get_user(UserPoolId=guarded.pool.id, Username=guarded.user)
    assert user["UserMFASettingList"] == [TOTP]


def test_wrong_codes_lock_a_user_out_whose_password_is_right(local_aws: LocalAwsSettings) -> None:
    """Each locks for twice as long as the one before, so that a slow machine meets the lock as well."""
    guarded = Guarded(local_aws)
    app, _ = guarded.set_up(guarded.sign_in())
    said = list[tuple[str, str]]()
    exceeded = ("NotAuthorizedException", "Password attempts exceeded")
    while len(said) < 20 and exceeded not in said:
        with pytest.raises(ClientError) as caught:
            guarded.answer(guarded.sign_in(), SOFTWARE_TOKEN_MFA_CODE=app.wrong)
        said.append(refusal(caught.value))
    assert said[:5] == [("CodeMismatchException", "Invalid code received for user")] * 5
    assert said[-1] == exceeded


def test_what_is_no_text_is_refused_before_it_is_looked_at(local_aws: LocalAwsSettings) -> None:
    guarded = Guarded(local_aws)
    guarded.set_up(guarded.sign_in())
    started = {"ClientId": guarded.client, "AuthFlow": "USER_PASSWORD_AUTH"}
    answered = {"ClientId": guarded.client, "ChallengeName": TOTP, "Session": guarded.sign_in()["Session"]}
    codes: tuple[object, ...] = (["123456"], 123456, True, "\ud800")
    for operation, parameters in (
        ("InitiateAuth", {**started, "AuthFlow": ["USER_PASSWORD_AUTH"], "AuthParameters": {}}),
        ("InitiateAuth", {**started, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": ["REFRESH_TOKEN"]}),
        ("InitiateAuth", {**started, "AuthParameters": {"USERNAME": [guarded.user], "PASSWORD": PASSWORD}}),
        *(
            ("RespondToAuthChallenge", {**answered, "ChallengeResponses": responses})
            for responses in ({"USERNAME": guarded.user, "SOFTWARE_TOKEN_MFA_CODE": code} for code in codes)
        ),
    ):
        response = post(local_aws, operation, parameters)
        assert (response.status_code, response.json()["__type"]) == (400, "SerializationException")


def test_no_other_way_of_signing_in_leaves_the_factor_out(local_aws: LocalAwsSettings) -> None:
    guarded = Guarded(local_aws)
    credentials = {"USERNAME": guarded.user, "PASSWORD": PASSWORD}
    by_administrator = guarded.cognito.admin_initiate_auth(
        UserPoolId=guarded.pool.id,
        ClientId=guarded.client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters=credentials,
    )
    assert by_administrator["ChallengeName"] == SETUP
    srp = SrpClient(guarded.pool.id, PASSWORD)
    proof = guarded.cognito.initiate_auth(
        ClientId=guarded.client,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters=srp.auth_parameters(guarded.user),
    )
    by_srp = guarded.cognito.respond_to_auth_challenge(
        ClientId=guarded.client,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses=srp.answer(proof["ChallengeParameters"]),
    )
    assert by_srp["ChallengeName"] == SETUP
    guarded.user = guarded.pool.add_user(permanent=False)
    changed = guarded.answer(guarded.sign_in(), NEW_PASSWORD=f"{PASSWORD}-new")
    assert changed["ChallengeName"] == SETUP
    assert tokens_of(guarded.answer(guarded.set_up(changed)[1]))["IdToken"]


def test_a_session_is_good_for_its_own_user_and_client_alone(local_aws: LocalAwsSettings) -> None:
    guarded = Guarded(local_aws)
    _, verified = guarded.set_up(guarded.sign_in())
    first, guarded.user = guarded.user, guarded.pool.add_user()
    with pytest.raises(ClientError) as caught:
        guarded.answer(verified)
    assert refusal(caught.value) == INVALID
    guarded.user, client = first, guarded.client
    guarded.client = guarded.pool.add_client(ExplicitAuthFlows=FLOWS)["ClientId"]
    with pytest.raises(ClientError) as caught:
        guarded.answer(verified)
    assert refusal(caught.value) == INVALID
    guarded.client = client
    guarded.cognito.admin_disable_user(UserPoolId=guarded.pool.id, Username=first)
    with pytest.raises(ClientError) as caught:
        guarded.answer(verified)
    assert refusal(caught.value) == ("NotAuthorizedException", "User is disabled.")
    guarded.cognito.admin_enable_user(UserPoolId=guarded.pool.id, Username=first)
    assert tokens_of(guarded.answer(verified))["IdToken"]


def test_where_it_is_optional_those_are_asked_who_have_turned_it_on(local_aws: LocalAwsSettings) -> None:
    guarded = Guarded(local_aws, "OPTIONAL")
    access = {"AccessToken": tokens_of(guarded.sign_in())["AccessToken"]}
    preference = {**access, "SoftwareTokenMfaSettings": {"Enabled": True, "PreferredMfa": True}}
    assert refused(guarded.cognito.set_user_mfa_preference, **preference) == (
        "InvalidParameterException",
        "User has not verified software token mfa",
    )
    app = App(guarded.cognito.associate_software_token(**access)["SecretCode"])
    guarded.cognito.verify_software_token(**access, UserCode=app.first)
    guarded.cognito.set_user_mfa_preference(**preference)
    challenge = guarded.sign_in()
    assert challenge["ChallengeName"] == TOTP
    tokens = tokens_of(guarded.answer(challenge, SOFTWARE_TOKEN_MFA_CODE=app.second))
    access = {"AccessToken": tokens["AccessToken"]}
    assert guarded.cognito.get_user(**access)["PreferredMfaSetting"] == TOTP
    guarded.cognito.set_user_mfa_preference(**access, SoftwareTokenMfaSettings={"Enabled": False})
    assert tokens_of(guarded.sign_in())["IdToken"]
    by_sms = {**access, "SMSMfaSettings": {"Enabled": True}}
    assert refused(guarded.cognito.set_user_mfa_preference, **by_sms) == (
        "InvalidParameterException",
        "SMS_MFA is not a second factor of this user pool.",
    )


def test_an_app_that_is_on_is_asked_for_though_the_user_has_an_address(local_aws: LocalAwsSettings) -> None:
    guarded = Guarded(local_aws)
    app, _ = guarded.set_up(guarded.sign_in())
    guarded.take_email_too()
    named = {"UserPoolId": guarded.pool.id, "Username": guarded.user}
    address = [{"Name": "email", "Value": "ann@example.com"}]
    guarded.cognito.admin_update_user_attributes(**named, UserAttributes=address)
    assert guarded.sign_in()["ChallengeName"] == TOTP
    guarded.cognito.admin_set_user_mfa_preference(**named, EmailMfaSettings={"Enabled": True})
    either = guarded.sign_in()
    assert either["ChallengeParameters"]["MFAS_CAN_CHOOSE"] == '["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"]'
    challenge = guarded.answer(either, ANSWER=TOTP)
    assert (challenge["ChallengeName"], "AuthenticationResult" in challenge) == (TOTP, False)
    assert tokens_of(guarded.answer(challenge, SOFTWARE_TOKEN_MFA_CODE=app.second))["IdToken"]


def test_a_factor_is_its_owners_whatever_others_are_called(local_aws: LocalAwsSettings) -> None:
    guarded = Guarded(local_aws)
    guarded.set_up(guarded.sign_in())
    named = {"UserPoolId": guarded.pool.id, "Username": guarded.user}
    described = guarded.cognito.admin_get_user(**named)["UserAttributes"]
    sub = next(one["Value"] for one in described if one["Name"] == "sub")
    guarded.cognito.admin_create_user(UserPoolId=guarded.pool.id, Username=sub)
    challenge = guarded.sign_in()
    assert challenge["ChallengeName"] == TOTP
    assert challenge["ChallengeParameters"]["USER_ID_FOR_SRP"] == guarded.user


def test_where_no_factor_can_be_asked_for_nobody_signs_in(local_aws: LocalAwsSettings) -> None:
    guarded = Guarded(local_aws)
    guarded.cognito.set_user_pool_mfa_config(
        UserPoolId=guarded.pool.id, SoftwareTokenMfaConfiguration={"Enabled": False}, MfaConfiguration="ON"
    )
    kind, text = refused(guarded.sign_in)
    assert (kind, "no phone number or email address" in text) == ("InvalidParameterException", True)


@pytest.mark.whole  # two starts of the local AWS
def test_a_factor_and_the_codes_used_are_known_after_a_restart(tmp_path: Any) -> None:
    with running_local_aws(tmp_path) as settings:
        guarded = Guarded(settings)
        app, _ = guarded.set_up(guarded.sign_in())
        guarded.answer(guarded.sign_in(), SOFTWARE_TOKEN_MFA_CODE=app.second)
        waiting = guarded.sign_in()
        guarded.take_email_too()
        first, guarded.user = guarded.user, guarded.pool.add_user({"email": "ann@example.com"})
        named = {"UserPoolId": guarded.pool.id, "Username": guarded.user}
        guarded.cognito.admin_set_user_mfa_preference(**named, EmailMfaSettings={"Enabled": True})
        sent, second = guarded.sign_in(), guarded.user
        guarded.user = first
    with running_local_aws(tmp_path, settings.port):
        with pytest.raises(ClientError) as caught:
            guarded.answer(waiting, SOFTWARE_TOKEN_MFA_CODE=app.second)
        assert refusal(caught.value) == INVALID
        challenge = guarded.sign_in()
        with pytest.raises(ClientError) as caught:
            guarded.answer(challenge, SOFTWARE_TOKEN_MFA_CODE=app.second)
        assert refusal(caught.value)[0] == "ExpiredCodeException"
        guarded.user = second
        with pytest.raises(ClientError) as caught:
            guarded.answer(sent, EMAIL_OTP_CODE="123456")
        assert refusal(caught.value) == INVALID
        assert guarded.sign_in()["ChallengeName"] == EMAIL
