"""A password goes to the pool itself only where the pool is this machine's, or the caller says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_stage.cognito.directory.app_client import FlowRefusedError
from local_stage.cognito.directory.authenticators import Authenticators
from local_stage.cognito.directory.pool_stack import PoolStack
from local_stage.cognito.directory.sign_in import Credentials, SignInRefusedError, sign_in
from tests.local.emulated_pool import PASSWORD, EmulatedPool, decode


def stack_without_srp(pool: EmulatedPool, *, is_local: bool) -> PoolStack:
    """Return a stack whose app client takes plain passwords alone, on this machine or as one on AWS."""
    pool.add_password_client()
    return PoolStack("hello-api", pool.id, {}, is_local=is_local, cognito=pool.cognito)


def test_a_local_client_that_takes_plain_passwords_alone_gets_one(pool: EmulatedPool) -> None:
    user = pool.add_user()
    tokens = sign_in(stack_without_srp(pool, is_local=True), Credentials(user, PASSWORD))
    assert decode(tokens["IdToken"])["cognito:username"] == user


def test_a_deployed_client_gets_none_unasked(pool: EmulatedPool) -> None:
    user = pool.add_user()
    stack = stack_without_srp(pool, is_local=False)
    with pytest.raises(FlowRefusedError, match="choose the other --flow"):
        sign_in(stack, Credentials(user, PASSWORD))
    assert sign_in(stack, Credentials(user, PASSWORD), "password")["IdToken"]


def test_where_everybody_needs_an_authenticator_app_a_user_of_a_local_pool_gets_one(
    pool: EmulatedPool, tmp_path: Path
) -> None:
    pool.cognito.set_user_pool_mfa_config(
        UserPoolId=pool.id, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration="ON"
    )
    stack, user = stack_without_srp(pool, is_local=True), Credentials(pool.add_user(), PASSWORD)
    for _ in range(2):
        assert sign_in(stack, user, authenticators=Authenticators(tmp_path))["IdToken"]
    with pytest.raises(SignInRefusedError, match="signs in with an authenticator app as well"):
        sign_in(stack, user)
    with pytest.raises(SignInRefusedError, match="set an authenticator app up by Cognito's API"):
        sign_in(stack, Credentials(pool.add_user(), PASSWORD))


@pytest.mark.parametrize("phone", ["", "+14255551234"])
def test_a_code_that_a_local_pool_would_send_is_given_for_the_user(pool: EmulatedPool, phone: str) -> None:
    sending = {"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"}}
    pool.cognito.set_user_pool_mfa_config(
        UserPoolId=pool.id, SmsMfaConfiguration=sending, EmailMfaConfiguration={}, MfaConfiguration="ON"
    )
    stack = stack_without_srp(pool, is_local=True)
    user = Credentials(pool.add_user({"email": "ann@example.com", "phone_number": phone}), PASSWORD)
    authenticators = Authenticators(pool.settings.state_folder.parent)
    assert sign_in(stack, user, authenticators=authenticators)["IdToken"]
    with pytest.raises(SignInRefusedError, match="take the code from the stage's log"):
        sign_in(stack, user)


def test_a_local_client_gets_none_where_srp_was_asked_for(pool: EmulatedPool) -> None:
    stack = stack_without_srp(pool, is_local=True)
    with pytest.raises(FlowRefusedError):
        sign_in(stack, Credentials(pool.add_user(), PASSWORD), "srp")
