"""The code that a pool sends at sign-in: told in the log, good once, and no token leaves before it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local_stage.cognito.srp import SrpClient
from tests.local.emulated_pool import PASSWORD, decode
from tests.local.triggers.triggered_pools import Pool, failed, failure_of

SIGN_IN = "sign in"
EMAIL, SMS, TOTP, SELECT = "EMAIL_OTP", "SMS_MFA", "SOFTWARE_TOKEN_MFA", "SELECT_MFA_TYPE"
PHONE = "+818012345678"
SENDING = {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"}
WRONG = ("CodeMismatchException", "Invalid code or auth state for the user.")
INVALID = ("NotAuthorizedException", "Invalid session for the user.")
USED = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
EXCEEDED = ("NotAuthorizedException", "Password attempts exceeded")


@pytest.fixture(scope="module")
def coded(pool: Pool) -> Pool:
    """The pool of the template that demands a code by SMS or email."""
    return Pool(pool.stage, 4)


def other(code: str, step: int = 1) -> str:
    return f"{(int(code) + step) % 1_000_000:06}"


def set_address(pool: Pool, name: str, **attributes: str) -> None:
    given = [{"Name": key, "Value": value} for key, value in attributes.items()]
    pool.cognito.admin_update_user_attributes(UserPoolId=pool.id, Username=name, UserAttributes=given)


def prefer(pool: Pool, name: str, **settings: Any) -> None:
    pool.cognito.admin_set_user_mfa_preference(UserPoolId=pool.id, Username=name, **settings)


def begin_with_code(pool: Pool, name: str, number: int = 1) -> tuple[dict[str, Any], str]:
    challenge = pool.begin(name)
    assert (challenge["ChallengeName"], "AuthenticationResult" in challenge) == (EMAIL, False)
    return challenge, pool.read_code(name, SIGN_IN, number)


def test_a_code_by_email_comes_after_the_password_and_before_the_tokens(coded: Pool) -> None:
    assert not re.search("EnabledMfas|MfaConfiguration|SmsConfiguration", coded.stage.log)
    coded.add_user("mfa-ada")
    challenge, code = begin_with_code(coded, "mfa-ada")
    assert challenge["ChallengeParameters"] == {
        "USER_ID_FOR_SRP": "mfa-ada",
        "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
        "CODE_DELIVERY_DESTINATION": "m***@e***",
    }
    assert coded.sources("mfa-ada")[1:] == [
        "PreAuthentication_Authentication",
        "CustomMessage_Authentication",
    ]
    request = coded.fired("mfa-ada")[-1]["request"]
    assert (request["codeParameter"], request["usernameParameter"]) == ("{####}", None)
    assert request["userAttributes"]["email"] == "mfa-ada@example.com"
    assert failure_of(coded.answer, challenge, USERNAME="mfa-ada", EMAIL_OTP_CODE=other(code)) == WRONG
    misnamed = {"USERNAME": "mfa-ada", "SOFTWARE_TOKEN_MFA_CODE": code, "SMS_MFA_CODE": code}
    assert failure_of(coded.answer, challenge, **misnamed) == (
        "InvalidParameterException",
        "Missing required parameter EMAIL_OTP_CODE",
    )
    answered = coded.answer(challenge, USERNAME="mfa-ada", EMAIL_OTP_CODE=code)["AuthenticationResult"]
    assert decode(answered["IdToken"])["plan"] == "gold"
    assert coded.sources("mfa-ada")[3:] == [
        "TokenGeneration_Authentication",
        "PostAuthentication_Authentication",
    ]
    assert failure_of(coded.answer, challenge, USERNAME="mfa-ada", EMAIL_OTP_CODE=code) == USED
    described = coded.cognito.admin_get_user(UserPoolId=coded.id, Username="mfa-ada")["UserAttributes"]
    assert {"Name": "email_verified", "Value": "true"} in described


def test_every_flow_asks_for_the_code(coded: Pool) -> None:
    coded.add_user("mfa-bea")
    credentials = {"USERNAME": "mfa-bea", "PASSWORD": PASSWORD}
    named = {"UserPoolId": coded.id, "ClientId": coded.client_id}
    by_administrator = coded.cognito.admin_initiate_auth(
        **named, AuthFlow="ADMIN_USER_PASSWORD_AUTH", AuthParameters=credentials
    )
    srp = SrpClient(coded.id, PASSWORD)
    proof = coded.cognito.initiate_auth(
        ClientId=coded.client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=srp.auth_parameters("mfa-bea")
    )
    by_srp = coded.cognito.respond_to_auth_challenge(
        ClientId=coded.client_id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses=srp.answer(proof["ChallengeParameters"]),
    )
    custom = coded.begin("mfa-bea", "CUSTOM_AUTH")
    by_custom = coded.answer(custom, {"ClientMetadata": {"from": "test"}}, USERNAME="mfa-bea", ANSWER="2")
    coded.add_user("mfa-bea-new", permanent=False)
    changed = coded.answer(coded.begin("mfa-bea-new"), USERNAME="mfa-bea-new", NEW_PASSWORD=f"{PASSWORD}-new")
    for challenge in (by_administrator, by_srp, by_custom, changed):
        assert (challenge["ChallengeName"], "AuthenticationResult" in challenge) == (EMAIL, False)
    messages = [one["request"] for one in coded.fired("mfa-bea") if "CustomMessage" in one["triggerSource"]]
    assert [one.get("clientMetadata") for one in messages] == [None, None, {"from": "test"}]
    code = coded.read_code("mfa-bea", SIGN_IN)
    responses = {"USERNAME": "mfa-bea", "EMAIL_OTP_CODE": code}
    answer = {"ChallengeName": EMAIL, "Session": by_administrator["Session"], "ChallengeResponses": responses}
    tokens = coded.cognito.admin_respond_to_auth_challenge(**named, **answer)["AuthenticationResult"]
    assert tokens["RefreshToken"].count(".") == 4
    page = coded.log_in("mfa-bea")
    assert (page.status_code, "second factor" in page.text) == (400, True)


def test_a_code_is_its_sessions_and_its_users(coded: Pool) -> None:
    for name in ("mfa-cora", "mfa-dora"):
        coded.add_user(name)
    (first, code), (second, newer) = (
        begin_with_code(coded, "mfa-cora"),
        begin_with_code(coded, "mfa-cora", 2),
    )
    other_challenge, others = begin_with_code(coded, "mfa-dora")
    cora, dora = {"USERNAME": "mfa-cora"}, {"USERNAME": "mfa-dora"}
    if code != newer:
        assert failure_of(coded.answer, second, EMAIL_OTP_CODE=code, **cora) == WRONG
        assert failure_of(coded.answer, first, EMAIL_OTP_CODE=newer, **cora) == WRONG
    assert failure_of(coded.answer, other_challenge, EMAIL_OTP_CODE=others, **cora) == INVALID
    assert failure_of(coded.answer, first, EMAIL_OTP_CODE=code, **dora) == INVALID
    for name in (SMS, TOTP, SELECT, "MFA_SETUP", "NEW_PASSWORD_REQUIRED"):
        renamed = {**first, "ChallengeName": name}
        responses = {f"{name}_CODE": code, "ANSWER": EMAIL, "NEW_PASSWORD": PASSWORD, **cora}
        assert failure_of(coded.answer, renamed, None, **responses) == INVALID
    associate = coded.cognito.associate_software_token
    assert failure_of(associate, Session=first["Session"]) == INVALID
    assert coded.answer(first, None, EMAIL_OTP_CODE=code, **cora)["AuthenticationResult"]["IdToken"]
    coded.cognito.admin_disable_user(UserPoolId=coded.id, Username="mfa-cora")
    disabled = failure_of(coded.answer, second, EMAIL_OTP_CODE=newer, **cora)
    assert disabled == ("NotAuthorizedException", "User is disabled.")


def test_guesses_run_out_also_where_many_come_at_once(coded: Pool) -> None:
    coded.add_user("mfa-eve")
    challenge, code = begin_with_code(coded, "mfa-eve")

    def guess(step: int) -> tuple[str, str]:
        return failure_of(coded.answer, challenge, USERNAME="mfa-eve", EMAIL_OTP_CODE=other(code, step))

    with ThreadPoolExecutor(8) as several:
        said = [*several.map(guess, range(1, 9))]
    assert set(said) <= {WRONG, USED, EXCEEDED, INVALID}
    while said.count(WRONG) < 5:
        said.append(guess(len(said) + 1))
    late = failure_of(coded.answer, challenge, USERNAME="mfa-eve", EMAIL_OTP_CODE=code)
    assert late in {EXCEEDED, INVALID}
    assert said.count(WRONG) == 5


def test_who_has_several_factors_and_prefers_none_chooses_one(coded: Pool) -> None:
    coded.add_user("mfa-flo")
    set_address(coded, "mfa-flo", phone_number=PHONE)
    challenge = coded.begin("mfa-flo")
    assert challenge["ChallengeName"] == SELECT
    assert challenge["ChallengeParameters"]["MFAS_CAN_CHOOSE"] == '["SMS_MFA", "EMAIL_OTP"]'
    assert coded.sources("mfa-flo")[1:] == ["PreAuthentication_Authentication"]
    assert (
        failure_of(coded.answer, challenge, USERNAME="mfa-flo", ANSWER=TOTP)[0] == "InvalidParameterException"
    )
    by_sms = coded.answer(challenge, USERNAME="mfa-flo", ANSWER=SMS)
    assert (by_sms["ChallengeName"], "AuthenticationResult" in by_sms) == (SMS, False)
    assert by_sms["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == "+********5678"
    assert failure_of(coded.answer, challenge, USERNAME="mfa-flo", ANSWER=EMAIL) == USED
    code = coded.read_code("mfa-flo", SIGN_IN)
    assert coded.answer(by_sms, USERNAME="mfa-flo", SMS_MFA_CODE=code)["AuthenticationResult"]["IdToken"]
    prefer(coded, "mfa-flo", EmailMfaSettings={"Enabled": True, "PreferredMfa": True})
    assert coded.begin("mfa-flo")["ChallengeName"] == EMAIL
    prefer(coded, "mfa-flo", SMSMfaSettings={"Enabled": True, "PreferredMfa": True})
    described = coded.cognito.admin_get_user(UserPoolId=coded.id, Username="mfa-flo")
    assert (described["UserMFASettingList"], described["PreferredMfaSetting"]) == ([SMS, EMAIL], SMS)
    by_sms = coded.begin("mfa-flo")
    assert by_sms["ChallengeName"] == SMS
    set_address(coded, "mfa-flo", phone_number="")
    assert coded.begin("mfa-flo")["ChallengeName"] == EMAIL


def test_who_has_no_address_for_a_code_gets_no_token(coded: Pool) -> None:
    coded.add_user("mfa-gil")
    prefer(coded, "mfa-gil", EmailMfaSettings={"Enabled": True})
    set_address(coded, "mfa-gil", email="")
    kind, text = failure_of(coded.begin, "mfa-gil")
    assert (kind, "cannot be asked for" in text) == ("InvalidParameterException", True)
    prefer(coded, "mfa-gil", EmailMfaSettings={"Enabled": False})
    kind, text = failure_of(coded.begin, "mfa-gil")
    assert (kind, "no phone number or email address" in text) == ("InvalidParameterException", True)
    refused = failure_of(prefer, coded, "mfa-gil", SMSMfaSettings={"Enabled": True})
    assert refused[1] == "User does not have delivery config set to turn on SMS_MFA"


@pytest.mark.parametrize("trigger", ["CustomMessage", "TokenGeneration", "PostAuthentication"])
def test_a_trigger_that_fails_fails_the_sign_in(coded: Pool, trigger: str) -> None:
    name = f"mfa-hal-no-{trigger}"
    coded.add_user(name)
    if trigger == "CustomMessage":
        assert failure_of(coded.begin, name) == failed(trigger)
        assert f"the code of {name} to" not in coded.stage.log
        return
    challenge, code = begin_with_code(coded, name)
    refused = failure_of(coded.answer, challenge, USERNAME=name, EMAIL_OTP_CODE=code)
    assert refused == failed(trigger.replace("Token", "PreToken"))
    assert failure_of(coded.answer, challenge, USERNAME=name, EMAIL_OTP_CODE=code) == USED


def test_a_message_without_a_place_for_the_code_fails_the_sign_in(coded: Pool) -> None:
    coded.add_user("mfa-ida-link-CustomMessage")
    assert failure_of(coded.begin, "mfa-ida-link-CustomMessage") == (
        "InvalidLambdaResponseException",
        "CustomMessage emailMessage must contain {####}.",
    )


def test_a_new_password_is_remembered_where_the_code_after_it_cannot_be_sent(pool: Pool) -> None:
    policy = {"PasswordPolicy": {"MinimumLength": 8, "PasswordHistorySize": 3}}
    demanding = pool.make_another(
        "CustomMessage", Policies=policy, MfaConfiguration="ON", SmsConfiguration=SENDING
    )
    name, new = "mfa-lou-no-CustomMessage", f"{PASSWORD}-new"
    demanding.add_user(name, permanent=False)
    set_address(demanding, name, phone_number=PHONE)
    temporary = demanding.begin(name)
    refused = failure_of(demanding.answer, temporary, USERNAME=name, NEW_PASSWORD=new)
    assert refused == failed("CustomMessage")
    again = {"UserPoolId": demanding.id, "Username": name, "Password": new, "Permanent": True}
    kind, _ = failure_of(demanding.cognito.admin_set_user_password, **again)
    assert kind == "PasswordHistoryPolicyViolationException"


def test_where_it_is_optional_a_user_turns_it_on_and_off(pool: Pool) -> None:
    optional = pool.make_another("CustomMessage", SmsConfiguration=SENDING, MfaConfiguration="OPTIONAL")
    optional.add_user("mfa-jo")
    tokens = optional.sign_in("mfa-jo")
    set_own = optional.cognito.set_user_mfa_preference
    mine = {"AccessToken": tokens["AccessToken"]}
    by_sms = {"SMSMfaSettings": {"Enabled": True, "PreferredMfa": True}}
    assert failure_of(set_own, **mine, **by_sms)[0] == "InvalidParameterException"
    by_email = {"EmailMfaSettings": {"Enabled": True}}
    assert failure_of(set_own, **mine, **by_email) == (
        "InvalidParameterException",
        "EMAIL_OTP is not a second factor of this user pool.",
    )
    set_address(optional, "mfa-jo", phone_number=PHONE)
    set_own(**mine, **by_sms)
    challenge = optional.begin("mfa-jo")
    assert challenge["ChallengeName"] == SMS
    code = optional.read_code("mfa-jo", SIGN_IN)
    assert optional.answer(challenge, USERNAME="mfa-jo", SMS_MFA_CODE=code)["AuthenticationResult"]
    assert optional.sources("mfa-jo") == ["CustomMessage_Authentication"]
    set_config = optional.cognito.set_user_pool_mfa_config
    set_config(UserPoolId=optional.id, MfaConfiguration="OPTIONAL", EmailMfaConfiguration={})
    config = optional.cognito.get_user_pool_mfa_config(UserPoolId=optional.id)
    assert "{####}" in config["EmailMfaConfiguration"]["Message"]
    both = {**by_sms, "EmailMfaSettings": {"Enabled": True, "PreferredMfa": True}}
    assert failure_of(set_own, **mine, **both)[0] == "InvalidParameterException"
    set_own(**mine, SMSMfaSettings={"Enabled": False})
    assert "UserMFASettingList" not in optional.cognito.get_user(**mine)
    assert optional.sign_in("mfa-jo")["IdToken"]


def test_no_code_replaces_a_password_at_the_address_of_the_second_factor(coded: Pool) -> None:
    coded.add_user("mfa-kit")
    coded.verify_email("mfa-kit")
    forgotten = {"ClientId": coded.client_id, "Username": "mfa-kit"}
    coded.cognito.forgot_password(**forgotten)  # the client tells nobody
    assert coded.sources("mfa-kit") == ["PreSignUp_AdminCreateUser"]
    set_address(coded, "mfa-kit", phone_number=PHONE, phone_number_verified="true")
    prefer(coded, "mfa-kit", EmailMfaSettings={"Enabled": True, "PreferredMfa": True})
    coded.cognito.forgot_password(**forgotten)
    code = coded.read_code("mfa-kit", "replace the forgotten password")
    assert coded.stage.log.count("the code of mfa-kit to replace") == 1
    new = {"ConfirmationCode": code, "Password": f"{PASSWORD}-new"}
    coded.cognito.confirm_forgot_password(**forgotten, **new)
    assert coded.begin("mfa-kit", password=f"{PASSWORD}-new")["ChallengeName"] == EMAIL
