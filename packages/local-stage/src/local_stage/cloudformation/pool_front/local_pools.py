"""The user pools of MiniStack, asked by its public API as an administrator does."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import AsyncIterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from local_stage.cloudformation.browser_guard import Application
from local_stage.cloudformation.pool_front.exchange import MEDIA_TYPE, Call, Header, RefusalError, Reply

SERVICE: Final = "AWSCognitoIdentityProviderService."
_REPLACED: Final = frozenset({b"x-amz-target", b"content-length", b"transfer-encoding"})


@dataclass(frozen=True, slots=True)
class AppClient:
    """An app client and its pool, each as Cognito describes it."""

    pool: Mapping[str, Any]
    settings: Mapping[str, Any]

    @property
    def pool_id(self) -> str:
        """The id of the pool."""
        return str(self.pool["Id"])

    @property
    def client_id(self) -> str:
        """The id of the app client."""
        return str(self.settings["ClientId"])

    @property
    def secret(self) -> str | None:
        """The secret, where it has one."""
        return self.settings.get("ClientSecret") or None

    @property
    def flows(self) -> frozenset[str]:
        """The ExplicitAuthFlows, by their new names or their old ones."""
        return frozenset(self.settings.get("ExplicitAuthFlows") or ())

    def hash_secret(self, username: str) -> str:
        """Return the SECRET_HASH for a user's name.

        https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash
        """
        digest = hmac.digest((self.secret or "").encode(), f"{username}{self.client_id}".encode(), "sha256")
        return base64.b64encode(digest).decode()

    def check_secret_hash(self, username: str, sent: str) -> None:
        """Raise RefusalError where the client has a secret, and the hash is missing or wrong."""
        if self.secret is None:
            return
        if not sent:
            why = f"Client {self.client_id} is configured with secret but SECRET_HASH was not received"
            raise RefusalError("NotAuthorizedException", why)
        if not hmac.compare_digest(self.hash_secret(username).encode(), sent.encode()):
            why = f"Unable to verify secret hash for client {self.client_id}"
            raise RefusalError("NotAuthorizedException", why)


@dataclass(frozen=True, slots=True)
class User:
    """A user of a pool: `name` is what the pool calls them, `sub` never changes and is nobody else's."""

    name: str
    sub: str
    status: str
    is_enabled: bool

    @classmethod
    def read(cls, described: Mapping[str, Any]) -> User:
        """Return the user that AdminGetUser, GetUser or ListUsers describes."""
        attributes = described.get("UserAttributes") or described.get("Attributes") or ()
        subs = [str(one["Value"]) for one in attributes if one.get("Name") == "sub"]
        name = str(described["Username"])
        status, is_enabled = str(described.get("UserStatus", "")), described.get("Enabled") is not False
        return cls(name, subs[0] if subs else name, status, is_enabled)


class LocalPools:
    """MiniStack behind the front: `application` is called for clients, `questions` is asked by the front.

    What the front asks changes nothing, so that nothing need be saved for it.
    """

    def __init__(self, application: Application, questions: Application, region: str) -> None:
        """Call MiniStack, whose pools are of this region."""
        self._application = application
        self._questions = questions
        self._authorization = (
            f"AWS4-HMAC-SHA256 Credential=test/20261129/{region}/cognito-idp/aws4_request,"
            " SignedHeaders=host, Signature=0"
        ).encode()
        self._pools_of_clients: dict[str, str] = {}

    async def relay(self, call: Call) -> Reply:
        """Return MiniStack's reply to a client's call."""
        return await _call(self._application, call.operation, call.parameters, call.headers)

    async def ask(self, operation: str, **parameters: Any) -> Reply:
        """Return MiniStack's reply to an administrator's question; it checks no signature."""
        headers = [(b"authorization", self._authorization), (b"content-type", MEDIA_TYPE)]
        return await _call(self._questions, operation, parameters, [(b"host", b"127.0.0.1"), *headers])

    async def find_client(self, call: Call) -> AppClient | None:
        """Return the app client that a call names, or None where it is not there."""
        client_id = call.find_text("ClientId")
        if not client_id:
            return None
        if call.operation.startswith("Admin"):
            return await self._find_client_of(call.find_text("UserPoolId"), client_id)
        return await self.find_client_by_id(client_id)

    async def find_client_by_id(self, client_id: str) -> AppClient | None:
        """Return an app client of whichever pool, or None where it is not there."""
        known = self._pools_of_clients.get(client_id)
        if known is not None and (found := await self._find_client_of(known, client_id)):
            return found
        async for pool in self._list("ListUserPools", "UserPools", "NextToken", MaxResults=60):
            if found := await self._find_client_of(str(pool["Id"]), client_id):
                self._pools_of_clients[client_id] = found.pool_id
                return found
        return None

    async def _find_client_of(self, pool_id: str, client_id: str) -> AppClient | None:
        asked = await self.ask("DescribeUserPoolClient", UserPoolId=pool_id, ClientId=client_id)
        settings = asked.content.get("UserPoolClient")
        pool = await self.find_pool(pool_id) if settings else None
        return AppClient(pool, settings) if pool and settings else None

    async def find_pool(self, pool_id: str) -> Mapping[str, Any] | None:
        """Return the description of a pool, or None where it is not there."""
        return (await self.ask("DescribeUserPool", UserPoolId=pool_id)).content.get("UserPool")

    async def find_user(self, pool_id: str, name: str) -> User | None:
        """Return the user of a name, an alias or a `sub`, or None where there is none."""
        asked = await self.ask("AdminGetUser", UserPoolId=pool_id, Username=name)
        return User.read(asked.content) if asked.refusal is None else None

    async def list_users(self, pool_id: str) -> AsyncIterator[Mapping[str, Any]]:
        """Yield the description of each user."""
        async for user in self._list("ListUsers", "Users", "PaginationToken", UserPoolId=pool_id):
            yield user

    async def _list(
        self, operation: str, members: str, next_page: str, **parameters: Any
    ) -> AsyncIterator[Mapping[str, Any]]:
        while True:
            page = (await self.ask(operation, **parameters)).content
            for member in page.get(members, ()):
                yield member
            if not page.get(next_page):
                return
            parameters[next_page] = page[next_page]


async def _call(
    application: Application, operation: str, parameters: Mapping[str, Any], headers: Sequence[Header]
) -> Reply:
    body = json.dumps(parameters).encode()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "headers": [
            *((name, value) for name, value in headers if name not in _REPLACED),
            (b"x-amz-target", f"{SERVICE}{operation}".encode()),
            (b"content-length", b"%d" % len(body)),
        ],
    }
    return await receive_reply(application, scope, body)


async def receive_reply(application: Application, scope: Mapping[str, Any], body: bytes) -> Reply:
    """Return what an application replies to a request with this body."""
    status, headers, content = 500, [], bytearray()

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], [*message.get("headers", ())]
        elif message["type"] == "http.response.body":
            content.extend(message.get("body", b""))

    await application(dict(scope), _Given(body), send)
    return Reply(status, bytes(content), headers)


class _Given:
    """Gives an application a body that has been read already, and then nothing more."""

    def __init__(self, body: bytes) -> None:
        self._message: dict[str, Any] = {"type": "http.request", "body": body, "more_body": False}

    async def __call__(self) -> MutableMapping[str, Any]:
        message, self._message = self._message, {"type": "http.disconnect"}
        return message
