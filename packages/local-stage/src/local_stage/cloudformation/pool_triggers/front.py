"""Runs a pool's triggers around MiniStack's answers; where one fails, its error is the answer.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-identity-pools-working-with-aws-lambda-triggers.html
"""

from __future__ import annotations

import base64
import binascii
import html
import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

from local_stage.cloudformation.browser_guard import Application, Receive, Scope, Send
from local_stage.cloudformation.function_forwarder import invoke_in_stage
from local_stage.cloudformation.pool_front.managed_login import asks_for_tokens, is_managed_login
from local_stage.cloudformation.pool_operations import (
    SERVICE,
    PoolOperations,
    TakenResponse,
    find_header,
    parse_object,
    read_body,
    take_response,
)
from local_stage.cloudformation.pool_triggers.issued_changes import IssuedChanges
from local_stage.cloudformation.pool_triggers.messages import send_message
from local_stage.cloudformation.pool_triggers.migration import migrate_at_forgotten_password
from local_stage.cloudformation.pool_triggers.sign_in import (
    authenticate,
    begin_sign_in,
    decode_claims,
    end_sign_in,
    tell_sign_in,
)
from local_stage.cloudformation.pool_triggers.sign_up import begin_creation, end_confirmation
from local_stage.cloudformation.pool_triggers.trigger import TriggerError
from local_stage.cloudformation.pool_triggers.trigger_call import CALL, NO_CLIENT, TriggerCall

type _Before = Callable[[TriggerCall], Awaitable[None]]
type _After = Callable[[TriggerCall, Mapping[str, Any]], Awaitable[None]]


async def _end_sign_up(call: TriggerCall, result: Mapping[str, Any]) -> None:
    await (end_confirmation if result.get("UserConfirmed") else send_message)(call, result)


BEFORE: Final[Mapping[str, _Before]] = {
    "AdminCreateUser": begin_creation,
    "AdminInitiateAuth": begin_sign_in,
    "ForgotPassword": migrate_at_forgotten_password,
    "InitiateAuth": begin_sign_in,
}
"""What fires before the pool itself gets a call."""
AFTER: Final[Mapping[str, _After]] = {
    "AdminConfirmSignUp": end_confirmation,
    "AdminInitiateAuth": end_sign_in,
    "AdminResetUserPassword": send_message,
    "AdminRespondToAuthChallenge": end_sign_in,
    "AdminUpdateUserAttributes": send_message,
    "ConfirmForgotPassword": end_confirmation,
    "ConfirmSignUp": end_confirmation,
    "ForgotPassword": send_message,
    "InitiateAuth": end_sign_in,
    "ResendConfirmationCode": send_message,
    "RespondToAuthChallenge": end_sign_in,
    "SignUp": _end_sign_up,
    "UpdateUserAttributes": send_message,
}
"""What fires when the pool has done what it was asked, before the caller hears of it."""
_OPERATIONS: Final = frozenset({*BEFORE, *AFTER, "GetTokensFromRefreshToken"})
_BY_PROVIDER: Final = ("/oauth2/idpresponse", "/saml2/idpresponse")


