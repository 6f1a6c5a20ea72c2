"""The resource policy of a REST API: from where, and by whom, it may be called at all.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

from __future__ import annotations

from typing import Final

from local_stage.api_gateway.authorizers.authorizer import MethodCall
from local_stage.api_gateway.gateway_error import access_denied
from local_stage.api_gateway.policy.policy import Decision, Policy, PolicyRequest

_SHOWN_DIGITS: Final = 4
_ACCOUNT: Final = 4
"""The place of the account in an ARN."""


class ResourcePolicy:
    """Judges requests by the policy that an API has, if it has one."""

    def __init__(self, policy: Policy | None) -> None:
        self._policy = policy

    @property
    def is_there(self) -> bool:
        """Whether the API has a policy at all."""
        return self._policy is not None

    def decide(self, asked: PolicyRequest) -> Decision:
        """Return what the policy says; an API without one says nothing."""
        return Decision.IMPLICIT_DENY if self._policy is None else self._policy.decide(asked)

    def check(self, asked: PolicyRequest, call: MethodCall, user: str = "anonymous") -> None:
        """Raise GatewayError (403) for what the policy denies."""
        if self._policy is not None and self.decide(asked) is Decision.EXPLICIT_DENY:
            self._refuse(asked, call, Decision.EXPLICIT_DENY, user)

    def require(self, asked: PolicyRequest, call: MethodCall) -> None:
        """Raise GatewayError (403) for what the policy, where there is one, does not allow."""
        if self._policy is not None and (decision := self.decide(asked)) is not Decision.ALLOW:
            self._refuse(asked, call, decision)

    @staticmethod
    def _refuse(asked: PolicyRequest, call: MethodCall, decision: Decision, user: str = "anonymous") -> None:
        told = describe_refused(asked, user)
        where = f"the resource policy{{}} {asked.resource}, called from {call.context.source_ip}"
        if decision is Decision.EXPLICIT_DENY:
            ending = "with an explicit deny in a resource-based policy"
            raise access_denied(f"{told} {ending}", where.format(" denies"))
        ending = f"because no resource-based policy allows the {asked.action} action"
        raise access_denied(f"{told} {ending}", where.format(" does not allow"))


def describe_refused(asked: PolicyRequest, user: str) -> str:
    """Return what a client learns whom a policy refuses, without the reason."""
    return f"User: {user} is not authorized to perform: {asked.action} on resource: {mask(asked.resource)}"


def mask(arn: str) -> str:
    """Return an ARN whose account is shown by its last four digits, as recorded from AWS."""
    parts = arn.split(":")
    if len(parts) > _ACCOUNT:
        account = parts[_ACCOUNT]
        parts[_ACCOUNT] = "*" * (len(account) - _SHOWN_DIGITS) + account[-_SHOWN_DIGITS:]
    return ":".join(parts)
