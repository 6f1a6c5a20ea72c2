"""What a request has for the condition keys of a policy.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Final

from local_stage.api_gateway.exchange import RequestContext
from local_stage.api_gateway.http_message import HttpRequest


class Absence(Enum):
    """Why a key has no value.

    A key is ABSENT where AWS would have none either, as `aws:SourceVpc` on an API that is not private. It is
    UNKNOWN where nobody here can say what AWS would have.
    """

    ABSENT = "absent"
    UNKNOWN = "unknown"


REQUEST_KEYS: Final = frozenset(
    {
        "aws:currenttime", "aws:epochtime", "aws:referer", "aws:securetransport", "aws:sourceip",
        "aws:useragent",
    }
)  # fmt: skip
"""Keys that every request may have a value for, in lower case."""

PRIVATE_KEYS: Final = frozenset(
    {"aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce", "aws:viaawsservice", "aws:vpcsourceip"}
)
"""Keys that only a request through a VPC endpoint or an AWS service has, in lower case: never here."""

CALLER_KEYS: Final = frozenset(
    {"aws:principalaccount", "aws:principalarn", "aws:principaltype", "aws:userid", "aws:username"}
)
"""Keys that tell who has signed a request, in lower case; an anonymous one has a `aws:PrincipalType` only."""

KNOWN_KEYS: Final = REQUEST_KEYS | PRIVATE_KEYS | CALLER_KEYS


ANONYMOUS_KEYS: Final[Mapping[str, str]] = {"aws:principaltype": "Anonymous"}
"""What is known of a caller who has signed nothing."""


class Keys:
    """The condition keys of one request; their names match without regard to case."""

    def __init__(
        self,
        values: Mapping[str, str | None],
        find_further: Callable[[], Mapping[str, str | None]] = dict,
    ) -> None:
        """Take the values of keys by name in lower case; None or a missing name means that there is none.

        Further ones are looked for when a policy first asks for one that is not among the values.
        """
        self._values = values
        self._find_further = find_further
        self._further: Mapping[str, str | None] | None = None

    def find(self, name: str) -> str | Absence:
        """Return the value of a key, or why it has none."""
        lowered = name.lower()
        value = self._values.get(lowered)
        if value is None:
            if self._further is None:
                self._further = self._find_further()
            value = self._further.get(lowered)
        if value is not None:
            return value
        return Absence.ABSENT if lowered in KNOWN_KEYS else Absence.UNKNOWN


def find_request_keys(request: HttpRequest, context: RequestContext) -> dict[str, str | None]:
    """Return the values of the keys that every request may have.

    `aws:SecureTransport` is true, as it always is on AWS, where an API has no other door than HTTPS.
    """
    seconds = context.time_epoch // 1000
    return {
        "aws:currenttime": datetime.fromtimestamp(seconds, UTC).isoformat(),
        "aws:epochtime": str(seconds),
        "aws:referer": request.header("Referer"),
        "aws:securetransport": "true",
        "aws:sourceip": context.source_ip,
        "aws:useragent": context.user_agent,
    }
