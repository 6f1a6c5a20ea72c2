"""Who may sign themselves up.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUserConfigType.html
"""

from __future__ import annotations

from local_stage.cloudformation.pool_front.accounts import not_authorized
from local_stage.cloudformation.pool_front.exchange import Call, Next, Reply


async def guard_sign_up(call: Call, go_on: Next) -> Reply:
    """Return the pool's reply. Raises RefusalError for a sign-up where administrators alone create users."""
    if call.operation == "SignUp" and call.client:
        config = call.client.pool.get("AdminCreateUserConfig") or {}
        if str(config.get("AllowAdminCreateUserOnly", "")).lower() == "true":
            raise not_authorized("SignUp is not permitted for this user pool")
    return await go_on(call)
