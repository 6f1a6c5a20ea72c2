"""Finds the stack of a resource by the name that it has in AWS, which MiniStack's CloudFormation does not.

SAM CLI asks so for what `sam remote invoke` is given.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any, Final
from urllib.parse import parse_qs, urlencode

from local_stage.cloudformation.browser_guard import Application, Receive, Scope, Send
from local_stage.cloudformation.pool_front.exchange import Reply, read_body, receive_reply, send_reply

_SCOPE: Final = re.compile(rb"Credential=[^,\s]+/cloudformation/aws4_request")
_STACK: Final = re.compile(r"<StackName>([^<]+)</StackName>")
_ASKED: Final = "DescribeStackResources"
_ID: Final = "PhysicalResourceId"
_LONGEST: Final = 4096
"""Bytes of a question at most."""


class StackFront:
    """An ASGI application in front of another one, which gets all other questions as they are."""

    def __init__(self, application: Application) -> None:
        """Ask this application for its stacks."""
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what asks for a resource's stack with the resources of the stack that has it."""
        if not _is_for_stacks(scope):
            await self._application(scope, receive, send)
            return
        body = await read_body(receive)
        asked = {name: values[0] for name, values in parse_qs(body.decode("latin-1")).items()}
        found = None
        if asked.get("Action") == _ASKED and _ID in asked and "StackName" not in asked:
            found = await self._find(scope, asked[_ID])
        await send_reply(found or await receive_reply(self._application, scope, body), send)

    async def _find(self, scope: Scope, physical_id: str) -> Reply | None:
        stacks = await self._ask(scope, {"Action": "DescribeStacks"})
        member = f"<{_ID}>{escape(physical_id)}</{_ID}>"
        for stack in _STACK.findall(stacks.body.decode()):
            resources = await self._ask(scope, {"Action": _ASKED, "StackName": stack})
            if member in resources.body.decode():
                return resources
        return None

    async def _ask(self, scope: Scope, parameters: Mapping[str, str]) -> Reply:
        body = urlencode({**parameters, "Version": "2010-05-15"}).encode()
        return await receive_reply(self._application, _with_length(scope, len(body)), body)


def _is_for_stacks(scope: Scope) -> bool:
    """Say whether a request may be the question; a template that is sent is longer, and not looked at."""
    if scope["type"] != "http" or scope["method"] != "POST":
        return False
    headers = {name.lower(): value for name, value in scope["headers"]}
    length = headers.get(b"content-length", b"")
    is_short = length.isdigit() and int(length) <= _LONGEST
    return is_short and _SCOPE.search(headers.get(b"authorization", b"")) is not None


def _with_length(scope: Scope, length: int) -> dict[str, Any]:
    headers = [header for header in scope["headers"] if header[0].lower() != b"content-length"]
    return {**scope, "headers": [*headers, (b"content-length", b"%d" % length)]}
