"""What the local pool leaves undone of who signs in is done in front of it."""

from __future__ import annotations

from http.client import HTTPConnection

import pytest
from botocore.exceptions import ClientError

from local_stage.cloudformation.local_aws import LocalAwsSettings
from tests.local.emulated_pool import PASSWORD, EmulatedPool, new_name, refusal


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


def test_the_sign_up_of_a_client_that_is_not_there_stays_the_pools_to_refuse(
    local_aws: LocalAwsSettings,
) -> None:
    pool = EmulatedPool(local_aws, AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
    with pytest.raises(ClientError) as caught:
        pool.cognito.sign_up(ClientId="nobodys", Username=new_name("user"), Password=PASSWORD)
    assert refusal(caught.value)[0] == "ResourceNotFoundException"


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
