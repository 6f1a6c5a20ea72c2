"""The user pools of MiniStack, asked by its public API as an administrator does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from local_stage.cloudformation.browser_guard import Application, Scope
from local_stage.cloudformation.pool_front.accounts import AppClient, RefusalError, User
from local_stage.cloudformation.pool_front.carried_settings import restore
from local_stage.cloudformation.pool_front.exchange import MEDIA_TYPE, Call, Header, Reply, receive_reply
from local_stage.cloudformation.pool_front.refresh_tokens import read_claims

SERVICE: Final = "AWSCognitoIdentityProviderService."
_BY_TOKEN: Final = frozenset(
    {
        "ChangePassword",
        "DeleteUserAttributes",
        "GetUserAttributeVerificationCode",
        "UpdateUserAttributes",
        "VerifyUserAttribute",
    }
)
"""Operations whose app client is that of the user's access token, which MiniStack still has to verify."""
_REPLACED: Final = frozenset({b"x-amz-target", b"content-length", b"transfer-encoding"})


class LocalPools:
    """MiniStack behind the front: `application` is called for clients, `questions` is asked by the front.

    What the front asks changes nothing, so that nothing need be saved for it.
    """

    def __init__(self, application: Application, questions: Application, region: str) -> None:
        """Call MiniStack, whose pools are of this region."""
        self._application = application
        self._questions = questions
        authorization = (
            f"AWS4-HMAC-SHA256 Credential=test/20261129/{region}/cognito-idp/aws4_request,"
            " SignedHeaders=host, Signature=0"
        )
        self._headers = (
            (b"host", b"127.0.0.1"),
            (b"authorization", authorization.encode()),
            (b"content-type", MEDIA_TYPE),
        )
        self._pools_of_clients: dict[str, str] = {}

    async def relay(self, call: Call) -> Reply:
        """Return MiniStack's reply to a client's call."""
        return await _call(self._application, call.operation, call.parameters, call.headers)

    async def pass_on(self, scope: Scope, body: bytes) -> Reply:
        """Return MiniStack's reply to a request of managed login, which names no operation."""
        headers = [(name, value) for name, value in scope["headers"] if name not in _REPLACED]
        headers.append((b"content-length", b"%d" % len(body)))
        return await receive_reply(self._application, {**scope, "headers": headers}, body)

    async def ask(self, operation: str, **parameters: Any) -> Reply:
        """Return MiniStack's reply to an administrator's question; it checks no signature."""
        return await _call(self._questions, operation, parameters, self._headers)

    async def order(self, operation: str, **parameters: Any) -> Reply:
        """Return MiniStack's reply to an administrator who changes something."""
        return await _call(self._application, operation, parameters, self._headers)

    async def complete(self, call: Call) -> Call:
        """Return a call with the app client that it names, and the pool that it is for."""
        client_id, pool_id = call.find_text("ClientId"), call.find_text("UserPoolId")
        client, pool = None, None
        if call.operation in _BY_TOKEN:
            client_id = str(read_claims(call.find_text("AccessToken")).get("client_id", ""))
        if not call.operation.startswith("Admin"):
            client = await self.find_client_by_id(client_id) if client_id else None
        elif pool_id:
            client = await self._find_client_of(pool_id, client_id) if client_id else None
            pool = None if client else await self.find_pool(pool_id)
        return replace(call, client=client, pool=client.pool if client else pool)

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
        return AppClient(pool, restore(settings)) if pool and settings else None

    async def find_pool(self, pool_id: str) -> Mapping[str, Any] | None:
        """Return the description of a pool, or None where it is not there."""
        return (await self.ask("DescribeUserPool", UserPoolId=pool_id)).content.get("UserPool")

    async def find_user(self, pool_id: str, name: str) -> User | None:
        """Return the user of a name, an alias or a `sub`, or None where there is none."""
        asked = await self.ask("AdminGetUser", UserPoolId=pool_id, Username=name)
        return User.read(asked.content) if asked.refusal is None else None

    async def find_user_by_sub(self, pool_id: str, sub: str, name: str = "") -> User | None:
        """Return the one user of a `sub`, not one who has it for a name, or None where there is none.

        `name` is what the user may be called: for a `sub` alone MiniStack looks at each of its users.
        """
        named = await self.find_user(pool_id, name) if name else None
        if named is not None and named.sub == sub:
            return named
        asked = await self.ask("ListUsers", UserPoolId=pool_id, Filter=f'sub = "{sub}"')
        found = [user for user in map(User.read, asked.content.get("Users", ())) if user.sub == sub]
        return found[0] if len(found) == 1 else None

    async def find_owner(self, access_token: str) -> User:
        """Return whose access token this is. Raises RefusalError where MiniStack refuses the token."""
        asked = await self.ask("GetUser", AccessToken=access_token)
        if asked.refusal is not None:
            raise RefusalError(*asked.refusal)
        return User.read(asked.content)

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
