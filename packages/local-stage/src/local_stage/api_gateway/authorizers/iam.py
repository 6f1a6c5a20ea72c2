"""IAM authorization: who has signed a request, and what they may call.

https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from typing import Final

from local_stage.api_gateway.authorizers.authorizer import Authorization, AuthorizationRequest
from local_stage.api_gateway.authorizers.iam_callers import (
    DENY_EVERYTHING,
    FindCaller,
    IamCaller,
    UnknownCallerError,
)
from local_stage.api_gateway.authorizers.policy_decision import ask_policies
from local_stage.api_gateway.authorizers.signature import InvalidTokenError, read_signature, verify_signature
from local_stage.api_gateway.exchange import Clock
from local_stage.api_gateway.gateway_error import GatewayError, GatewayResponseType
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.policy.policy import Decision, decide

_TOKEN_INVALID: Final = "The security token included in the request is invalid."  # noqa: S105 - a message
_TOKEN_EXPIRED: Final = "The security token included in the request is expired"  # noqa: S105 - a message


@dataclass(frozen=True, slots=True)
class IamAuthorizerSettings:
    """IAM authorization as a template asks for it, under the name of its security scheme."""

    name: str

    @property
    def identity_source(self) -> str | None:
        """None: the signature is of the whole request, and not in one header."""
        return None


class IamAuthorizer:
    """Lets through what somebody has signed whom the local AWS knows, as far as their policies allow it."""

    def __init__(self, find_caller: FindCaller, region: str, clock: Clock) -> None:
        self._find_caller = find_caller
        self._region = region
        self._clock = clock

    async def authorize(self, asked: AuthorizationRequest) -> Authorization:
        """Return who has signed a request, and their policies.

        Raises GatewayError (403) unless it is signed as it should be, with a key that is known.
        """
        signature = read_signature(asked.request)
        try:
            caller = await self._find_caller(signature.access_key)
        except UnknownCallerError as error:
            raise _refuse_credentials(str(error), is_expired=error.is_expired) from None
        _verify_session_token(asked.request, caller)
        verify_signature(asked.request, signature, caller.secret_key, self._region, self._clock())
        allowed = Authorization(
            caller.user_id,
            {},
            {},
            policies=caller.policies,
            origin=f"the policy of {caller.arn}",
            identity=caller.identity,
            caller=caller.principal,
            condition_keys=caller.condition_keys,
        )
        return _limit(allowed, caller, asked)


def _limit(allowed: Authorization, caller: IamCaller, asked: AuthorizationRequest) -> Authorization:
    """Return an authorization that denies everything where a limit of the caller does not allow the request.

    That a limit also binds what a resource policy allows to a user by name is stricter than on AWS.
    """
    if not caller.limits:
        return allowed
    question = None if asked.call is None else ask_policies(asked.request, asked.call, allowed)
    if question and all(decide(limit, question) is Decision.ALLOW for limit in caller.limits):
        return allowed
    origin = f"a permissions boundary or a session policy of {caller.arn}"
    return replace(allowed, policies=(*caller.policies, DENY_EVERYTHING), origin=origin)


def _verify_session_token(request: HttpRequest, caller: IamCaller) -> None:
    """Raise GatewayError (403) unless the request has the token of a session, or none where there is none."""
    sent = [*request.header_values("X-Amz-Security-Token")]
    if caller.session_token is None:
        if sent:
            raise _refuse_credentials(f"the access key {caller.access_key!a} has no session token")
        return
    expected = caller.session_token.encode()
    if len(sent) != 1 or not hmac.compare_digest(sent[0].encode("utf-8", "surrogateescape"), expected):
        raise _refuse_credentials(f"X-Amz-Security-Token is not that of the session of {caller.access_key!a}")


def _refuse_credentials(reason: str, *, is_expired: bool = False) -> GatewayError:
    if is_expired:
        return GatewayError(GatewayResponseType.EXPIRED_TOKEN, _TOKEN_EXPIRED, reason)
    return InvalidTokenError(GatewayResponseType.ACCESS_DENIED, _TOKEN_INVALID, reason)
