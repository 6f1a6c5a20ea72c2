"""A password does not come again where the pool says so, and a temporary one ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from local_stage.cloudformation.local_aws import LocalAwsSettings
from local_stage.cloudformation.pool_front.front_state import FILE
from local_stage.cloudformation.pool_front.passwords import ENDED, USED
from tests.local.emulated_pool import PASSWORD, EmulatedPool, new_name, refusal
from tests.local.local_aws_process import running_local_aws

CALLBACK = "http://localhost/"
OF_PAGE = {
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["openid"],
    "CallbackURLs": [CALLBACK],
}
BOTH = ("PreviousPassword", "ProposedPassword")
FORM = {"redirect_uri": CALLBACK, "response_type": "code", "scope": "openid"}
AGAIN = ("PasswordHistoryPolicyViolationException", USED)


def refused(call: Callable[..., object], **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return refusal(caught.value)


def remembering_pool(settings: LocalAwsSettings, size: int) -> EmulatedPool:
    return EmulatedPool(settings, Policies={"PasswordPolicy": {"PasswordHistorySize": size}})


def log_in(pool: EmulatedPool, **fields: str) -> requests.Response:
    url = f"{pool.settings.endpoint_url}/login"
    return requests.post(url, data=fields, timeout=30, allow_redirects=False)


def test_as_many_passwords_as_the_pool_says_do_not_come_again(local_aws: LocalAwsSettings) -> None:
    pool = remembering_pool(local_aws, 2)
    client_id, user = pool.add_password_client(), pool.add_user()

    def change(current: str, new: str) -> None:
        token = pool.sign_in(client_id, user, current)["AccessToken"]
        pool.cognito.change_password(AccessToken=token, PreviousPassword=current, ProposedPassword=new)

    first, second, third = PASSWORD, f"{PASSWORD}-2", f"{PASSWORD}-3"
    assert refused(change, current=first, new=first) == AGAIN
    change(first, second)
    assert refused(change, current=second, new=first) == AGAIN
    change(second, third)
    by_administrator = {"UserPoolId": pool.id, "Username": user, "Permanent": True}
    set_password = pool.cognito.admin_set_user_password
    assert refused(set_password, Password="short", **by_administrator)[0] == "InvalidPasswordException"
    assert refused(set_password, Password=second, **by_administrator) == AGAIN
    change(third, first)
    assert pool.sign_in(client_id, user, first)["IdToken"]


def test_nor_in_place_of_a_temporary_or_a_forgotten_one(local_aws: LocalAwsSettings) -> None:
    pool = remembering_pool(local_aws, 24)
    client_id, user = pool.add_password_client(), pool.add_user(permanent=False)
    challenge = pool.initiate(client_id, user)
    answer = {
        "ClientId": client_id,
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": challenge["Session"],
    }
    responses = {"USERNAME": user, "NEW_PASSWORD": PASSWORD}
    respond = pool.cognito.respond_to_auth_challenge
    assert refused(respond, ChallengeResponses=responses, **answer) == AGAIN
    assert respond(ChallengeResponses={**responses, "NEW_PASSWORD": f"{PASSWORD}-2"}, **answer)
    signed_up = new_name("user")
    pool.cognito.sign_up(ClientId=client_id, Username=signed_up, Password=PASSWORD)
    by_administrator = {"UserPoolId": pool.id, "Username": signed_up, "Permanent": True}
    assert refused(pool.cognito.admin_set_user_password, Password=PASSWORD, **by_administrator) == AGAIN


def test_the_login_page_takes_no_former_password_either(local_aws: LocalAwsSettings) -> None:
    pool = remembering_pool(local_aws, 1)
    client_id, user = pool.add_password_client(**OF_PAGE), pool.add_user(permanent=False)
    page = log_in(pool, username=user, password=PASSWORD, client_id=client_id, **FORM)
    token = page.text.partition('name="np_token" value="')[2].partition('"')[0]

    def change(password: str, token: str = token) -> requests.Response:
        return log_in(pool, np_token=token, new_password=password, confirm_password=password)

    again = change(PASSWORD)
    assert (again.status_code, USED in again.text) == (400, True)
    assert change(f"{PASSWORD}-2", "another").status_code == 400
    assert change(f"{PASSWORD}-2").status_code == 302
    token = pool.sign_in(client_id, user, f"{PASSWORD}-2")["AccessToken"]
    same = dict.fromkeys(BOTH, f"{PASSWORD}-2")
    assert refused(pool.cognito.change_password, AccessToken=token, **same) == AGAIN


def test_the_login_page_replaces_a_temporary_password_once_and_before_any_factor(
    local_aws: LocalAwsSettings,
) -> None:
    pool = EmulatedPool(local_aws)
    client_id, user = pool.add_password_client(**OF_PAGE), pool.add_user(permanent=False)
    other = pool.add_user({"email": "ann@example.com"}, permanent=False)

    def open_page(user: str) -> str:
        page = log_in(pool, username=user, password=PASSWORD, client_id=client_id, **FORM)
        return page.text.partition('name="np_token" value="')[2].partition('"')[0]

    def change(token: str, password: str) -> int:
        fields = {"np_token": token, "new_password": password, "confirm_password": password}
        return log_in(pool, **fields).status_code

    first, second = open_page(user), open_page(user)
    assert (change(first, f"{PASSWORD}-2"), change(second, f"{PASSWORD}-3")) == (302, 400)
    assert pool.sign_in(client_id, user, f"{PASSWORD}-2")["IdToken"]
    token = open_page(other)
    email = {"MfaConfiguration": "ON", "EmailMfaConfiguration": {}}
    pool.cognito.set_user_pool_mfa_config(UserPoolId=pool.id, **email)
    assert change(token, f"{PASSWORD}-2") == 400
    assert pool.initiate(client_id, other)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_a_password_comes_again_until_the_pool_says_something(local_aws: LocalAwsSettings) -> None:
    pool = EmulatedPool(local_aws)
    client_id, user = pool.add_password_client(), pool.add_user()
    token, same = pool.sign_in(client_id, user)["AccessToken"], dict.fromkeys(BOTH, PASSWORD)
    pool.cognito.change_password(AccessToken=token, **same)
    remembering = {"PasswordPolicy": {"PasswordHistorySize": 1}}
    pool.cognito.update_user_pool(UserPoolId=pool.id, Policies=remembering)
    token = pool.sign_in(client_id, user)["AccessToken"]
    assert refused(pool.cognito.change_password, AccessToken=token, **same) == AGAIN


def test_a_temporary_password_ends_when_the_pool_says_so(tmp_path: Path) -> None:
    """Two days pass while the local AWS is stopped: what it has in its files is two days older afterwards."""
    with running_local_aws(tmp_path) as settings:
        policy = {"PasswordPolicy": {"TemporaryPasswordValidityDays": 2}}
        pool = EmulatedPool(settings, Policies=policy)
        client_id = pool.add_password_client(**OF_PAGE)
        made, reset, permanent = pool.add_user(permanent=False), pool.add_user(), pool.add_user()
        by_administrator = {"UserPoolId": pool.id, "Permanent": False, "Password": PASSWORD}
        pool.cognito.admin_set_user_password(Username=reset, **by_administrator)
        assert pool.initiate(client_id, made)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    make_older(settings.state_folder / "state", 2 * 86_400)
    with running_local_aws(tmp_path, settings.port):
        for user in (made, reset):
            assert refused(pool.initiate, client_id=client_id, username=user) == (
                "NotAuthorizedException",
                ENDED,
            )
        page = log_in(pool, username=made, password=PASSWORD, client_id=client_id, **FORM)
        assert (page.status_code, ENDED in page.text) == (400, True)
        assert pool.sign_in(client_id, permanent)["IdToken"]
        pool.cognito.admin_set_user_password(Username=reset, **by_administrator)
        pool.cognito.admin_create_user(UserPoolId=pool.id, Username=made, MessageAction="RESEND")
        for user in (made, reset):
            assert pool.initiate(client_id, user)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def make_older(folder: Path, seconds: int) -> None:
    """Let the files of a local AWS say that its users were made, and passwords set, so much earlier."""
    for file in (folder / "cognito.json", folder / FILE):
        file.write_text(json.dumps(_older(json.loads(file.read_text()), seconds)))


def _older(value: Any, seconds: int) -> Any:
    if isinstance(value, list):
        return [_older(one, seconds) for one in value]
    if not isinstance(value, dict):
        return value
    dates = {"UserCreateDate", "temporary_at"}
    return {
        name: one - seconds if name in dates and one is not None else _older(one, seconds)
        for name, one in value.items()
    }
