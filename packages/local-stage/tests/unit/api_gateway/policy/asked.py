"""Policies as JSON writes them, and requests that they are asked about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_stage.api_gateway.policy.keys import Keys
from local_stage.api_gateway.policy.policy import Decision, Policy, PolicyRequest
from local_stage.api_gateway.policy.principal import Caller

API = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/dev"
HELLO = f"{API}/GET/hello"
KEYS: Mapping[str, str | None] = {
    "aws:sourceip": "203.0.113.7",
    "aws:useragent": "curl/8.5.0",
    "aws:securetransport": "true",
    "aws:epochtime": "1718636426",
    "aws:currenttime": "2024-06-17T15:00:26+00:00",
    "aws:principaltype": "Anonymous",
}


def statement(effect: Any = "Allow", **elements: Any) -> dict[str, Any]:
    """Return a statement on everything, but for the elements that are given; None takes one away."""
    whole = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": "*", **elements}
    return {name: value for name, value in whole.items() if value is not None}


def policy(*statements: Any, version: str | None = "2012-10-17") -> dict[str, Any]:
    document: dict[str, Any] = {"Statement": list(statements)}
    return document if version is None else {"Version": version, **document}


def decide(
    document: Any,
    resource: str = HELLO,
    *,
    keys: Mapping[str, str | None] = KEYS,
    spellings: tuple[str, ...] = (),
    caller: Caller | None = None,
) -> Decision:
    """Return what a policy decides; one of those that name principals where there is a caller."""
    read = Policy.parse(document, has_principals=caller is not None)
    return read.decide(PolicyRequest(resource, Keys(keys), spellings, caller))
