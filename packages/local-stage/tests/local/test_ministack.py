"""What the stage relies on in MiniStack, and in which it does what Cognito does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local_stage.cloudformation.local_aws import LocalAwsSettings
from tests.http_session import new_http_session
from tests.local.emulated_pool import PASSWORD, EmulatedPool, decode, post, refusal
from tests.local.local_aws_process import running_local_aws

INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")
SRP_FLOWS = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def refused(sign_in: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        sign_in()
    return refusal(caught.value)


def test_srp_signs_in_who_knows_the_password(pool: EmulatedPool) -> None:
    client_id = pool.add_client(ExplicitAuthFlows=SRP_FLOWS)["ClientId"]
    user = pool.add_user()
    assert decode(pool.sign_in_with_srp(client_id, user)["IdToken"])["cognito:username"] == user


def test_srp_refuses_who_does_not(pool: EmulatedPool) -> None:
    client_id = pool.add_client(ExplicitAuthFlows=SRP_FLOWS)["ClientId"]
    user = pool.add_user()
    assert refused(lambda: pool.sign_in_with_srp(client_id, user, "Wrong-Horse-7")) == INCORRECT


def test_the_right_password_signs_in_and_the_wrong_one_does_not(pool: EmulatedPool) -> None:
    client_id, user = pool.add_password_client(), pool.add_user()
    assert decode(pool.sign_in(client_id, user)["IdToken"])["cognito:username"] == user
    assert refused(lambda: pool.sign_in(client_id, user, "Wrong-Horse-7")) == INCORRECT


def test_no_credentials_are_needed_to_sign_in(local_aws: LocalAwsSettings, pool: EmulatedPool) -> None:
    """The article signs in with curl."""
    body = {
        "ClientId": pool.add_password_client(),
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": pool.add_user(), "PASSWORD": PASSWORD},
    }
    assert post(local_aws, "InitiateAuth", body).json()["AuthenticationResult"]["TokenType"] == "Bearer"


def test_a_flow_that_the_client_does_not_allow_is_refused(pool: EmulatedPool) -> None:
    client_id, user = pool.add_client(ExplicitAuthFlows=SRP_FLOWS)["ClientId"], pool.add_user()
    assert refused(lambda: pool.sign_in(client_id, user)) == (
        "InvalidParameterException",
        "USER_PASSWORD_AUTH flow not enabled for this client",
    )


@pytest.mark.parametrize("hidden", [True, False])
def test_who_hides_users_says_the_same_of_unknown_ones(pool: EmulatedPool, hidden: bool) -> None:  # noqa: FBT001 - a case
    setting = "ENABLED" if hidden else "LEGACY"
    client_id = pool.add_password_client(PreventUserExistenceErrors=setting)
    kind, _ = refusal_of_unknown = refused(lambda: pool.sign_in(client_id, "nobody"))
    assert (refusal_of_unknown == INCORRECT) is hidden
    assert (kind == "UserNotFoundException") is not hidden


def test_a_temporary_password_has_to_be_changed_first(pool: EmulatedPool) -> None:
    client_id, user = pool.add_password_client(), pool.add_user(permanent=False)
    assert pool.initiate(client_id, user)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_a_client_with_a_secret_takes_no_call_without_its_hash(pool: EmulatedPool) -> None:
    client_id, user = pool.add_password_client(GenerateSecret=True), pool.add_user()
    kind, _ = refused(lambda: pool.sign_in(client_id, user))
    assert kind == "NotAuthorizedException"


def test_id_and_access_token_are_signed_with_two_keys_of_the_pools_own(
    local_aws: LocalAwsSettings, pool: EmulatedPool
) -> None:
    tokens = pool.sign_in(pool.add_password_client(), pool.add_user())
    used = [decode(tokens[name], 0)["kid"] for name in ("IdToken", "AccessToken")]
    assert sorted(pool.keys()) == sorted(used)
    assert used[0] != used[1]
    assert not set(used) & set(EmulatedPool(local_aws).keys())


def test_both_tokens_name_pool_client_and_kind_as_cognitos_do(pool: EmulatedPool) -> None:
    client_id = pool.add_password_client()
    tokens = pool.sign_in(client_id, pool.add_user())
    id_claims, access_claims = decode(tokens["IdToken"]), decode(tokens["AccessToken"])
    issuer = f"https://cognito-idp.ap-northeast-1.amazonaws.com/{pool.id}"
    assert (id_claims["iss"], id_claims["token_use"], id_claims["aud"]) == (issuer, "id", client_id)
    assert (access_claims["iss"], access_claims["token_use"]) == (issuer, "access")
    assert (access_claims["client_id"], access_claims.get("aud")) == (client_id, None)


def test_groups_stand_in_both_tokens(pool: EmulatedPool) -> None:
    client_id, user = pool.add_password_client(), pool.add_user()
    pool.cognito.create_group(UserPoolId=pool.id, GroupName="admins")
    pool.cognito.admin_add_user_to_group(UserPoolId=pool.id, Username=user, GroupName="admins")
    tokens = pool.sign_in(client_id, user)
    assert decode(tokens["IdToken"])["cognito:groups"] == ["admins"]
    assert decode(tokens["AccessToken"])["cognito:groups"] == ["admins"]


@pytest.fixture
def machine(pool: EmulatedPool) -> tuple[str, str]:
    """Client id and secret of a machine that may have the scope hello/read."""
    scope = {"ScopeName": "read", "ScopeDescription": "Call"}
    pool.cognito.create_resource_server(UserPoolId=pool.id, Identifier="hello", Name="hello", Scopes=[scope])
    client = pool.add_client(
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=["hello/read"],
    )
    return client["ClientId"], client["ClientSecret"]


def ask_for_token(
    local_aws: LocalAwsSettings, auth: tuple[str, str], scope: str = "hello/read"
) -> tuple[int, dict[str, str]]:
    url = f"{local_aws.endpoint_url}/oauth2/token"
    form = {"grant_type": "client_credentials", "scope": scope}
    answer = new_http_session(url).post(url, data=form, auth=auth, timeout=30)
    return answer.status_code, answer.json()


def test_client_credentials_give_an_access_token_with_the_scope(
    local_aws: LocalAwsSettings, machine: tuple[str, str]
) -> None:
    status, answer = ask_for_token(local_aws, machine)
    claims = decode(answer["access_token"])
    assert (status, claims["token_use"], claims["scope"]) == (200, "access", "hello/read")
    assert claims["sub"] == claims["client_id"] == machine[0]


@pytest.mark.parametrize(
    ("secret", "scope", "error"),
    [("wrong", "hello/read", "invalid_client"), (None, "hello/write", "invalid_scope")],
)
def test_no_token_for_a_wrong_secret_or_a_foreign_scope(
    local_aws: LocalAwsSettings, machine: tuple[str, str], secret: str | None, scope: str, error: str
) -> None:
    status, answer = ask_for_token(local_aws, (machine[0], secret or machine[1]), scope)
    assert (status, answer["error"]) == (400, error)


def test_users_and_keys_are_there_again_after_a_clean_stop(tmp_path: Path) -> None:
    with running_local_aws(tmp_path) as settings:
        pool = EmulatedPool(settings)
        client_id, user, keys = pool.add_password_client(), pool.add_user(), pool.keys()
    with running_local_aws(tmp_path, settings.port) as settings:
        pool.settings = settings
        assert pool.keys() == keys
        assert decode(pool.sign_in(client_id, user)["IdToken"])["cognito:username"] == user
