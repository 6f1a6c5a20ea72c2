"""What a Lambda authorizer's function returns.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from local_stage.api_gateway.policy.condition import PolicyError
from local_stage.api_gateway.policy.policy import INVOKE, Policy


class AuthorizerResultError(Exception):
    """API Gateway can make nothing of what an authorizer's function returned; the text says why."""


@dataclass(frozen=True, slots=True)
class AuthorizerResult:
    """Who calls, by which policy, and what the integration is told of it.

    `principal_id` is None where the function gave none, which is an error where its policy allows the call.
    `context` has texts, and None where the function gave null; that of format 2.0 has whatever JSON can hold.
    """

    principal_id: str | None
    policy: Policy
    context: Mapping[str, Any]
    usage_identifier: str | None = None


def read_authorizer_result(payload: bytes, *, has_types: bool = False) -> AuthorizerResult:
    """Read a function's result, which is JSON. Raises AuthorizerResultError for what AWS answers with 500.

    With `has_types` the context stays as the function gave it, else its values are texts.
    """
    result = _read_object(payload, "principalId and policyDocument")
    if "policyDocument" not in result:
        hint = "; only an HTTP API with EnableSimpleResponses takes isAuthorized"
        raise AuthorizerResultError(f"it has no policyDocument{hint if 'isAuthorized' in result else ''}")
    try:
        policy = Policy.parse(result["policyDocument"])
    except PolicyError as error:
        raise AuthorizerResultError(f"could not parse policy: {error}") from None
    principal_id = result.get("principalId")
    if principal_id is not None and not isinstance(principal_id, str):
        raise AuthorizerResultError(f"principalId is {_kind(principal_id)}; return a string")
    usage_identifier = result.get("usageIdentifierKey")
    if usage_identifier is not None and not isinstance(usage_identifier, str):
        raise AuthorizerResultError(f"usageIdentifierKey is {_kind(usage_identifier)}; return a string")
    context = _read_context(result.get("context"))
    return AuthorizerResult(
        principal_id or None,
        policy,
        context if has_types else _write_texts(context),
        usage_identifier or None,
    )


def read_simple_response(payload: bytes) -> AuthorizerResult:
    """Read a simple response of format 2.0, `{"isAuthorized": true, "context": {…}}`.

    It stands for a policy that allows everything, or nothing. Raises AuthorizerResultError for all else; that
    AWS answers 500 to an `isAuthorized` that is no boolean, and to a policy, is unverified.
    """
    result = _read_object(payload, "isAuthorized")
    is_authorized = result.get("isAuthorized")
    if not isinstance(is_authorized, bool):
        raise AuthorizerResultError("it has no isAuthorized that is true or false")
    policy = EVERYTHING if is_authorized else _NOTHING
    return AuthorizerResult(None, policy, _read_context(result.get("context")))


def _read_object(payload: bytes, members: str) -> dict[str, Any]:
    try:
        result = _DECODER.decode(payload.decode())
    except (ValueError, RecursionError):
        raise AuthorizerResultError("it is no JSON document") from None
    if not isinstance(result, dict):
        raise AuthorizerResultError(f"it is no object with {members}")
    return result


def _read_context(context: Any) -> dict[str, Any]:
    if context is None:
        return {}
    if not isinstance(context, dict):
        raise AuthorizerResultError(f"context is {_kind(context)}; return an object")
    return context


def _write_texts(context: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the context as the integration gets it: numbers and booleans are texts, null stays null."""
    for name, value in context.items():
        if isinstance(value, dict | list):
            why = f"context has {_kind(value)} for {name!a}; API Gateway takes strings, numbers and booleans"
            raise AuthorizerResultError(f"{why}: write it with json.dumps")
    return {
        name: value if value is None or isinstance(value, str) else json.dumps(value)
        for name, value in context.items()
    }


def _refuse_constant(_constant: str) -> NoReturn:
    """NaN and the infinities are no JSON, though Python writes them (RFC 8259, 6)."""
    raise ValueError


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)


def _for_everything(effect: str) -> Policy:
    statement = {"Effect": effect, "Action": INVOKE, "Resource": "*"}
    return Policy.parse({"Version": "2012-10-17", "Statement": statement})


EVERYTHING: Final = _for_everything("Allow")
"""What a simple response that is true stands for."""

_NOTHING: Final = _for_everything("Deny")


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
    return names.get(type(value), "a number")
