"""No tokens for who is disabled, also where that has happened between the steps of a sign-in.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDisableUser.html
"""

from __future__ import annotations

from local_stage.cloudformation.pool_front.accounts import not_authorized
from local_stage.cloudformation.pool_front.exchange import Call, Next, Reply
from local_stage.cloudformation.pool_front.local_pools import LocalPools
from local_stage.cloudformation.pool_front.refresh_tokens import read_claims, read_username


class EnabledUsers:
    """Looks at whose tokens leave the pool."""

    def __init__(self, pools: LocalPools) -> None:
        self._pools = pools

    async def __call__(self, call: Call, go_on: Next) -> Reply:
        """Return the pool's reply. Raises RefusalError for tokens of a user who is disabled or gone."""
        reply = await go_on(call)
        tokens = reply.content.get("AuthenticationResult")
        if not tokens:
            return reply
        # Refreshing gives no refresh token; no trigger changes `iss` and `sub` of an access token.
        claims = read_claims(str(tokens.get("RefreshToken") or tokens.get("AccessToken")))
        pool_id, name = str(claims.get("iss")).rpartition("/")[2], read_username(tokens)
        user = await self._pools.find_user_by_sub(pool_id, str(claims.get("sub")), name)
        if user is None:
            raise not_authorized("Incorrect username or password.")
        if not user.is_enabled:
            raise not_authorized("User is disabled.")
        return reply
