"""Codes are random and told in the log, and a trigger says how they are sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.local.emulated_pool import PASSWORD
from tests.local.triggers.triggered_pools import Pool, failure_of

WRONG = ("CodeMismatchException", "Invalid verification code provided, please try again.")
NONE = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
SIGN_UP, FORGOTTEN = "confirm the sign-up", "replace the forgotten password"


def others(code: str) -> Iterator[str]:
    """Yield codes other than this one."""
    yield from (f"{(int(code) + step) % 1_000_000:06}" for step in range(1, 100))


def test_nobody_confirms_a_sign_up_without_its_code(pool: Pool) -> None:
    pool = pool.make_another(AutoVerifiedAttributes=["email"])
    pool.hide_existence()
    pool.sign_up("codes-ann")
    code = pool.read_code("codes-ann", SIGN_UP)
    named = {"ClientId": pool.client_id, "Username": "codes-ann"}
    confirm = pool.cognito.confirm_sign_up
    assert failure_of(confirm, ConfirmationCode=next(others(code)), **named) == WRONG
    pool.cognito.resend_confirmation_code(**named)
    newer = pool.read_code("codes-ann", SIGN_UP, 2)
    assert newer != code
    confirm(ConfirmationCode=newer, **named)
    user = pool.cognito.admin_get_user(UserPoolId=pool.id, Username="codes-ann")
    assert user["UserStatus"] == "CONFIRMED"
    assert {"Name": "email_verified", "Value": "true"} in user["UserAttributes"]
    assert failure_of(confirm, ConfirmationCode=newer, **named)[0] == "NotAuthorizedException"
    unknown = {"ClientId": pool.client_id, "Username": "codes-nobody", "ConfirmationCode": newer}
    assert failure_of(confirm, **unknown) == WRONG
    assert failure_of(confirm, **{**unknown, "ClientId": "nobodys"})[0] == "ResourceNotFoundException"


def test_nobody_replaces_a_password_without_its_code_and_guesses_run_out(pool: Pool) -> None:
    pool.add_user("codes-bob")
    pool.verify_email("codes-bob")
    named = {"ClientId": pool.client_id, "Username": "codes-bob"}
    new = {"Password": f"{PASSWORD}-new", **named}
    replace = pool.cognito.confirm_forgot_password
    assert failure_of(replace, ConfirmationCode="000000", **new) == NONE
    pool.cognito.forgot_password(**named)
    code = pool.read_code("codes-bob", FORGOTTEN)
    guesses = others(code)
    refused = [failure_of(replace, ConfirmationCode=next(guesses), **new) for _ in range(5)]
    assert refused == [WRONG] * 5
    assert failure_of(replace, ConfirmationCode=code, **new)[0] == "LimitExceededException"
    pool.cognito.forgot_password(**named)
    newer = {"ConfirmationCode": pool.read_code("codes-bob", FORGOTTEN, 2)}
    assert failure_of(replace, **{**new, **newer, "Password": "short"})[0] == "InvalidPasswordException"
    replace(**new, **newer)
    assert pool.sign_in("codes-bob", password=f"{PASSWORD}-new")["IdToken"]
    assert failure_of(replace, ConfirmationCode=code, **new) == NONE


@pytest.mark.parametrize("cause", ["changed", "asked"])
def test_a_user_verifies_an_address(pool: Pool, cause: str) -> None:
    name = f"codes-{cause}"
    pool.add_user(name)
    token = pool.sign_in(name)["AccessToken"]
    if cause == "changed":
        changed = [{"Name": "email", "Value": "other@example.com"}]
        answered = pool.cognito.update_user_attributes(AccessToken=token, UserAttributes=changed)
        (details,) = answered["CodeDeliveryDetailsList"]
    else:
        asked = pool.cognito.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")
        details = asked["CodeDeliveryDetails"]
        assert pool.sources(name)[-1] == "CustomMessage_VerifyUserAttribute"
    assert (details["AttributeName"], details["DeliveryMedium"]) == ("email", "EMAIL")
    code = pool.read_code(name, "verify email")
    verify = pool.cognito.verify_user_attribute
    sent = {"AccessToken": token, "AttributeName": "email"}
    assert failure_of(verify, Code=next(others(code)), **sent) == WRONG
    assert failure_of(verify, Code=code, **{**sent, "AttributeName": "phone_number"}) == NONE
    verify(Code=code, **sent)
    attributes = pool.cognito.get_user(AccessToken=token)["UserAttributes"]
    assert {"Name": "email_verified", "Value": "true"} in attributes
    assert failure_of(verify, Code=code, **sent) == NONE


def test_a_code_is_good_for_the_address_that_it_went_to(pool: Pool) -> None:
    pool.add_user("codes-moved")
    pool.verify_email("codes-moved")
    token = {"AccessToken": pool.sign_in("codes-moved")["AccessToken"]}

    def move(name: str, address: str) -> None:
        pool.cognito.update_user_attributes(**token, UserAttributes=[{"Name": name, "Value": address}])

    move("phone_number", "+818012345678")
    pool.cognito.get_user_attribute_verification_code(**token, AttributeName="phone_number")
    code = pool.read_code("codes-moved", "verify phone_number")
    move("phone_number", "+818087654321")
    verify = {**token, "AttributeName": "phone_number", "Code": code}
    assert failure_of(pool.cognito.verify_user_attribute, **verify) == NONE
    named = {"ClientId": pool.client_id, "Username": "codes-moved"}
    pool.cognito.forgot_password(**named)
    new = {"ConfirmationCode": pool.read_code("codes-moved", FORGOTTEN), "Password": f"{PASSWORD}-new"}
    move("email", "other@example.com")
    assert failure_of(pool.cognito.confirm_forgot_password, **named, **new) == NONE
    assert pool.sign_in("codes-moved")["IdToken"]


def test_an_address_that_is_verified_before_it_changes_is_the_second_factors_until_then(pool: Pool) -> None:
    setting = {"UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]}}
    careful = pool.make_another("CustomMessage", AutoVerifiedAttributes=["email"], **setting)
    config = {"UserPoolId": careful.id, "MfaConfiguration": "OPTIONAL", "EmailMfaConfiguration": {}}
    pool.cognito.set_user_pool_mfa_config(**config)
    careful.add_user("codes-slow")
    token = {"AccessToken": careful.sign_in("codes-slow")["AccessToken"]}
    pool.cognito.set_user_mfa_preference(**token, EmailMfaSettings={"Enabled": True})
    wanted = [{"Name": "email", "Value": "new@example.org"}, {"Name": "name", "Value": "Slow"}]
    told = pool.cognito.update_user_attributes(**token, UserAttributes=wanted)["CodeDeliveryDetailsList"]
    assert [one["Destination"] for one in told] == ["n***@e***"]
    assert careful.sources("codes-slow") == ["CustomMessage_UpdateUserAttribute"]
    assert careful.begin("codes-slow")["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == "c***@e***"
    known = {one["Name"]: one["Value"] for one in pool.cognito.get_user(**token)["UserAttributes"]}
    assert (known["email"], known["name"]) == ("codes-slow@example.com", "Slow")
    verify = {**token, "AttributeName": "email", "Code": careful.read_code("codes-slow", "verify email")}
    pool.cognito.verify_user_attribute(**verify)
    known = {one["Name"]: one["Value"] for one in pool.cognito.get_user(**token)["UserAttributes"]}
    assert (known["email"], known["email_verified"]) == ("new@example.org", "true")
    assert careful.begin("codes-slow")["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == "n***@e***"


def test_a_user_without_an_address_gets_no_code(pool: Pool) -> None:
    pool.cognito.sign_up(ClientId=pool.client_id, Username="codes-none", Password=PASSWORD)
    confirm = {"ClientId": pool.client_id, "Username": "codes-none", "ConfirmationCode": "000000"}
    assert failure_of(pool.cognito.confirm_sign_up, **confirm) == NONE
    pool.add_user("codes-number")
    asked = {"AccessToken": pool.sign_in("codes-number")["AccessToken"], "AttributeName": "phone_number"}
    refused = failure_of(pool.cognito.get_user_attribute_verification_code, **asked)
    assert refused[0] == "InvalidParameterException"


@pytest.mark.parametrize(
    ("mechanism", "is_verified", "permanent", "kind"),
    [
        ("admin_only", True, True, "NotAuthorizedException"),
        ("verified_email", True, False, "NotAuthorizedException"),
        ("verified_email", False, True, "InvalidParameterException"),
        ("verified_phone_number", True, True, "InvalidParameterException"),
        ("verified_email", True, True, None),
    ],
)
def test_who_cannot_recover_an_account_gets_no_code(
    pool: Pool, *, mechanism: str, is_verified: bool, permanent: bool, kind: str | None
) -> None:
    recovery = {"RecoveryMechanisms": [{"Name": mechanism, "Priority": 1}]}
    recovering = pool.make_another(AccountRecoverySetting=recovery)
    recovering.add_user("codes-lost", permanent=permanent)
    if is_verified:
        recovering.verify_email("codes-lost")
    forgot = {"ClientId": recovering.client_id, "Username": "codes-lost"}
    if kind is None:
        told = pool.cognito.forgot_password(**forgot)["CodeDeliveryDetails"]
        assert told == {"Destination": "c***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    else:
        assert failure_of(pool.cognito.forgot_password, **forgot)[0] == kind
    code = {"ConfirmationCode": "000000", "Password": f"{PASSWORD}-new"}
    refused = failure_of(pool.cognito.confirm_forgot_password, **forgot, **code)
    assert refused == (WRONG if kind is None else NONE)


def test_a_client_that_hides_users_tells_nobody_that_there_is_no_way_to_recover(pool: Pool) -> None:
    hiding = pool.make_another("CustomMessage")
    hiding.hide_existence()
    for name, unknown in (("codes-hidden", "codes-nobody"), ("c@hidden.com", "c@hello.com")):
        hiding.add_user(name)
        answers = [
            pool.cognito.forgot_password(ClientId=hiding.client_id, Username=one)["CodeDeliveryDetails"]
            for one in (name, unknown)
        ]
        assert answers[0] == answers[1]
        assert hiding.sources(name) == []
        assert f"the code of {name} to" not in pool.stage.log
