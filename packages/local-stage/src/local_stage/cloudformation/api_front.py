"""Answers `aws apigateway` and `aws apigatewayv2` for the APIs of the stage, which MiniStack does not have.

The stage itself says what runs and tests an authorizer. Nothing of its APIs can be changed in this way.
"""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

from local_stage.cloudformation.browser_guard import Application, Receive, Scope, Send
from local_stage.cloudformation.pool_front.exchange import (
    Reply,
    parse_object,
    read_body,
    receive_reply,
    send_reply,
)

_SCOPE: Final = re.compile(rb"Credential=[^/,\s]+/[^/,\s]+/[^/,\s]+/apigateway/aws4_request")
"""What API Gateway's clients name as the service: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html"""
_LISTS: Final = {"/restapis": "item", "/v2/apis": "items"}
"""Where the APIs of each kind are listed, and the member that holds the list."""
_TEST: Final = re.compile(r"/restapis/[^/]+/authorizers/[^/]+")
_DEADLINE: Final = 30.0


class ApiFront:
    """An ASGI application in front of another one, which gets what is not of the stage's APIs."""

    def __init__(self, application: Application, stage_url: str) -> None:
        """Ask the stage at this URL; where it is empty there is no stage."""
        self._application = application
        self._stage_url = stage_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request from what the stage says, or pass it on."""
        if not (self._stage_url and _is_question(scope)):
            await self._application(scope, receive, send)
            return
        body = await read_body(receive)
        told = await asyncio.to_thread(self._ask, scope["method"], scope["path"], body)
        if told is None or scope["path"] in _LISTS:
            reply = await receive_reply(self._application, scope, body)
            reply = reply if told is None else _join(told, reply, _LISTS[scope["path"]])
        else:
            reply = told
        await send_reply(reply, send)

    def _ask(self, method: str, path: str, body: bytes) -> Reply | None:
        """Return the stage's reply; None where it has no such API, or does not respond."""
        where = urlsplit(self._stage_url)
        asked = json.dumps({"method": method, "path": path, "body": parse_object(body) or {}})
        with closing(HTTPConnection(where.hostname or "", where.port, timeout=_DEADLINE)) as connection:
            try:
                connection.request("POST", where.path, asked, {"Content-Type": "application/json"})
                told: Any = json.load(connection.getresponse())
            except (OSError, HTTPException, ValueError):
                return None
        return _read_reply(told)


def _is_question(scope: Scope) -> bool:
    """Say whether a request reads something of an API, or tests an authorizer."""
    if scope["type"] != "http":
        return False
    values = [value for name, value in scope["headers"] if name.lower() == b"authorization"]
    if not any(_SCOPE.search(value) for value in values):
        return False
    return scope["method"] == "GET" or (
        scope["method"] == "POST" and _TEST.fullmatch(scope["path"]) is not None
    )


def _read_reply(told: dict[str, Any]) -> Reply | None:
    if "content" not in told:
        return None
    headers = [(b"content-type", b"application/json")]
    if told.get("error"):
        headers.append((b"x-amzn-errortype", str(told["error"]).encode()))
    return Reply(int(told["status"]), json.dumps(told["content"]).encode(), headers)


def _join(stage: Reply, others: Reply, member: str) -> Reply:
    """Return the list of the stage's APIs with those that others have created in the local AWS."""
    items = [*stage.content[member], *others.content.get(member, ())]
    return stage.change({**stage.content, member: items})
