"""Does in front of MiniStack what decides who signs in at a user pool and MiniStack leaves undone.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUserConfigType.html
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, MutableMapping
from typing import Any, Final

from local_stage.cloudformation.browser_guard import Application, Receive, Scope, Send

_SERVICE: Final = "AWSCognitoIdentityProviderService."
_SIGN_UP: Final = f"{_SERVICE}SignUp"
_REFUSAL: Final = json.dumps(
    {"__type": "NotAuthorizedException", "message": "SignUp is not permitted for this user pool"}
).encode()
_MOST_BYTES: Final = 1_000_000


class PoolFront:
    """An ASGI application in front of MiniStack; it refuses who signs up where administrators alone may."""

    def __init__(self, application: Application, region: str) -> None:
        """Stand in front of MiniStack, whose pools are of this region."""
        self._application = application
        self._authorization = (
            f"AWS4-HMAC-SHA256 Credential=test/20261129/{region}/cognito-idp/aws4_request,"
            " SignedHeaders=host, Signature=0"
        ).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it as Cognito does."""
        if scope["type"] != "http" or _header(scope, b"x-amz-target") != _SIGN_UP:
            await self._application(scope, receive, send)
            return
        body = await _read(receive)
        if await self._is_closed(scope, body):
            await _refuse(send)
        else:
            await self._application(scope, _Given(body), send)

    async def _is_closed(self, scope: Scope, body: bytes) -> bool:
        """Return whether the client of a SignUp is of a pool that administrators alone create users of."""
        client_id = _parse(body).get("ClientId")
        async for pool_id in self._list_pools(scope):
            client = {"UserPoolId": pool_id, "ClientId": client_id}
            if "UserPoolClient" in await self._call(scope, "DescribeUserPoolClient", client):
                described = await self._call(scope, "DescribeUserPool", {"UserPoolId": pool_id})
                config = described.get("UserPool", {}).get("AdminCreateUserConfig") or {}
                return str(config.get("AllowAdminCreateUserOnly", "")).lower() == "true"
        return False

    async def _list_pools(self, scope: Scope) -> AsyncIterator[str]:
        asked: dict[str, Any] = {"MaxResults": 60}
        while True:
            page = await self._call(scope, "ListUserPools", asked)
            for pool in page.get("UserPools", []):
                yield pool["Id"]
            if not page.get("NextToken"):
                return
            asked["NextToken"] = page["NextToken"]

    async def _call(self, scope: Scope, operation: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return what MiniStack answers to an operation of an administrator; it checks no signature."""
        body = json.dumps(payload).encode()
        headers = [
            (name, value)
            for name, value in scope["headers"]
            if name not in {b"authorization", b"x-amz-target", b"content-length", b"transfer-encoding"}
        ]
        headers += [
            (b"authorization", self._authorization),
            (b"x-amz-target", f"{_SERVICE}{operation}".encode()),
            (b"content-length", b"%d" % len(body)),
        ]
        answer = bytearray()

        async def take(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.body":
                answer.extend(message.get("body", b""))

        await self._application({**scope, "headers": headers}, _Given(body), take)
        return _parse(bytes(answer))


class _Given:
    """Gives an application a body that has been read already, and then nothing more."""

    def __init__(self, body: bytes) -> None:
        self._message: dict[str, Any] = {"type": "http.request", "body": body, "more_body": False}

    async def __call__(self) -> MutableMapping[str, Any]:
        message, self._message = self._message, {"type": "http.disconnect"}
        return message


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for header, value in scope["headers"] if header == name), "")


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body.extend(message.get("body", b""))
        if not message.get("more_body") or len(body) > _MOST_BYTES:
            return bytes(body)


def _parse(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


async def _refuse(send: Send) -> None:
    headers = [
        (b"content-type", b"application/x-amz-json-1.1"),
        (b"content-length", b"%d" % len(_REFUSAL)),
        (b"x-amzn-errortype", b"NotAuthorizedException:"),
        (b"access-control-allow-origin", b"*"),
    ]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": _REFUSAL})
