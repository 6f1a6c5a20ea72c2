"""What of a user pool and its app clients the local pool has, and what it leaves undone.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpool.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpoolclient.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from local_stage.errors import NotRun

USER_POOL: Final = "AWS::Cognito::UserPool"
CLIENT: Final = "AWS::Cognito::UserPoolClient"

TOTP: Final = "SOFTWARE_TOKEN_MFA"
SMS: Final = "SMS_MFA"
EMAIL: Final = "EMAIL_OTP"
FACTORS: Final = frozenset({TOTP, SMS, EMAIL})
"""The second factors of a pool, as EnabledMfas and the challenges name them."""
CODE_PARAMETERS: Final[Mapping[str, str]] = {
    TOTP: "SOFTWARE_TOKEN_MFA_CODE",
    SMS: "SMS_MFA_CODE",
    EMAIL: "EMAIL_OTP_CODE",
}
"""The name that a factor's code has among the responses to its challenge."""

DEFAULT_FLOWS: Final = ("ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH")
"""The flows of a client that names none: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html"""

KNOWN: Final[Mapping[str, frozenset[str]]] = {
    USER_POOL: frozenset(
        {
            "AccountRecoverySetting", "AdminCreateUserConfig", "AutoVerifiedAttributes",
            "DeletionProtection",
            "EmailAuthenticationMessage", "EmailAuthenticationSubject", "EmailConfiguration",
            "EmailVerificationMessage", "EmailVerificationSubject", "KeyConfiguration",
            "LambdaConfig", "Schema", "SmsAuthenticationMessage", "SmsConfiguration",
            "SmsVerificationMessage", "UserAttributeUpdateSettings", "UserPoolName", "UserPoolTags",
            "UserPoolTier", "UsernameAttributes", "UsernameConfiguration", "VerificationMessageTemplate",
        }
    ),
    CLIENT: frozenset(
        {
            "AccessTokenValidity", "AllowedOAuthFlows", "AllowedOAuthFlowsUserPoolClient",
            "AllowedOAuthScopes", "AnalyticsConfiguration", "AuthSessionValidity", "CallbackURLs",
            "ClientName",
            "DefaultRedirectURI", "EnablePropagateAdditionalUserContextData", "EnableTokenRevocation",
            "GenerateSecret", "IdTokenValidity", "LogoutURLs", "PreventUserExistenceErrors",
            "ReadAttributes", "RefreshTokenRotation",
            "RefreshTokenValidity", "TokenValidityUnits", "UserPoolId", "WriteAttributes",
        }
    ),
}  # fmt: skip
"""Properties that the local pool has, or that decide nothing of who signs in; triggers are told elsewhere."""


def _is_set(value: Any) -> bool:
    return bool(value)


def _asks_for_protection(add_ons: Any) -> bool:
    return add_ons != {"AdvancedSecurityMode": "OFF"} and bool(add_ons)


def _has_other_factors(policies: Any) -> bool:
    factors = (policies.get("SignInPolicy") or {}).get("AllowedFirstAuthFactors") or []
    return bool(set(map(str, factors)) - {"PASSWORD"})


def _has_other_providers(providers: Any) -> bool:
    return bool(set(map(str, providers or [])) - {"COGNITO"})


_NO_PASSKEY: Final = "nobody signs in by passkey or one-time code at the local pool"

UNDONE: Final[Mapping[str, Mapping[str, tuple[Callable[[Any], bool], str]]]] = {
    USER_POOL: {
        "AliasAttributes": (
            _is_set,
            "two users of the local pool may have the same address, which then names one of them",
        ),
        "DeviceConfiguration": (_is_set, "devices are not remembered at the local pool"),
        "IssuerConfiguration": (
            _is_set,
            "the local pool's tokens name the issuer that a pool has by default",
        ),
        "EnabledMfas": (
            lambda value: bool(set(map(str, value or [])) - FACTORS),
            f"the second factors of the local pool are {', '.join(sorted(FACTORS))}",
        ),
        "MfaConfiguration": (
            lambda value: value in {"ON", "OPTIONAL"},
            "the pool has no second factor, so nobody who needs one signs in; name one in EnabledMfas",
        ),
        "Policies": (_has_other_factors, _NO_PASSKEY),
        "UserPoolAddOns": (
            _asks_for_protection,
            "threat protection is not run and stops no sign-in at the local pool",
        ),
        "WebAuthnFactorConfiguration": (_is_set, _NO_PASSKEY),
        "WebAuthnRelyingPartyID": (_is_set, _NO_PASSKEY),
        "WebAuthnUserVerification": (_is_set, _NO_PASSKEY),
    },
    CLIENT: {
        "ExplicitAuthFlows": (
            lambda value: "ALLOW_USER_AUTH" in (value or []),
            "nobody signs in by choice of factors (ALLOW_USER_AUTH) at the local pool",
        ),
        "SupportedIdentityProviders": (
            _has_other_providers,
            "nobody signs in by another identity provider at the local pool",
        ),
    },
}
"""By type and property: whether a value asks for what the local pool does not do, and what comes of it."""

_UNKNOWN: Final = "this property is not known here, and has no effect on what the stage does"


def set_default_flows(properties: dict[str, Any]) -> None:
    """Give an app client that names no flow those of Cognito, which take no plain password."""
    if not properties.get("ExplicitAuthFlows"):
        properties["ExplicitAuthFlows"] = [*DEFAULT_FLOWS]


def find_undone(logical_id: str, kind: str, properties: Mapping[str, Any]) -> Iterator[NotRun]:
    """Yield what a pool's or a client's resolved properties ask for and the local pool does not do."""
    undone = dict(UNDONE[kind])
    if _has_factor(properties):
        undone["MfaConfiguration"] = (lambda _: False, "")
    for name, value in properties.items():
        if name in undone:
            asks, why = undone[name]
            if _ask(asks, value):
                yield NotRun(logical_id, why, name)
        elif name not in KNOWN[kind]:
            yield NotRun(logical_id, _UNKNOWN, name)


def _has_factor(properties: Mapping[str, Any]) -> bool:
    """Say whether a pool has a second factor: SMS is one, named or not, where no other is named."""
    value = properties.get("EnabledMfas") or ()
    named = {*map(str, value)} if isinstance(value, list | tuple) else {str(value)}
    by_sms = bool(properties.get("SmsConfiguration")) and (not named or SMS in named)
    return by_sms or bool(named & {TOTP, EMAIL})


def _ask(asks: Callable[[Any], bool], value: Any) -> bool:
    """Return whether a value asks for it; one of an unexpected form is told rather than passed over."""
    try:
        return asks(value)
    except (AttributeError, TypeError):
        return True


def decides_sign_in(item: NotRun) -> bool:
    """Say whether a line tells of a setting that decides who signs in."""
    return any(
        item.property_path in of_kind and item.why == of_kind[item.property_path][1]
        for of_kind in UNDONE.values()
    )
