"""What the local pool leaves undone of who signs in is done in front of it."""

from __future__ import annotations

import base64
import hmac
from dataclasses import replace
from http.client import HTTPConnection
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_stage.cloudformation.local_aws import LocalAwsSettings
from local_stage.cognito.srp import SrpClient
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


def test_where_administrators_create_the_users_nobody_signs_up(local_aws: LocalAwsSettings) -> None:
    pool = EmulatedPool(local_aws, AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
    with pytest.raises(ClientError) as caught:
        pool.cognito.sign_up(
            ClientId=pool.add_password_client(), Username=new_name("user"), Password=PASSWORD
        )
    assert refusal(caught.value) == (
        "NotAuthorizedException",
        "SignUp is not permitted for this user pool",
    )


def test_elsewhere_people_sign_themselves_up(local_aws: LocalAwsSettings) -> None:
    pool = EmulatedPool(local_aws, AdminCreateUserConfig={"AllowAdminCreateUserOnly": False})
    EmulatedPool(local_aws, AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
    answer = pool.cognito.sign_up(
        ClientId=pool.add_password_client(), Username=new_name("user"), Password=PASSWORD
    )
    assert answer["UserConfirmed"] is False


@pytest.mark.parametrize("verified", [[], ["email"]])
def test_who_signs_up_is_told_the_masked_address_that_is_verified(
    local_aws: LocalAwsSettings, verified: list[str]
) -> None:
    pool = EmulatedPool(local_aws, AutoVerifiedAttributes=verified)
    answer = pool.cognito.sign_up(
        ClientId=pool.add_password_client(),
        Username=new_name("user"),
        Password=PASSWORD,
        UserAttributes=[{"Name": "email", "Value": "test@test.com"}],
    )
    told = {"Destination": "t***@t***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    assert answer.get("CodeDeliveryDetails") == (told if verified else None)


def test_who_signs_up_by_an_address_that_the_pool_does_not_verify_is_sent_nothing(
    local_aws: LocalAwsSettings,
) -> None:
    pool = EmulatedPool(local_aws, UsernameAttributes=["email"])
    address = f"{new_name('user')}@test.com"
    answer = pool.cognito.sign_up(ClientId=pool.add_password_client(), Username=address, Password=PASSWORD)
    assert (answer["UserConfirmed"], answer.get("CodeDeliveryDetails")) == (False, None)


def test_the_sign_up_of_a_client_that_is_not_there_stays_the_pools_to_refuse(
    local_aws: LocalAwsSettings,
) -> None:
    pool = EmulatedPool(local_aws, AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
    with pytest.raises(ClientError) as caught:
        pool.cognito.sign_up(ClientId="nobodys", Username=new_name("user"), Password=PASSWORD)
    assert refusal(caught.value)[0] == "ResourceNotFoundException"


def test_a_pool_of_another_region_signs_nobody_in(local_aws: LocalAwsSettings) -> None:
    """The front sees to the pools of its own region, and MiniStack has those of every one."""
    pool = EmulatedPool(replace(local_aws, region="sa-east-1"))
    client = pool.add_client(
        ExplicitAuthFlows=PASSWORD_FLOWS,
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        CallbackURLs=["http://localhost/"],
    )
    name, unknown = pool.add_user(), "ResourceNotFoundException"
    digest = hmac.digest(client["ClientSecret"].encode(), f"{name}{client['ClientId']}".encode(), "sha256")
    credentials = {
        "USERNAME": name,
        "PASSWORD": PASSWORD,
        "SECRET_HASH": base64.b64encode(digest).decode(),
    }
    with pytest.raises(ClientError) as caught:
        pool.cognito.initiate_auth(
            ClientId=client["ClientId"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters=credentials
        )
    assert refusal(caught.value)[0] == unknown
    form = {"client_id": client["ClientId"], "redirect_uri": "http://localhost/", "response_type": "code"}
    url = f"{local_aws.endpoint_url}/login"
    sent = {**form, "username": name, "password": PASSWORD}
    answer = new_http_session(url).post(url, data=sent, allow_redirects=False, timeout=30)
    assert (answer.status_code, "does not exist" in answer.text) == (400, True)


def test_a_machine_of_another_region_gets_no_token(local_aws: LocalAwsSettings) -> None:
    pool = EmulatedPool(replace(local_aws, region="sa-east-1"))
    pool.cognito.create_resource_server(
        UserPoolId=pool.id,
        Identifier="api",
        Name="api",
        Scopes=[{"ScopeName": "read", "ScopeDescription": "Read"}],
    )
    machine = pool.add_client(
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=["api/read"],
    )
    form = {"client_id": machine["ClientId"], "client_secret": machine["ClientSecret"]}
    url = f"{local_aws.endpoint_url}/oauth2/token"
    sent = {**form, "grant_type": "client_credentials", "scope": "api/read"}
    answer = new_http_session(url).post(url, data=sent, timeout=30)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})


def test_administrators_create_users_of_a_closed_pool(local_aws: LocalAwsSettings) -> None:
    pool = EmulatedPool(local_aws, AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
    assert pool.initiate(pool.add_password_client(), pool.add_user())["AuthenticationResult"]


def test_a_client_that_names_no_flows_takes_no_passwords(pool: EmulatedPool) -> None:
    client_id, user = pool.add_client()["ClientId"], pool.add_user()
    with pytest.raises(ClientError) as caught:
        pool.sign_in(client_id, user)
    assert refusal(caught.value) == (
        "InvalidParameterException",
        "USER_PASSWORD_AUTH flow not enabled for this client",
    )


def test_nobody_refreshes_where_the_client_does_not_allow_it(pool: EmulatedPool) -> None:
    client_id = pool.add_client(ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])["ClientId"]
    token = pool.sign_in(client_id, pool.add_user())["RefreshToken"]
    with pytest.raises(ClientError) as caught:
        pool.refresh(client_id, token)
    assert refusal(caught.value) == (
        "InvalidParameterException",
        "REFRESH_TOKEN_AUTH is not enabled for the client.",
    )


def test_a_call_that_names_two_operations_is_none(local_aws: LocalAwsSettings) -> None:
    address = local_aws.endpoint_url.removeprefix("http://")
    connection = HTTPConnection(address, timeout=30)
    connection.putrequest("POST", "/")
    for operation in ("ListUserPools", "SignUp"):
        connection.putheader("X-Amz-Target", f"AWSCognitoIdentityProviderService.{operation}")
    connection.putheader("Content-Length", "2")
    connection.endheaders(b"{}")
    response = connection.getresponse()
    assert (response.status, response.getheader("x-amzn-errortype")) == (400, "SerializationException:")
    connection.close()


NO_SESSION = "0" * 30


@pytest.mark.parametrize(
    ("challenge", "responses"),
    [
        ("NEW_PASSWORD_REQUIRED", {"NEW_PASSWORD": "Another-Horse-7"}),
        ("SOFTWARE_TOKEN_MFA", {"SOFTWARE_TOKEN_MFA_CODE": "123456"}),
        ("SMS_MFA", {"SMS_MFA_CODE": "123456"}),
        ("MFA_SETUP", {}),
    ],
)
def test_a_challenge_is_answered_only_in_its_session(
    pool: EmulatedPool, challenge: str, responses: dict[str, str]
) -> None:
    user, client_id = (
        pool.add_user(permanent=challenge != "NEW_PASSWORD_REQUIRED"),
        pool.add_password_client(),
    )
    answered = {"USERNAME": user, **responses}
    answer = {"ClientId": client_id, "ChallengeName": challenge, "ChallengeResponses": answered}
    with pytest.raises(ClientError) as caught:
        pool.cognito.respond_to_auth_challenge(**answer, Session=NO_SESSION)
    assert refusal(caught.value) == ("NotAuthorizedException", "Invalid session for the user.")
    with pytest.raises(ClientError) as caught:
        pool.cognito.admin_respond_to_auth_challenge(UserPoolId=pool.id, **answer)
    assert refusal(caught.value) == ("InvalidParameterException", "Missing required parameter Session")


def test_a_new_password_keeps_the_policy_whose_first_fault_is_named(local_aws: LocalAwsSettings) -> None:
    pool = EmulatedPool(local_aws, Policies={"PasswordPolicy": {"MinimumLength": 12}})
    client_id, user = pool.add_password_client(), pool.add_user(permanent=False)
    challenge = pool.initiate(client_id, user)

    def change(password: str) -> dict[str, Any]:
        answer: dict[str, Any] = pool.cognito.respond_to_auth_challenge(
            ClientId=client_id,
            ChallengeName=challenge["ChallengeName"],
            Session=challenge["Session"],
            ChallengeResponses={"USERNAME": user, "NEW_PASSWORD": password},
        )
        return answer

    faults = {
        "short": "Password not long enough",
        "small-letters-7": "Password must have uppercase characters",
        "Without-a-number": "Password must have numeric characters",
    }
    for password, fault in faults.items():
        expected = ("InvalidPasswordException", f"Password did not conform with policy: {fault}")
        with pytest.raises(ClientError) as caught:
            change(password)
        assert refusal(caught.value) == expected
        with pytest.raises(ClientError) as caught:
            pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username=user, Password=password)
        assert refusal(caught.value) == expected
    assert tokens_of(change("Another-Horse-7"))["IdToken"]
    with pytest.raises(ClientError) as caught:
        change("Another-Horse-8")
    assert "session can only be used once" in refusal(caught.value)[1]


def test_in_a_pool_without_case_a_user_name_is_good_in_any(local_aws: LocalAwsSettings) -> None:
    pool = EmulatedPool(local_aws, UsernameConfiguration={"CaseSensitive": False})
    client = pool.add_client(ExplicitAuthFlows=PASSWORD_FLOWS, GenerateSecret=True)
    user = pool.add_user()

    def sign_in(name: str, hashed: str) -> dict[str, Any]:
        digest = hmac.digest(
            client["ClientSecret"].encode(), f"{hashed}{client['ClientId']}".encode(), "sha256"
        )
        parameters = {
            "USERNAME": name,
            "PASSWORD": PASSWORD,
            "SECRET_HASH": base64.b64encode(digest).decode(),
        }
        answer: dict[str, Any] = pool.cognito.initiate_auth(
            ClientId=client["ClientId"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
        )
        return answer

    typed = user.upper()
    assert decode(tokens_of(sign_in(typed, typed))["IdToken"])["cognito:username"] == user
    with pytest.raises(ClientError) as caught:
        sign_in(typed, user)
    assert "Unable to verify secret hash" in refusal(caught.value)[1]
    with pytest.raises(ClientError) as caught:
        pool.cognito.admin_create_user(UserPoolId=pool.id, Username=typed)
    assert refusal(caught.value)[0] == "UsernameExistsException"


@pytest.mark.parametrize("by_srp", [False, True])
def test_wrong_passwords_lock_a_user_out(pool: EmulatedPool, by_srp: bool) -> None:  # noqa: FBT001 - a case
    """Each locks for twice as long as the one before, so that a slow machine meets the lock as well."""
    client_id = pool.add_client(ExplicitAuthFlows=[*PASSWORD_FLOWS, "ALLOW_USER_SRP_AUTH"])["ClientId"]
    user, said = pool.add_user(), list[str]()
    sign_in = pool.sign_in_with_srp if by_srp else pool.sign_in
    while len(said) < 20 and "Password attempts exceeded" not in said:
        with pytest.raises(ClientError) as caught:
            sign_in(client_id, user, "Wrong-Horse-7")
        said.append(refusal(caught.value)[1])
    assert said[:5] == ["Incorrect username or password."] * 5
    assert said[-1] == "Password attempts exceeded"
    assert sign_in(client_id, pool.add_user())["IdToken"]


def test_a_user_who_is_disabled_during_a_sign_in_gets_no_tokens(pool: EmulatedPool) -> None:
    client_id = pool.add_client(ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"])["ClientId"]
    user, srp = pool.add_user(), SrpClient(pool.id, PASSWORD)
    challenge = pool.cognito.initiate_auth(
        ClientId=client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=srp.auth_parameters(user)
    )
    answer = {
        "ClientId": client_id,
        "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeResponses": srp.answer(challenge["ChallengeParameters"]),
    }
    assert pool.cognito.respond_to_auth_challenge(**answer)["AuthenticationResult"]
    pool.cognito.admin_disable_user(UserPoolId=pool.id, Username=user)
    with pytest.raises(ClientError) as caught:
        pool.cognito.respond_to_auth_challenge(**answer)
    assert refusal(caught.value) == ("NotAuthorizedException", "User is disabled.")
