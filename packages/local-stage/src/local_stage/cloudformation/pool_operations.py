"""Operations of user pools, called in MiniStack's own process on behalf of what stands in front of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping, MutableMapping
from typing import Any, Final

from local_stage.cloudformation.browser_guard import Application, Receive, Scope, Send

SERVICE: Final = "AWSCognitoIdentityProviderService."
_OWN_HEADERS: Final = frozenset(
    {b"authorization", b"content-length", b"content-type", b"transfer-encoding", b"x-amz-target"}
)
_MOST_BYTES: Final = 1_000_000


class PoolOperations:
    """What an administrator asks the pools of one region; MiniStack checks no signature of it."""

    def __init__(self, application: Application, region: str) -> None:
        self._application = application
        self._authorization = (
            f"AWS4-HMAC-SHA256 Credential=test/20261129/{region}/cognito-idp/aws4_request,"
            " SignedHeaders=host, Signature=0"
        ).encode()
        self._pool_ids: dict[str, str] = {}

    async def call(self, scope: Scope, operation: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return what MiniStack answers: the operation's result, or an error with its `__type`.

        `scope` is of the request on whose behalf it is asked.
        """
        body = json.dumps(payload).encode()
        headers = [(name, value) for name, value in scope["headers"] if name not in _OWN_HEADERS]
        headers += [
            (b"authorization", self._authorization),
            (b"content-length", b"%d" % len(body)),
            (b"content-type", b"application/x-amz-json-1.1"),
            (b"x-amz-target", f"{SERVICE}{operation}".encode()),
        ]
        asked = {**scope, "method": "POST", "path": "/", "raw_path": b"/", "query_string": b""}
        response = await take_response(self._application, {**asked, "headers": headers}, body)
        return parse_object(response.body)

    async def find_pool(self, scope: Scope, client_id: Any) -> dict[str, Any]:
        """Return the description of the pool that an app client is of; empty where there is none."""
        pool_id = await self._find_pool_id(scope, client_id)
        return await self.describe_pool(scope, pool_id) if pool_id else {}

    async def describe_pool(self, scope: Scope, pool_id: Any) -> dict[str, Any]:
        """Return the description of a pool; empty where there is none."""
        described = await self.call(scope, "DescribeUserPool", {"UserPoolId": pool_id})
        pool: dict[str, Any] = described.get("UserPool") or {}
        return pool

    async def describe_client(self, scope: Scope, pool_id: Any, client_id: Any) -> dict[str, Any]:
        """Return the description of an app client; empty where the pool has none of this id."""
        asked = {"UserPoolId": pool_id, "ClientId": client_id}
        client: dict[str, Any] = (await self.call(scope, "DescribeUserPoolClient", asked)).get(
            "UserPoolClient"
        ) or {}
        return client

    async def _find_pool_id(self, scope: Scope, client_id: Any) -> str | None:
        if not isinstance(client_id, str):
            return None
        known = self._pool_ids.get(client_id)
        if known and await self.describe_client(scope, known, client_id):
            return known
        async for pool_id in self._list_pools(scope):
            if await self.describe_client(scope, pool_id, client_id):
                self._pool_ids[client_id] = pool_id
                return pool_id
        return None

    async def _list_pools(self, scope: Scope) -> AsyncIterator[str]:
        asked: dict[str, Any] = {"MaxResults": 60}
        while True:
            page = await self.call(scope, "ListUserPools", asked)
            for pool in page.get("UserPools", []):
                yield pool["Id"]
            if not page.get("NextToken"):
                return
            asked["NextToken"] = page["NextToken"]


class TakenResponse:
    """A response of an application, taken instead of sent."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    async def take(self, message: MutableMapping[str, Any]) -> None:
        """Take a message that the application sends."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    async def send(self, send: Send) -> None:
        """Send the response as it was taken."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


async def take_response(application: Application, scope: Scope, body: bytes) -> TakenResponse:
    """Return what an application responds to a request with this body."""
    response = TakenResponse()
    await application(scope, GivenBody(body), response.take)
    return response


class GivenBody:
    """Gives an application a body that has been read already, and then nothing more."""

    def __init__(self, body: bytes) -> None:
        self._message: dict[str, Any] = {"type": "http.request", "body": body, "more_body": False}

    async def __call__(self) -> MutableMapping[str, Any]:
        """Return the body at the first call, and afterwards that the client is gone."""
        message, self._message = self._message, {"type": "http.disconnect"}
        return message


def find_header(scope: Scope, name: bytes) -> str:
    """Return the value of a request's header, empty where there is none."""
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return next((value.decode("latin-1") for header, value in headers if header.lower() == name), "")


async def read_body(receive: Receive) -> bytes:
    """Return a request's body, whose rest is left where it is longer than any that Cognito takes."""
    body = bytearray()
    while True:
        message = await receive()
        body.extend(message.get("body", b""))
        if not message.get("more_body") or len(body) > _MOST_BYTES:
            return bytes(body)


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body; empty where it is none."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
