"""Who writes which attributes of a user is decided by the pool's schema and the app client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_stage.cloudformation.local_aws import LocalAwsSettings
from tests.local.emulated_pool import PASSWORD, PASSWORD_FLOWS, EmulatedPool, decode, new_name, refusal

UNAUTHORIZED = ("NotAuthorizedException", "A client attempted to write unauthorized attribute")
IMMUTABLE_SUB = ("InvalidParameterException", "Cannot modify the non-mutable attribute sub")
SCHEMA = [
    {"Name": "team", "AttributeDataType": "String", "Mutable": True},
    {"Name": "birthplace", "AttributeDataType": "String", "Mutable": False},
]


def unknown(name: str) -> tuple[str, str]:
    return "InvalidParameterException", f"user.{name}: Attribute does not exist in the schema.\n"


def refused(call: Callable[..., object], **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return refusal(caught.value)


def pairs(**attributes: str) -> list[dict[str, str]]:
    return [{"Name": name.replace("__", ":"), "Value": value} for name, value in attributes.items()]


class Written:
    """A pool with two attributes of its own, an app client that names none, and a user who is signed in."""

    def __init__(self, settings: LocalAwsSettings) -> None:
        self.pool = EmulatedPool(settings, Schema=SCHEMA)
        self.cognito = self.pool.cognito
        self.client_id = self.pool.add_password_client()
        self.user = self.pool.add_user({"email": "ann@example.com", "email_verified": "true"})
        self.token = self.pool.sign_in(self.client_id, self.user)["AccessToken"]

    def refuse_sign_up(self, **attributes: str) -> tuple[str, str]:
        named = {"ClientId": self.client_id, "Username": new_name("user"), "Password": PASSWORD}
        return refused(self.cognito.sign_up, **named, UserAttributes=pairs(**attributes))

    def refuse_update(self, **attributes: str) -> tuple[str, str]:
        changed = {"AccessToken": self.token, "UserAttributes": pairs(**attributes)}
        return refused(self.cognito.update_user_attributes, **changed)

    def refuse_administrator(self, **attributes: str) -> tuple[str, str]:
        """Return how an update is refused, after a creation with the same was."""
        written, named = pairs(**attributes), {"UserPoolId": self.pool.id}
        made = refused(
            self.cognito.admin_create_user, **named, Username=new_name("user"), UserAttributes=written
        )
        changed = refused(
            self.cognito.admin_update_user_attributes, **named, Username=self.user, UserAttributes=written
        )
        assert made == changed
        return changed


@pytest.fixture(scope="module")
def written(local_aws: LocalAwsSettings) -> Written:
    return Written(local_aws)


def test_nobody_writes_a_sub(written: Written) -> None:
    assert written.refuse_sign_up(sub="0") == IMMUTABLE_SUB
    assert written.refuse_update(sub="0") == IMMUTABLE_SUB
    assert written.refuse_administrator(sub="0") == IMMUTABLE_SUB


@pytest.mark.parametrize("name", ["colour", "cognito__groups", "custom__colour"])
def test_nobody_writes_what_the_schema_does_not_have(written: Written, name: str) -> None:
    expected = unknown(name.replace("__", ":"))
    assert written.refuse_sign_up(**{name: "a"}) == expected
    assert written.refuse_update(**{name: "a"}) == expected
    assert written.refuse_administrator(**{name: "a"}) == expected


def test_what_is_not_mutable_is_given_once(written: Written) -> None:
    expected = ("InvalidParameterException", "user.custom:birthplace: Attribute cannot be updated.\n")
    user = written.pool.add_user({"custom:birthplace": "Kyoto"})
    named = {"UserPoolId": written.pool.id, "Username": user}
    update = written.cognito.admin_update_user_attributes
    assert refused(update, **named, UserAttributes=pairs(custom__birthplace="Nara")) == expected
    assert written.refuse_update(custom__birthplace="Nara") == expected
    assert decode(written.pool.sign_in(written.client_id, user)["IdToken"])["custom:birthplace"] == "Kyoto"


def test_users_do_not_say_that_their_address_is_verified(written: Written) -> None:
    assert written.refuse_sign_up(email="a@example.com", email_verified="true") == UNAUTHORIZED
    assert written.refuse_update(phone_number_verified="true") == UNAUTHORIZED


def test_without_a_list_of_their_own_users_write_the_standard_attributes(written: Written) -> None:
    written.cognito.update_user_attributes(AccessToken=written.token, UserAttributes=pairs(name="Ann"))
    assert decode(written.pool.sign_in(written.client_id, written.user)["IdToken"])["name"] == "Ann"
    assert written.refuse_update(custom__team="red") == UNAUTHORIZED
    assert written.refuse_sign_up(custom__team="red") == UNAUTHORIZED


def test_users_write_what_their_app_client_writes(written: Written) -> None:
    pool = written.pool
    client_id = pool.add_client(ExplicitAuthFlows=PASSWORD_FLOWS, WriteAttributes=["custom:team"])["ClientId"]
    token = pool.sign_in(client_id, written.user)["AccessToken"]
    update = written.cognito.update_user_attributes
    update(AccessToken=token, UserAttributes=pairs(custom__team="red"))
    assert decode(pool.sign_in(client_id, written.user)["IdToken"])["custom:team"] == "red"
    assert refused(update, AccessToken=token, UserAttributes=pairs(name="Ann")) == UNAUTHORIZED


def test_a_changed_address_is_no_longer_verified(written: Written) -> None:
    pool = written.pool
    user = pool.add_user({"email": "bob@example.com", "email_verified": "true"})
    token = pool.sign_in(written.client_id, user)["AccessToken"]

    def is_verified() -> bool:
        verified = decode(pool.sign_in(written.client_id, user)["IdToken"])["email_verified"]
        assert isinstance(verified, bool)
        return verified

    change = written.cognito.update_user_attributes
    change(AccessToken=token, UserAttributes=pairs(email="bob@example.com"))
    assert is_verified()
    change(AccessToken=token, UserAttributes=pairs(email="rob@example.com"))
    assert not is_verified()
    administrators = {"UserPoolId": pool.id, "Username": user}
    address = pairs(email="bob@example.com", email_verified="true")
    written.cognito.admin_update_user_attributes(**administrators, UserAttributes=address)
    assert is_verified()
    written.cognito.admin_update_user_attributes(
        **administrators, UserAttributes=pairs(email="rob@example.com")
    )
    assert not is_verified()


def test_what_may_not_be_written_is_not_deleted_either(written: Written) -> None:
    delete = written.cognito.delete_user_attributes
    assert refused(delete, AccessToken=written.token, UserAttributeNames=["sub"]) == IMMUTABLE_SUB
    assert refused(delete, AccessToken=written.token, UserAttributeNames=["email_verified"]) == UNAUTHORIZED


def test_nobody_signs_up_without_what_the_schema_requires(local_aws: LocalAwsSettings) -> None:
    pool = EmulatedPool(local_aws, Schema=[{"Name": "email", "Required": True, "Mutable": True}])
    sign_up, client_id = pool.cognito.sign_up, pool.add_password_client()
    named = {"ClientId": client_id, "Username": new_name("user"), "Password": PASSWORD}
    with pytest.raises(ClientError) as caught:
        sign_up(**named)
    kind, message = refusal(caught.value)
    assert (kind, "email: The attribute is required" in message) == ("InvalidParameterException", True)
    email = {"Name": "email", "Value": "ann@example.com"}
    assert sign_up(**named, UserAttributes=[email])["UserConfirmed"] is False
    assert pool.add_user()
