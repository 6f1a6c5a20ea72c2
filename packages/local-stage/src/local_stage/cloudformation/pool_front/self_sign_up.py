"""Who may sign themselves up.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUserConfigType.html
"""

from __future__ import annotations

from local_stage.cloudformation.pool_front.exchange import Call, Next, RefusalError, Reply
from local_stage.cloudformation.pool_front.local_pools import LocalPools


class SelfSignUp:
    """Refuses who signs up where administrators alone may create users."""

    def __init__(self, pools: LocalPools) -> None:
        self._pools = pools

    async def __call__(self, call: Call, go_on: Next) -> Reply:
        """Return the pool's reply. Raises RefusalError where the pool is closed to sign-ups."""
        client = await self._pools.find_client(call) if call.operation == "SignUp" else None
        config = client.pool.get("AdminCreateUserConfig") or {} if client else {}
        if str(config.get("AllowAdminCreateUserOnly", "")).lower() == "true":
            raise RefusalError("NotAuthorizedException", "SignUp is not permitted for this user pool")
        return await go_on(call)
