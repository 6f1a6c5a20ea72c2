"""A case: one request, and the response that API Gateway gives to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from conformance.event import Event

type Text = str | re.Pattern[str]
"""What a text has to be, or to match as a whole."""

type Headers = tuple[tuple[str, str], ...]
"""Headers as sent, in order and casing, repetitions included."""


class Api(StrEnum):
    """The APIs that requests are sent to; the value names the template."""

    DEFAULTS = "template"
    CUSTOMISED = "customised"
    HTTP = "http_api"
    CALLERS = "callers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it goes over the wire.

    `target` is what follows the stage in the request target: path and query, not encoded any further; `stage`
    is empty for the stage `$default`, which is not in the target. A
    `{name}` in a header's value stands for a token of that name (`conformance.tokens`). `host` replaces the
    API's own host name. `chunked` sends the body as one chunk, without Content-Length. `signed` adds a good
    signature of the target's own credentials (SigV4).
    """

    method: str = "GET"
    target: str
    headers: Headers = ()
    body: bytes = b""
    stage: str = "dev"
    host: str | None = None
    chunked: bool = False
    signed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What AWS answers: no other headers than these, in this casing, each as often as it stands here.

    `body` is the body itself, a pattern for the whole of it, or the event that the function got and sent
    back. `in_order` says that the order of the headers has been recorded too.
    """

    status: int
    headers: tuple[tuple[str, Text], ...]
    body: bytes | re.Pattern[bytes] | Event
    in_order: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request to one of the APIs, the response to it, and the id of the rule that it shows.

    `claims` are those of the token `{signed_token}`, beside and above those of a good ID token.
    """

    id: str
    rule: str
    request: Request
    response: Response
    api: Api = Api.DEFAULTS
    claims: Mapping[str, Any] | None = None
