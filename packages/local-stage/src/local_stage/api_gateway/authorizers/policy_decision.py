"""What policies are asked about a call, and how their refusal is told, in a REST and in an HTTP API."""

from __future__ import annotations

from functools import partial

from local_stage.api_gateway.authorizers.authorizer import Authorization, MethodCall
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.policy.keys import ANONYMOUS_KEYS, Keys, find_request_keys
from local_stage.api_gateway.policy.policy import Decision, PolicyRequest
from local_stage.api_gateway.policy.principal import ANONYMOUS


def ask_policies(
    request: HttpRequest, call: MethodCall, allowed: Authorization | None = None
) -> PolicyRequest:
    """Return what policies are asked: of a caller who has signed nothing, or of who has."""
    who = ANONYMOUS_KEYS if allowed is None else allowed.condition_keys
    keys = Keys(who, partial(find_request_keys, request, call.context))
    caller = ANONYMOUS if allowed is None else allowed.caller
    return PolicyRequest(call.method_arn, keys, call.spellings, caller)


def explain_decision(allowed: Authorization, call: MethodCall, decision: Decision) -> str:
    """Return what the log says of a refusal, with the remedy where a policy of the cache is to blame."""
    says = "denies" if decision is Decision.EXPLICIT_DENY else "does not allow"
    reason = f"{allowed.origin} {says} {call.method_arn}"
    if not allowed.is_kept:
        return reason
    everything = call.method_arn.partition("/")[0] + f"/{call.context.stage}/*"
    return (
        f"{reason}; it was made for another call: have the function allow every path of the stage,"
        f" {everything}, or set ReauthorizeEvery: 0"
    )
