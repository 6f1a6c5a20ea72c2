"""The login page and the token endpoint: what is asked and fired at the API is not left out there.

MiniStack's page asks for no second factor and mails no code, so that it is closed to who needs one.
https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from typing import Final
from urllib.parse import parse_qs, unquote, urlencode

from local_stage.cloudformation.browser_guard import Scope
from local_stage.cloudformation.pool_front.accounts import AppClient, RefusalError, User, unknown_client
from local_stage.cloudformation.pool_front.challenges import TEMPORARY
from local_stage.cloudformation.pool_front.exchange import Call, Header, Reply
from local_stage.cloudformation.pool_front.local_pools import LocalPools
from local_stage.cloudformation.pool_front.lock_out import Failures, find_key
from local_stage.cloudformation.pool_front.passwords import Passwords
from local_stage.cloudformation.pool_front.refresh_tokens import RefreshTokens, read_claims
from local_stage.cloudformation.pool_front.triggers.guard import Triggers
from local_stage.cloudformation.pool_front.triggers.sign_in import authenticate, tell_sign_in
from local_stage.cloudformation.pool_front.triggers.trigger_call import TriggerCall
from local_stage.cloudformation.pool_front.user_factors import UserFactors
from local_stage.cloudformation.pool_front.user_names import spell
from local_stage.errors import MachineError

TOKEN_PATH: Final = "/oauth2/token"  # noqa: S105 - a path
LOGIN_PATHS: Final = ("/login", "/oauth2/login")
_BY_PROVIDER: Final = ("/oauth2/idpresponse", "/saml2/idpresponse")
_REDIRECT: Final = 302
_NEW_PASSWORD_PAGE: Final = re.compile(rb'<input type="hidden" name="np_token" value="([^"]+)"')
"""What only the page for a new password has: what a page shows of a request has neither `<` nor quotes."""
_MOST_CHANGING: Final = 1_000
_NO_FACTOR: Final = (
    "The pool asks for a second factor, which the local login page does not take; sign in by Cognito's API."
)
_NO_SESSION: Final = "Session has expired. Please sign in again."
_NO_CHOICE: Final = "Nobody signs in by choice of factors (ALLOW_USER_AUTH) at the local pool."


def is_managed_login(scope: Scope) -> bool:
    """Say whether a request may sign somebody in without being a call of the pool's API, by its path alone.

    MiniStack reads these paths before it reads which operation a header names.
    """
    is_form = _path_of(scope) in LOGIN_PATHS and scope["method"] == "POST"
    return is_form or asks_for_tokens(scope) or _comes_from_provider(scope)


def asks_for_tokens(scope: Scope) -> bool:
    """Say whether a request is one to the token endpoint."""
    return _path_of(scope).startswith(TOKEN_PATH)


def _comes_from_provider(scope: Scope) -> bool:
    # MiniStack reads paths by their beginnings, and whatever the method is.
    return _path_of(scope).startswith(_BY_PROVIDER)


def _path_of(scope: Scope) -> str:
    return str(scope["path"]).lower()


class ManagedLogin:
    """Stands in front of MiniStack's login page and token endpoint."""

    def __init__(
        self,
        pools: LocalPools,
        triggers: Triggers,
        tokens: RefreshTokens,
        factors: UserFactors,
        failures: Failures,
        *,
        passwords: Passwords,
    ) -> None:
        self._pools = pools
        self._triggers = triggers
        self._tokens = tokens
        self._factors = factors
        self._failures = failures
        self._passwords = passwords
        self._changing: dict[str, tuple[AppClient, User]] = {}
        """Who is asked for a new password, by the page's token."""

    async def reply(self, scope: Scope, body: bytes) -> Reply:
        """Return the reply to a sign-in at the page, or to a request for tokens."""
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        form = {name: values[0] for name, values in fields.items()}
        try:
            if asks_for_tokens(scope):
                return await self._give_tokens(scope, form)
            if _comes_from_provider(scope):
                return await self._relay(scope, body)
            return await self._log_in(scope, form)
        except RefusalError as refusal:
            told = refusal.message
            return _refuse("invalid_grant", told) if asks_for_tokens(scope) else _refuse_page(told)
        except MachineError as error:
            return _refuse_page(str(error))

    async def _log_in(self, scope: Scope, form: Mapping[str, str]) -> Reply:
        if form.get("ua_token") or form.get("auth_flow") == "USER_AUTH":
            raise RefusalError("InvalidParameterException", _NO_CHOICE)
        if form.get("np_token"):
            return await self._change_password(scope, form)
        client = await self._pools.find_client_by_id(form.get("client_id", ""))
        if client is None:
            raise unknown_client(form.get("client_id", ""))
        name = await spell(self._pools, client.pool, form.get("username", ""))
        begun = self._begin(scope, client)
        if name:
            await authenticate(begun, name)
        key = await find_key(self._pools, client, name)
        async with self._failures.attempt(key):
            reply = await self._send_form(scope, {**form, "username": name}, begun)
            page = _NEW_PASSWORD_PAGE.search(reply.body)
            if reply.status != _REDIRECT and page is None:
                self._failures.fail(key)
                return reply
            self._failures.succeed(key)
        user = await self._pools.find_user(client.pool_id, name)
        if user is None or self._factors.asks(client, user):
            raise RefusalError("NotAuthorizedException", _NO_FACTOR)
        if page is not None:
            self._passwords.check_temporary(user, client.pool)
            while len(self._changing) >= _MOST_CHANGING:
                del self._changing[next(iter(self._changing))]
            self._changing[page[1].decode()] = client, user
        if not begun.has_authenticated:
            await authenticate(begun, name, is_known=True)
        return reply

    async def _change_password(self, scope: Scope, form: Mapping[str, str]) -> Reply:
        """Return the reply to the page for a new password, in place of a temporary one."""
        token, password = form.get("np_token", ""), form.get("new_password", "")
        if token not in self._changing:
            raise RefusalError("NotAuthorizedException", _NO_SESSION)
        client, user = await self._find_changing(token)
        self._passwords.check_new(user, client.pool, password)
        reply = await self._send_form(scope, form)
        if reply.status == _REDIRECT:
            self._passwords.note(user.sub, client.pool, password)
            del self._changing[token]
        return reply

    async def _find_changing(self, token: str) -> tuple[AppClient, User]:
        """Return whose temporary password is replaced. Raises RefusalError where it is no more, or not so."""
        begun, asked = self._changing[token]
        client = await self._pools.find_client_by_id(begun.client_id)
        user = await self._pools.find_user_by_sub(begun.pool_id, asked.sub)
        if client is None or user is None or not user.is_enabled or user.status != TEMPORARY:
            raise RefusalError("NotAuthorizedException", _NO_SESSION)
        if self._factors.asks(client, user):
            raise RefusalError("NotAuthorizedException", _NO_FACTOR)
        return client, user

    async def _give_tokens(self, scope: Scope, form: Mapping[str, str]) -> Reply:
        if form.get("grant_type") == "refresh_token":
            return await self._refresh(scope, form)
        reply = await self._send_form(scope, form)
        content = reply.content
        token = content.get("refresh_token")
        if token is None and "access_token" not in content:
            return reply
        claims = read_claims(token or "")
        client_id = claims.get("client_id") or _read_client(scope["headers"], form)[0]
        client = await self._pools.find_client_by_id(str(client_id))
        if client is None:
            return _refuse("invalid_client")
        if token is not None:
            user = await self._pools.find_user_by_sub(client.pool_id, str(claims.get("sub")))
            if user is None or self._factors.asks(client, user):
                return _refuse("invalid_grant")
            reply = reply.change({**content, "refresh_token": self._tokens.issue(token)})
        if form.get("grant_type") == "authorization_code":
            await tell_sign_in(self._begin(scope, client), str(content.get("access_token")))
        return reply

    async def _refresh(self, scope: Scope, form: Mapping[str, str]) -> Reply:
        client_id, secret = _read_client(scope["headers"], form)
        client = await self._pools.find_client_by_id(client_id)
        if client is None or not client.has_secret(secret):
            return _refuse("invalid_client")
        sent = form.get("refresh_token", "")
        try:
            token, is_first = self._tokens.use(sent, client.grace)
        except RefusalError:
            return _refuse("invalid_grant")
        reply = await self._exchange(scope, form, client, token)
        if not 200 <= reply.status < 300:  # noqa: PLR2004 - RFC 9110, 15.3
            if is_first:
                self._tokens.give_back(sent)
            return reply
        if client.grace is None:
            return reply
        return reply.change({**reply.content, "refresh_token": self._tokens.issue(token)})

    async def _exchange(self, scope: Scope, form: Mapping[str, str], client: AppClient, token: str) -> Reply:
        if read_claims(token).get("client_id") != client.client_id:
            return _refuse("invalid_grant")
        return await self._send_form(scope, {**form, "client_id": client.client_id, "refresh_token": token})

    def _begin(self, scope: Scope, client: AppClient | None = None) -> TriggerCall:
        pool = client.pool if client else None
        return self._triggers.begin(Call(str(scope["path"]), {}, client=client, pool=pool))

    async def _send_form(
        self, scope: Scope, form: Mapping[str, str], begun: TriggerCall | None = None
    ) -> Reply:
        return await self._relay(scope, urlencode(form).encode(), begun)

    async def _relay(self, scope: Scope, body: bytes, begun: TriggerCall | None = None) -> Reply:
        return await self._triggers.watch(begun or self._begin(scope), self._pools.pass_on(scope, body))


def _read_client(headers: list[Header], form: Mapping[str, str]) -> tuple[str, str]:
    """Return the client's id and its secret, of the header or the form (RFC 6749, 2.3.1)."""
    for name, value in headers:
        scheme, _, credentials = value.decode("latin-1").partition(" ")
        if name == b"authorization" and scheme.lower() == "basic":
            try:
                client_id, _, secret = base64.b64decode(credentials).decode().partition(":")
            except ValueError:
                return "", ""
            return unquote(client_id), unquote(secret)
    return form.get("client_id", ""), form.get("client_secret", "")


def _refuse(error: str, why: str = "") -> Reply:
    """Return the refusal of RFC 6749, 5.2."""
    body = {"error": error, **({"error_description": why} if why else {})}
    return Reply(400, json.dumps(body).encode(), [(b"content-type", b"application/json;charset=UTF-8")])


def _refuse_page(why: str) -> Reply:
    page = f"<!doctype html><html lang=en><title>Sign-in refused</title><p>{escape(why)}</p></html>"
    return replace(_refuse(""), body=page.encode(), headers=[(b"content-type", b"text/html; charset=utf-8")])
