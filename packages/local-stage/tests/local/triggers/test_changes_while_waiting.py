"""What changes while a sign-in waits for its answer: what was proved before is then good no more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.emulated_pool import PASSWORD
from tests.local.triggers.triggered_pools import Pool, failure_of

EMAIL, SMS = "EMAIL_OTP", "SMS_MFA"
PHONE = "+818012345678"
INVALID = ("NotAuthorizedException", "Invalid session for the user.")


@pytest.fixture(scope="module")
def coded(pool: Pool) -> Pool:
    """The pool of the template that demands a code by SMS or email."""
    return Pool(pool.stage, 4)


def name_user(pool: Pool, name: str) -> dict[str, str]:
    return {"UserPoolId": pool.id, "Username": name}


def set_address(pool: Pool, name: str, **attributes: str) -> None:
    given = [{"Name": key, "Value": value} for key, value in attributes.items()]
    pool.cognito.admin_update_user_attributes(**name_user(pool, name), UserAttributes=given)


def begin_with_code(pool: Pool, name: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the challenge of a new user's sign-in, and the right answer to it."""
    pool.add_user(name)
    challenge = pool.begin(name)
    return challenge, {"USERNAME": name, "EMAIL_OTP_CODE": pool.read_code(name, "sign in")}


def test_a_code_that_went_to_another_address_signs_nobody_in(coded: Pool) -> None:
    challenge, right = begin_with_code(coded, "turn-ann")
    set_address(coded, "turn-ann", email="new@example.com")
    assert failure_of(coded.answer, challenge, None, **right) == INVALID
    set_address(coded, "turn-ann", email="turn-ann@example.com")
    assert coded.answer(challenge, None, **right)["AuthenticationResult"]


def test_a_factor_that_the_user_has_turned_off_is_neither_chosen_nor_given(coded: Pool) -> None:
    given, right = begin_with_code(coded, "turn-bob")
    set_address(coded, "turn-bob", phone_number=PHONE)
    choice = coded.begin("turn-bob")
    sms = {"SMSMfaSettings": {"Enabled": True}}
    coded.cognito.admin_set_user_mfa_preference(**name_user(coded, "turn-bob"), **sms)
    assert failure_of(coded.answer, choice, USERNAME="turn-bob", ANSWER=EMAIL) == INVALID
    assert failure_of(coded.answer, given, None, **right) == INVALID
    assert coded.answer(choice, USERNAME="turn-bob", ANSWER=SMS)["ChallengeName"] == SMS


def test_a_password_that_was_replaced_signs_nobody_in(coded: Pool) -> None:
    challenge, right = begin_with_code(coded, "turn-cat")
    new = {**name_user(coded, "turn-cat"), "Password": f"{PASSWORD}-new", "Permanent": True}
    coded.cognito.admin_set_user_password(**new)
    assert failure_of(coded.answer, challenge, None, **right) == INVALID
    challenge, right = begin_with_code(coded, "turn-dan")
    coded.cognito.admin_reset_user_password(**name_user(coded, "turn-dan"))
    assert failure_of(coded.answer, challenge, None, **right)[0] == "PasswordResetRequiredException"


def test_a_temporary_password_is_replaced_once(coded: Pool) -> None:
    coded.add_user("turn-eve", permanent=False)
    first, second = coded.begin("turn-eve"), coded.begin("turn-eve")
    coded.answer(first, USERNAME="turn-eve", NEW_PASSWORD=f"{PASSWORD}-new")
    again = {"USERNAME": "turn-eve", "NEW_PASSWORD": f"{PASSWORD}-other"}
    assert failure_of(coded.answer, second, None, **again) == INVALID
    assert coded.begin("turn-eve", password=f"{PASSWORD}-new")["ChallengeName"] == EMAIL
