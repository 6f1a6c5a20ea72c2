"""Refresh tokens of a local pool: a rotating client's are good once, and all of a sign-in end together."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from botocore.exceptions import ClientError

from local_stage.cloudformation.local_aws import LocalAwsSettings
from tests.http_session import new_http_session
from tests.local.emulated_pool import (
    PASSWORD,
    PASSWORD_FLOWS,
    EmulatedPool,
    decode,
    new_name,
    refusal,
    tokens_of,
)
from tests.local.local_aws_process import running_local_aws
from tests.processes import wait_until

ROTATING = {"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}
REUSED = ("RefreshTokenReuseException", "Refresh token has been invalidated by rotation.")


def rotating(grace: int = 0) -> dict[str, Any]:
    rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": grace}
    return {**ROTATING, "RefreshTokenRotation": rotation}


def exchange(pool: EmulatedPool, client_id: str, token: str, **secret: str) -> dict[str, Any]:
    return tokens_of(
        pool.cognito.get_tokens_from_refresh_token(RefreshToken=token, ClientId=client_id, **secret)
    )


def test_a_refresh_token_is_encrypted(pool: EmulatedPool) -> None:
    """RFC 7516, 3.1: an encrypted token has five parts, a signed one three."""
    token = pool.sign_in(pool.add_password_client(), pool.add_user())["RefreshToken"]
    assert (token.count("."), decode(token, 0)["enc"]) == (4, "A256GCM")


def test_a_rotated_refresh_token_is_good_only_once(pool: EmulatedPool) -> None:
    client_id = pool.add_client(**rotating())["ClientId"]
    first = pool.sign_in(client_id, pool.add_user())["RefreshToken"]
    second = exchange(pool, client_id, first)
    assert {"IdToken", "AccessToken", "RefreshToken"} <= second.keys()
    with pytest.raises(ClientError) as caught:
        exchange(pool, client_id, first)
    assert refusal(caught.value) == REUSED
    assert exchange(pool, client_id, second["RefreshToken"])["RefreshToken"]


def test_within_the_grace_it_is_good_again(pool: EmulatedPool) -> None:
    client_id = pool.add_client(**rotating(60))["ClientId"]
    first = pool.sign_in(client_id, pool.add_user())["RefreshToken"]
    seconds = {exchange(pool, client_id, first)["RefreshToken"] for _ in range(2)}
    assert len(seconds) == 2
    assert all(exchange(pool, client_id, second)["IdToken"] for second in seconds)


def test_a_rotating_client_does_not_refresh_by_a_flow(pool: EmulatedPool) -> None:
    client_id = pool.add_client(**(rotating() | {"ExplicitAuthFlows": PASSWORD_FLOWS}))["ClientId"]
    token = pool.sign_in(client_id, pool.add_user())["RefreshToken"]
    with pytest.raises(ClientError) as caught:
        pool.refresh(client_id, token)
    assert refusal(caught.value)[0] == "InvalidParameterException"
    assert exchange(pool, client_id, token)["IdToken"]


def test_a_client_is_described_with_its_rotation(pool: EmulatedPool) -> None:
    client = pool.add_client(**rotating(10))
    asked = {"UserPoolId": pool.id, "ClientId": client["ClientId"]}
    described = pool.cognito.describe_user_pool_client(**asked)["UserPoolClient"]
    expected = rotating(10)["RefreshTokenRotation"]
    assert client["RefreshTokenRotation"] == described["RefreshTokenRotation"] == expected
    assert "AnalyticsConfiguration" not in described
    changed = pool.cognito.update_user_pool_client(
        **asked, **ROTATING, RefreshTokenRotation={"Feature": "DISABLED"}
    )
    assert changed["UserPoolClient"]["RefreshTokenRotation"] == {"Feature": "DISABLED"}


def test_revoking_one_ends_all_of_the_sign_in(pool: EmulatedPool) -> None:
    client_id, user = pool.add_client(**rotating())["ClientId"], pool.add_user()
    first = pool.sign_in(client_id, user)
    second = exchange(pool, client_id, first["RefreshToken"])
    other = pool.sign_in(client_id, user)
    pool.cognito.revoke_token(Token=first["RefreshToken"], ClientId=client_id)
    with pytest.raises(ClientError) as caught:
        exchange(pool, client_id, second["RefreshToken"])
    assert refusal(caught.value) == ("NotAuthorizedException", "Refresh Token has been revoked")
    with pytest.raises(ClientError) as caught:
        pool.cognito.get_user(AccessToken=second["AccessToken"])
    assert refusal(caught.value) == ("NotAuthorizedException", "Access Token has been revoked")
    assert exchange(pool, client_id, other["RefreshToken"])["IdToken"]


def test_only_who_knows_the_clients_secret_exchanges_and_revokes(pool: EmulatedPool) -> None:
    client = pool.add_client(GenerateSecret=True, ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"])
    client = pool.cognito.update_user_pool_client(
        UserPoolId=pool.id, ClientId=client["ClientId"], **rotating()
    )["UserPoolClient"]
    client_id, secret = client["ClientId"], client["ClientSecret"]
    other = pool.add_client(**rotating())["ClientId"]
    token = pool.sign_in(other, pool.add_user())["RefreshToken"]
    for wrong in ({}, {"ClientSecret": "0" * 51}):
        with pytest.raises(ClientError) as caught:
            exchange(pool, client_id, token, **wrong)
        assert refusal(caught.value)[0] == "NotAuthorizedException"
        with pytest.raises(ClientError) as caught:
            pool.cognito.revoke_token(Token=token, ClientId=client_id, **wrong)
        assert refusal(caught.value)[0] == "UnauthorizedException"
    with pytest.raises(ClientError) as caught:
        exchange(pool, client_id, token, ClientSecret=secret)
    assert refusal(caught.value)[0] == "NotAuthorizedException"
    assert exchange(pool, other, token)["IdToken"]


def test_a_disabled_user_refreshes_nothing_and_an_access_token_cannot_be_revoked(pool: EmulatedPool) -> None:
    client_id, user = pool.add_client(**rotating())["ClientId"], pool.add_user()
    tokens = pool.sign_in(client_id, user)
    pool.cognito.admin_disable_user(UserPoolId=pool.id, Username=user)
    with pytest.raises(ClientError) as caught:
        exchange(pool, client_id, tokens["RefreshToken"])
    assert refusal(caught.value) == ("NotAuthorizedException", "User is disabled.")
    pool.cognito.admin_enable_user(UserPoolId=pool.id, Username=user)
    tokens = pool.sign_in(client_id, user)
    with pytest.raises(ClientError) as caught:
        pool.cognito.revoke_token(Token=tokens["AccessToken"], ClientId=client_id)
    assert refusal(caught.value)[0] == "UnsupportedTokenTypeException"
    assert exchange(pool, client_id, tokens["RefreshToken"])["IdToken"]


CALLBACK = "http://localhost:5173/"
LOGIN = {
    "CallbackURLs": [CALLBACK],
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["openid"],
    "AllowedOAuthFlowsUserPoolClient": True,
    "SupportedIdentityProviders": ["COGNITO"],
}


def log_in(
    pool: EmulatedPool, client_id: str, user: str, password: str = PASSWORD, **fields: str
) -> requests.Response:
    """Send the form of the login page."""
    form = {"client_id": client_id, "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid"}
    url = f"{pool.settings.endpoint_url}/login"
    sent = {**form, "username": user, "password": password, **fields}
    return new_http_session(url).post(url, data=sent, allow_redirects=False, timeout=30)


def ask_for_tokens(pool: EmulatedPool, **form: str) -> tuple[int, dict[str, str]]:
    url = f"{pool.settings.endpoint_url}/oauth2/token"
    answer = new_http_session(url).post(url, data=form, timeout=30)
    return answer.status_code, answer.json()


def redeem(pool: EmulatedPool, client_id: str, login: requests.Response) -> tuple[int, dict[str, str]]:
    code = parse_qs(urlsplit(login.headers["location"]).query)["code"][0]
    form = {"client_id": client_id, "code": code, "redirect_uri": CALLBACK}
    return ask_for_tokens(pool, grant_type="authorization_code", **form)


def test_at_the_token_endpoint_they_rotate_as_well(pool: EmulatedPool) -> None:
    client_id, user = pool.add_client(**rotating(), **LOGIN)["ClientId"], pool.add_user()
    status, first = redeem(pool, client_id, log_in(pool, client_id, user))
    assert (status, first["refresh_token"].count(".")) == (200, 4)
    refresh = {"grant_type": "refresh_token", "client_id": client_id}
    status, second = ask_for_tokens(pool, **refresh, refresh_token=first["refresh_token"])
    assert (status, "id_token" in second) == (200, True)
    assert ask_for_tokens(pool, **refresh, refresh_token=first["refresh_token"]) == (
        400,
        {"error": "invalid_grant"},
    )
    assert exchange(pool, client_id, second["refresh_token"])["IdToken"]
    last = pool.sign_in(client_id, user)["RefreshToken"]
    other = pool.add_client(**rotating(), **LOGIN)["ClientId"]
    of_another = {**refresh, "client_id": other, "refresh_token": last}
    assert ask_for_tokens(pool, **of_another) == (400, {"error": "invalid_grant"})
    pool.cognito.admin_disable_user(UserPoolId=pool.id, Username=user)
    assert ask_for_tokens(pool, **refresh, refresh_token=last)[1]["error"] == "invalid_grant"


def test_a_revoked_one_gets_nothing_at_the_token_endpoint_nor_one_without_the_secret(
    pool: EmulatedPool,
) -> None:
    client = pool.add_client(**ROTATING, **LOGIN, GenerateSecret=True)
    client_id, secret = client["ClientId"], {"client_secret": client["ClientSecret"]}
    login = log_in(pool, client_id, pool.add_user())
    code = parse_qs(urlsplit(login.headers["location"]).query)["code"][0]
    form = {"client_id": client_id, "code": code, "redirect_uri": CALLBACK}
    _, tokens = ask_for_tokens(pool, grant_type="authorization_code", **form, **secret)
    refresh = {"grant_type": "refresh_token", "client_id": client_id}
    refresh["refresh_token"] = tokens["refresh_token"]
    assert ask_for_tokens(pool, **refresh)[1] == {"error": "invalid_client"}
    assert ask_for_tokens(pool, **refresh, client_secret="0" * 51)[1] == {"error": "invalid_client"}
    assert ask_for_tokens(pool, **refresh, **secret)[0] == 200
    pool.cognito.revoke_token(
        Token=tokens["refresh_token"], ClientId=client_id, ClientSecret=client["ClientSecret"]
    )
    assert ask_for_tokens(pool, **refresh, **secret)[1]["error"] == "invalid_grant"


def test_the_login_page_takes_nobody_who_needs_a_second_factor_or_chooses_one(pool: EmulatedPool) -> None:
    client_id, user = pool.add_client(**ROTATING, **LOGIN)["ClientId"], pool.add_user()
    code = log_in(pool, client_id, user)
    pool.cognito.set_user_pool_mfa_config(
        UserPoolId=pool.id, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration="ON"
    )
    assert redeem(pool, client_id, code) == (400, {"error": "invalid_grant"})
    refused = log_in(pool, client_id, user)
    assert (refused.status_code, "second factor" in refused.text) == (400, True)
    url = f"{pool.settings.endpoint_url}/login"
    chosen = {"client_id": client_id, "auth_flow": "USER_AUTH", "username": user}
    assert new_http_session(url).post(url, data=chosen, timeout=30).status_code == 400


@pytest.mark.parametrize("state", ["", "np_token", 'name="np_token"'])
def test_wrong_passwords_at_the_login_page_lock_a_user_out(pool: EmulatedPool, state: str) -> None:
    client_id, user = pool.add_client(**ROTATING, **LOGIN)["ClientId"], pool.add_user()
    said: list[bool] = []
    while len(said) < 20 and True not in said:
        page = log_in(pool, client_id, user, "Wrong-Horse-7", state=state).text
        said.append("Password attempts exceeded" in page)
    assert said[:5] == [False] * 5
    assert said[-1]
    assert redeem(pool, client_id, log_in(pool, client_id, pool.add_user()))[0] == 200


@pytest.mark.whole  # two starts of the local AWS
def test_a_used_refresh_token_stays_used_over_a_restart(tmp_path: Any) -> None:
    with running_local_aws(tmp_path) as settings:
        pool = EmulatedPool(settings)
        client_id = pool.add_client(**rotating())["ClientId"]
        first = pool.sign_in(client_id, pool.add_user())["RefreshToken"]
        second = exchange(pool, client_id, first)["RefreshToken"]
    with running_local_aws(tmp_path, settings.port):
        with pytest.raises(ClientError) as caught:
            exchange(pool, client_id, first)
        assert refusal(caught.value) == REUSED
        assert exchange(pool, client_id, second)["IdToken"]


def test_a_client_of_a_stack_rotates_as_its_template_says(local_aws: LocalAwsSettings) -> None:
    client = {"UserPoolId": {"Ref": "Pool"}, **rotating()}
    resources = {
        "Pool": {"Type": "AWS::Cognito::UserPool"},
        "Client": {"Type": "AWS::Cognito::UserPoolClient", "Properties": client},
    }
    outputs = {name: {"Value": {"Ref": name}} for name in resources}
    cloudformation, name = local_aws.client("cloudformation"), new_name("stack")
    body = json.dumps({"Resources": resources, "Outputs": outputs})
    cloudformation.create_stack(StackName=name, TemplateBody=body)

    def describe() -> dict[str, Any]:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        return stack

    wait_until(lambda: describe()["StackStatus"] == "CREATE_COMPLETE")
    made = {output["OutputKey"]: output["OutputValue"] for output in describe()["Outputs"]}
    pool = EmulatedPool(local_aws)
    pool.id = made["Pool"]
    first = pool.sign_in(made["Client"], pool.add_user())["RefreshToken"]
    assert exchange(pool, made["Client"], first)["RefreshToken"]
    with pytest.raises(ClientError) as caught:
        exchange(pool, made["Client"], first)
    assert refusal(caught.value) == REUSED
