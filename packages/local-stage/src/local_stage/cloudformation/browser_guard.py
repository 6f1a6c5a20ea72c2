"""Keeps web pages out of the local AWS.

MiniStack lets every origin read its responses, checks no signature, and runs the code of every function that
a client creates: without this guard any page in the developer's browser could run code on the machine.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
type Application = Callable[[Scope, Receive, Send], Awaitable[None]]

SIGN_IN_PAGES: Final = frozenset({"/logout", "/oauth2/authorize"})
"""Where another site's page, or a link, may send the browser: managed login, as on AWS.

The set has only paths for which MiniStack has a page of its own. MiniStack takes a GET of any other path for
a call of AWS's API, as a presigned URL makes one, and checks no signature.
"""
_AWS_PARAMETER: Final = re.compile(r"action|awsaccesskeyid|x-amz-.*", re.ASCII | re.IGNORECASE)
"""What a presigned URL has in its query (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html)."""

# RFC 6761, 6.3: every name below localhost is this machine. What others resolve to is not for us to say.
# MiniStack's own name of an API ends in a number, so that no browser takes it for a name (the URL Standard).
_LOOPBACK_NAME: Final = re.compile(
    r"([0-9a-f]{8}\.execute-api\.)?127\.0\.0\.1|::1|([a-z0-9.-]+\.)?localhost", re.ASCII
)
_REFUSAL: Final = b'{"message":"Forbidden"}'


class BrowserGuard:
    """An ASGI application in front of another one; it refuses what only a foreign page would send."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with 403 and a line on standard error that says why."""
        reason = find_reason(scope) if scope["type"] in {"http", "websocket"} else None
        if reason is None:
            await self._application(scope, receive, send)
            return
        with contextlib.suppress(OSError):  # the log is on a full disk
            sys.stderr.write(f"403 {scope['path']!a}: {reason}\n")
        await _refuse(scope["type"], send)


def find_reason(scope: Scope) -> str | None:
    """Return why a request is refused, or None.

    The Host has to be this machine's: a page can let a host name of its own resolve to 127.0.0.1 (DNS
    rebinding), and a DNS server can do so with a name of AWS. A browser sends the page's Origin with all but
    simple requests. With a simple request it says in Sec-Fetch-Site whether another site made it, or no page,
    as with a link in a mail (https://www.w3.org/TR/fetch-metadata/). A browser too old for that header still
    begins its User-Agent with Mozilla.
    """
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    for host in _values(headers, b"host"):
        if not _is_loopback(host):
            return f"the Host {host!a} is not a name of the local AWS; call it by 127.0.0.1 or localhost"
    origins = list(_values(headers, b"origin"))
    for origin in origins:
        if not _is_loopback(origin.partition("://")[2]):
            return f"a page of {origin!a} may not call the local AWS; serve it from localhost"
    if not origins and _is_from_elsewhere(headers) and not _is_sign_in(scope):
        return "neither another site's page nor a link may call the local AWS"
    return None


def _is_from_elsewhere(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Return whether a browser sent the request, and no page of this machine made it."""
    if sites := _values(headers, b"sec-fetch-site"):
        return sites not in (["same-origin"], ["same-site"])
    return any(agent.startswith("Mozilla/") for agent in _values(headers, b"user-agent"))


def _values(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[str]:
    return [value.decode("latin-1") for header, value in headers if header.lower() == name]


def _is_loopback(authority: str) -> bool:
    try:
        name = urlsplit(f"//{authority}").hostname
    except ValueError:
        return False
    return "@" not in authority and name is not None and _LOOPBACK_NAME.fullmatch(name) is not None


def _is_sign_in(scope: Scope) -> bool:
    """Return whether the request opens a page of managed login in a tab, and calls no API of AWS."""
    modes, kinds = (_values(scope["headers"], name) for name in (b"sec-fetch-mode", b"sec-fetch-dest"))
    opens_a_tab = (modes, kinds) in ((["navigate"], ["document"]), ([], []))
    if not opens_a_tab or scope.get("method") != "GET" or scope["path"] not in SIGN_IN_PAGES:
        return False
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return not any(_AWS_PARAMETER.fullmatch(name) for name, _ in query)


async def _refuse(kind: str, send: Send) -> None:
    if kind == "websocket":
        await send({"type": "websocket.close"})  # before it is accepted: the response to the handshake is 403
        return
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_REFUSAL))]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": _REFUSAL})
