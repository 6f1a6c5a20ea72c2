"""Which second factors a pool has, and how a template's reach the local AWS."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from local_stage.cloudformation.pool_front.pool_factors import (
    complete_email,
    keep_factors_in_stacks,
    read_factors,
)
from local_stage.cloudformation.pool_front.self_sign_up import mask
from local_stage.cloudformation.pool_settings import EMAIL, SMS, TOTP, USER_POOL

SENDING = {"SmsConfiguration": {"SnsCallerArn": "arn"}}
TEXT = {"SmsAuthenticationMessage": "{####}"}


@pytest.mark.parametrize(
    ("pool", "config", "factors"),
    [
        ({}, {}, set()),
        (SENDING, {}, {SMS}),
        (SENDING, {"SoftwareTokenMfaConfiguration": {"Enabled": True}}, {TOTP}),
        (SENDING, {"SoftwareTokenMfaConfiguration": {"Enabled": False}}, set()),
        (SENDING, {"EmailMfaConfiguration": {"Message": "{####}"}}, {EMAIL}),
        (
            SENDING,
            {"EmailMfaConfiguration": {"Message": "{####}"}, "SmsMfaConfiguration": TEXT},
            {EMAIL, SMS},
        ),
        ({}, {"SmsMfaConfiguration": TEXT}, set()),
        (
            {},
            {"SmsMfaConfiguration": SENDING, "SoftwareTokenMfaConfiguration": {"Enabled": True}},
            {SMS, TOTP},
        ),
    ],
)
def test_a_pool_has_the_factors_that_it_names(
    pool: dict[str, Any], config: dict[str, Any], factors: set[str]
) -> None:
    assert read_factors(pool, config) == factors


def test_an_email_without_a_text_gets_one() -> None:
    set_by = complete_email({"EmailMfaConfiguration": {}, "MfaConfiguration": "ON"})
    assert "{####}" in set_by["EmailMfaConfiguration"]["Message"]
    given = {"EmailMfaConfiguration": {"Message": "My {####}", "Subject": "Mine"}}
    assert complete_email(given) == given
    assert complete_email({}) == {}


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ann@example.com", "a***@e***"),
        ("+14255551234", "+*******1234"),
        ("+1234", "+1234"),
        ("ann", "ann"),
    ],
)
def test_an_address_is_shown_in_part(address: str, shown: str) -> None:
    assert mask(address) == shown


class Provisioners:
    """MiniStack's CloudFormation of user pools, with what has been set of their factors."""

    def __init__(self) -> None:
        self.set: list[dict[str, Any]] = []
        self.handlers: dict[str, Any] = {"create": self._create, "update": self._update}

    def look(self, **cognito: Any) -> SimpleNamespace:
        """Return the module as the local AWS has it."""
        handlers = {USER_POOL: self.handlers}
        return SimpleNamespace(_RESOURCE_HANDLERS=handlers, _cognito=SimpleNamespace(**cognito))

    def set_config(self, data: dict[str, Any]) -> None:
        self.set.append(data)

    def _create(self, logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, Any]:
        return f"{stack_name}-{logical_id}", props

    def _update(
        self, physical_id: str, old_props: Any, new_props: Any, stack_name: str, logical_id: str
    ) -> tuple[str, Any]:
        return physical_id, (old_props, new_props, stack_name, logical_id)


def test_the_factors_of_a_stacks_pool_are_turned_on_and_off() -> None:
    stacks = Provisioners()
    assert keep_factors_in_stacks(stacks.look(_set_user_pool_mfa_config=stacks.set_config))
    create, update = stacks.handlers["create"], stacks.handlers["update"]
    both = {"EnabledMfas": [SMS, EMAIL], **SENDING, "EmailAuthenticationSubject": "Hello"}
    assert create("Pool", both, "app")[0] == "app-Pool"
    (first,) = stacks.set
    assert (first["UserPoolId"], first["SmsMfaConfiguration"]) == ("app-Pool", SENDING)
    assert first["EmailMfaConfiguration"]["Subject"] == "Hello"
    assert "{####}" in first["EmailMfaConfiguration"]["Message"]
    update("app-Pool", both, {"EnabledMfas": [SMS]}, "app", "Pool")
    off: dict[str, Any] = {"SmsMfaConfiguration": {}, "EmailMfaConfiguration": {}}
    assert stacks.set[1:] == [{"UserPoolId": "app-Pool", **off}]
    create("Plain", {"EnabledMfas": [TOTP]}, "app")
    update("app-Plain", {}, {"UserPoolName": "plain"}, "app", "Plain")
    assert len(stacks.set) == 2


def test_a_local_aws_whose_stacks_cannot_set_factors_is_not_taken() -> None:
    stacks = Provisioners()
    create = stacks.handlers["create"]
    assert not keep_factors_in_stacks(stacks.look())
    assert not keep_factors_in_stacks(SimpleNamespace())
    stacks.handlers["update"] = create
    assert not keep_factors_in_stacks(stacks.look(_set_user_pool_mfa_config=stacks.set_config))
    assert stacks.handlers["create"] is create