class TriggerFront:
    """An ASGI application in front of the user pools; it runs the triggers of what asks something of them."""

    def __init__(
        self,
        application: Application,
        operations: PoolOperations,
        invocations_url: str,
        changes: IssuedChanges,
    ) -> None:
        """Stand in front of `application`; functions run where the stage invokes them."""
        self._application = application
        self._operations = operations
        self._invocations_url = invocations_url
        self._changes = changes

    def invoke(self, name: str, event: Any, timeout: float) -> Mapping[str, Any]:
        """Invoke a function for MiniStack, in the midst of a pool's call or not. Raises TimeoutError."""
        call = CALL.get()
        if call is not None and isinstance(event, dict) and "triggerSource" in event:
            return call.fire_for_pool(name, event)
        return self._invoke(name, event, timeout)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with the triggers that belong to it."""
        respond = self._find(scope)
        if respond is None:
            await self._application(scope, receive, send)
            return
        await (await respond(scope, await read_body(receive))).send(send)

    def _find(self, scope: Scope) -> Callable[[Scope, bytes], Awaitable[TakenResponse]] | None:
        if scope["type"] != "http":
            return None
        if is_managed_login(scope):
            return self._issue_tokens if asks_for_tokens(scope) else self._log_in
        if find_header(scope, b"x-amz-target").startswith(SERVICE):
            return self._run_operation if _read_operation(scope) in _OPERATIONS else None
        # MiniStack reads paths by their beginnings, and whatever the method is.
        return self._pass_on if scope["path"].startswith(_BY_PROVIDER) else None

    async def _run_operation(self, scope: Scope, body: bytes) -> TakenResponse:
        operation = _read_operation(scope)
        call = self._new_call(scope, operation, parse_object(body))
        await self._find_pool(call)
        try:
            if operation in BEFORE:
                await BEFORE[operation](call)
            # What cannot be read is the pool's to refuse.
            sent = json.dumps(call.body).encode() if call.body else body
            response = await self._ask(call, sent)
            if operation in AFTER and response.status == HTTPStatus.OK:
                await AFTER[operation](call, parse_object(response.body))
        except TriggerError as error:
            return _refuse(error)
        return response

    async def _issue_tokens(self, scope: Scope, body: bytes) -> TakenResponse:
        """Respond as managed login's token endpoint; a person's sign-in ends here."""
        form = _read_form(body)
        client_id = form.get("client_id") or _read_basic_name(find_header(scope, b"authorization"))
        call = self._new_call(scope, "/oauth2/token", {}, client_id)
        call.pool = await self._operations.find_pool(scope, client_id)
        try:
            response = await self._ask(call, body)
            token = parse_object(response.body).get("access_token")
            if token and form.get("grant_type") == "authorization_code":
                await tell_sign_in(call, token)
        except TriggerError as error:
            return _refuse_tokens(error)
        return response

    async def _log_in(self, scope: Scope, body: bytes) -> TakenResponse:
        """Respond to the form of managed login, whose first page has the name of who signs in."""
        form = _read_form(body)
        call = self._new_call(scope, "/login", {}, form.get("client_id", NO_CLIENT))
        call.pool = await self._operations.find_pool(scope, call.client_id)
        try:
            if username := form.get("username"):
                await authenticate(call, username)
            response = await self._ask(call, body)
            if username and response.status == HTTPStatus.FOUND and not call.has_authenticated:
                await authenticate(call, username, is_known=True)
        except TriggerError as error:
            return _refuse_page(error)
        return response

    async def _pass_on(self, scope: Scope, body: bytes) -> TakenResponse:
        try:
            return await self._ask(self._new_call(scope, scope["path"], {}), body)
        except TriggerError as error:
            return _refuse_page(error)

    async def _ask(self, call: TriggerCall, body: bytes) -> TakenResponse:
        """Return what the pool answers. Raises TriggerError where a trigger that it fires fails."""
        token, response = CALL.set(call), TakenResponse()
        try:
            response = await take_response(self._application, _with_length(call.scope, body), body)
        except Exception:  # MiniStack's token endpoint lets a trigger's error through
            if call.failure is None:
                raise
        finally:
            CALL.reset(token)
        if call.failure is not None:
            raise call.failure
        if call.changes is not None:
            self._changes.record(call.changes, parse_object(response.body))
        return response

    def _new_call(
        self, scope: Scope, operation: str, body: dict[str, Any], client_id: str = NO_CLIENT
    ) -> TriggerCall:
        return TriggerCall(self._operations, self._invoke, scope, operation, body, client_id=client_id)

    async def _find_pool(self, call: TriggerCall) -> None:
        """Find the pool that a call is for, by what MiniStack finds it by."""
        if isinstance(client_id := call.body.get("ClientId"), str):
            call.client_id = client_id
        if call.operation.startswith("Admin"):
            pool_id = call.body.get("UserPoolId")
        elif call.client_id != NO_CLIENT:
            call.pool = await self._operations.find_pool(call.scope, call.client_id)
            return
        else:
            claims = decode_claims(call.body.get("AccessToken"))
            pool_id = str(claims.get("iss", "")).rpartition("/")[2]
            call.client_id = str(claims.get("client_id", NO_CLIENT))
        if pool_id:
            call.pool = await self._operations.describe_pool(call.scope, pool_id)

    def _invoke(self, name: str, event: Any, timeout: float) -> Mapping[str, Any]:
        return invoke_in_stage(self._invocations_url, name, event, timeout)


def _read_operation(scope: Scope) -> str:
    return find_header(scope, b"x-amz-target").rpartition(".")[2]


def _read_form(body: bytes) -> dict[str, str]:
    """Return a form's fields; of several of one name MiniStack takes the first."""
    return dict(reversed(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)))


def _with_length(scope: Scope, body: bytes) -> Scope:
    headers = [
        (name, value)
        for name, value in scope["headers"]
        if name not in {b"content-length", b"transfer-encoding"}
    ]
    return {**scope, "headers": [*headers, (b"content-length", b"%d" % len(body))]}


def _read_basic_name(authorization: str) -> str:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return NO_CLIENT
    try:
        return base64.b64decode(encoded).decode("utf-8", "replace").partition(":")[0]
    except binascii.Error:
        return NO_CLIENT


def _refuse(error: TriggerError) -> TakenResponse:
    headers = [
        (b"x-amzn-errortype", f"{error.error_type}:".encode()),
        (b"x-amzn-errormessage", ascii(error.message)[1:-1].encode()),
    ]
    told = {"__type": error.error_type, "message": error.message}
    return _respond("application/x-amz-json-1.1", json.dumps(told), headers)


def _refuse_tokens(error: TriggerError) -> TakenResponse:
    """Return OAuth's error: https://datatracker.ietf.org/doc/html/rfc6749#section-5.2."""
    told = {"error": "invalid_grant", "error_description": error.message}
    return _respond("application/json;charset=UTF-8", json.dumps(told))


def _refuse_page(error: TriggerError) -> TakenResponse:
    page = f"<!DOCTYPE html><title>Sign in</title><p>{html.escape(error.message)}</p>"
    return _respond("text/html; charset=utf-8", page)


def _respond(kind: str, text: str, headers: list[tuple[bytes, bytes]] | None = None) -> TakenResponse:
    response = TakenResponse()
    response.status, response.body = int(HTTPStatus.BAD_REQUEST), text.encode()
    response.headers = [
        (b"content-type", kind.encode()),
        (b"content-length", b"%d" % len(response.body)),
        (b"access-control-allow-origin", b"*"),
        *(headers or ()),
    ]
    return response
