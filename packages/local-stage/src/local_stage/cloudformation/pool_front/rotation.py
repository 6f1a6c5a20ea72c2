"""How refresh tokens are exchanged at the pool's API, and revoked.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetTokensFromRefreshToken.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RevokeToken.html
"""

from __future__ import annotations

from typing import Any, Final

from local_stage.cloudformation.pool_front.accounts import (
    AppClient,
    RefusalError,
    invalid_parameter,
    not_authorized,
)
from local_stage.cloudformation.pool_front.exchange import Call, Next, Reply
from local_stage.cloudformation.pool_front.refresh_tokens import RefreshTokens, read_claims

_RESULT: Final = "AuthenticationResult"
_TOKEN: Final = "RefreshToken"  # noqa: S105 - the name of a parameter
_ROTATES: Final = "Refresh token rotation is enabled for the client: call GetTokensFromRefreshToken."


class Rotation:
    """Lets a rotating client's refresh tokens be good once, and exchanges them by the one operation for it.

    What Cognito says where it refuses that is documented by kind alone, and not by its text.
    """

    def __init__(self, tokens: RefreshTokens) -> None:
        self._tokens = tokens

    async def __call__(self, call: Call, go_on: Next) -> Reply:
        """Return the pool's reply. Raises RefusalError for a refresh token that is not good."""
        if call.operation == "RevokeToken":
            return await self._revoke(call, go_on)
        if call.client is None:
            return await go_on(call)
        if call.exchanges_refresh_token:
            return await self._exchange(call, call.client, go_on)
        if call.refreshes:
            if call.client.grace is not None:
                raise invalid_parameter(_ROTATES)
            token, _ = self._tokens.use(call.find_text("REFRESH_TOKEN", "AuthParameters"), None)
            return await go_on(call.change_in("AuthParameters", REFRESH_TOKEN=token))
        reply = await go_on(call)
        issued = (reply.content.get(_RESULT) or {}).get(_TOKEN)
        return self._give(reply, issued) if issued else reply

    async def _exchange(self, call: Call, client: AppClient, go_on: Next) -> Reply:
        if not client.has_secret(call.find_text("ClientSecret")):
            raise not_authorized(f"Unable to verify the secret of client {client.client_id}")
        sent = call.find_text(_TOKEN)
        token, is_first = self._tokens.use(sent, client.grace)
        reply = await go_on(call.change(_TOKEN, token))
        if reply.refusal is not None and is_first:
            self._tokens.give_back(sent)
        return reply if client.grace is None else self._give(reply, token)

    def _give(self, reply: Reply, token: str) -> Reply:
        content = reply.content
        result: dict[str, Any] | None = content.get(_RESULT)
        if result is None:
            return reply
        return reply.change({**content, _RESULT: {**result, _TOKEN: self._tokens.issue(token)}})

    async def _revoke(self, call: Call, go_on: Next) -> Reply:
        token = self._tokens.open(call.find_text("Token"))
        claims = read_claims(token)
        if call.client is None or not call.client.has_secret(call.find_text("ClientSecret")):
            raise RefusalError("UnauthorizedException", "The app client or its secret is not known.")
        if claims.get("token_use") in {"access", "id"}:
            raise RefusalError("UnsupportedTokenTypeException", "Only a refresh token can be revoked.")
        if "client_id" in claims and claims["client_id"] != call.client.client_id:
            raise RefusalError("UnauthorizedException", "The token belongs to another app client.")
        return await go_on(call.change("Token", token))
