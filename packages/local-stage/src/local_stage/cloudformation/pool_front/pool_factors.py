"""The second factors that a pool has, which MiniStack's CloudFormation does not read of a template but one.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpool.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUserPoolMfaConfig.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from local_stage.cloudformation.pool_front.carried_settings import takes
from local_stage.cloudformation.pool_settings import EMAIL, SMS, TOTP, USER_POOL

ADDRESSES: Final[Mapping[str, str]] = {SMS: "phone_number", EMAIL: "email"}
"""The factors by which a code is sent, and the attribute with the address that it goes to."""

_BY_SMS: Final = "SmsMfaConfiguration"
_BY_EMAIL: Final = "EmailMfaConfiguration"
_BY_APP: Final = "SoftwareTokenMfaConfiguration"
_DEFAULT_EMAIL: Final = {"Message": "Your sign-in code is {####}.", "Subject": "Your sign-in code"}
"""Cognito's own text is unverified."""
_CREATE: Final = ("logical_id", "props", "stack_name")
_UPDATE: Final = ("physical_id", "old_props", "new_props", "stack_name", "logical_id")


def read_factors(pool: Mapping[str, Any], config: Mapping[str, Any]) -> frozenset[str]:
    """Return the factors of a pool, as DescribeUserPool and GetUserPoolMfaConfig describe it.

    SMS is one where a pool that can send messages names no factor at all.
    """
    factors = set()
    if (config.get(_BY_APP) or {}).get("Enabled"):
        factors.add(TOTP)
    if config.get(_BY_EMAIL):
        factors.add(EMAIL)
    by_sms, can_send = config.get(_BY_SMS) or {}, bool(pool.get("SmsConfiguration"))
    names_none = not factors and _BY_APP not in config
    if by_sms.get("SmsConfiguration") or (can_send and (by_sms or names_none)):
        factors.add(SMS)
    return frozenset(factors)


def complete_email(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is set of a pool's factors, with a text for emails that have none.

    MiniStack takes an empty object for a factor that has never been set.
    """
    given = parameters.get(_BY_EMAIL)
    if not isinstance(given, dict):
        return dict(parameters)
    return {**parameters, _BY_EMAIL: {**_DEFAULT_EMAIL, **given}}


def keep_factors_in_stacks(provisioners: Any) -> bool:
    """Let MiniStack's CloudFormation turn SMS and email on as second factors, also for `sam deploy`.

    It has what it does for a type in `_RESOURCE_HANDLERS`, and sets factors by `_set_user_pool_mfa_config`:
    private names of the pinned version. Returns False, and changes nothing, where they are not there.
    """
    handlers = getattr(provisioners, "_RESOURCE_HANDLERS", {}).get(USER_POOL, {})
    create, update = handlers.get("create"), handlers.get("update")
    set_config = getattr(getattr(provisioners, "_cognito", None), "_set_user_pool_mfa_config", None)
    if set_config is None or not (
        takes(create, _CREATE) and takes(update, _UPDATE) and takes(set_config, ("data",))
    ):
        return False

    def create_pool(logical_id: str, properties: Mapping[str, Any], stack: str) -> Any:
        created = create(logical_id, properties, stack)
        if settings := _read_sent(properties):
            set_config({"UserPoolId": created[0], **settings})
        return created

    def update_pool(pool_id: str, old: Mapping[str, Any], new: Mapping[str, Any], *others: Any) -> Any:
        updated = update(pool_id, old, new, *others)
        before, after = _read_sent(old), _read_sent(new)
        if before != after:
            set_config({"UserPoolId": pool_id, **{name: {} for name in before}, **after})
        return updated

    handlers.update(create=create_pool, update=update_pool)
    return True


def _read_sent(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of the factors by SMS and email that a template's pool names."""
    named = properties.get("EnabledMfas")
    factors = named if isinstance(named, list) else str(named).split(",")
    settings: dict[str, Any] = {}
    if SMS in factors and properties.get("SmsConfiguration"):
        text = properties.get("SmsAuthenticationMessage")
        settings[_BY_SMS] = {
            "SmsConfiguration": properties["SmsConfiguration"],
            **({"SmsAuthenticationMessage": text} if text else {}),
        }
    if EMAIL in factors:
        given = {name: properties.get(f"EmailAuthentication{name}") for name in _DEFAULT_EMAIL}
        settings[_BY_EMAIL] = {name: given[name] or text for name, text in _DEFAULT_EMAIL.items()}
    return settings
