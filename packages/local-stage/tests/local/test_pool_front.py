"""What the local pool leaves undone of who signs in is done in front of it."""

from __future__ import annotations

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
