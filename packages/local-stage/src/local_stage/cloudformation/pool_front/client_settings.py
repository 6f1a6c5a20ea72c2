"""What an app client is created with, changed to and described by: also what MiniStack does not keep.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
"""

from __future__ import annotations

from typing import Final

from local_stage.cloudformation.pool_front.carried_settings import carry, restore
from local_stage.cloudformation.pool_front.exchange import Call, Next, Reply

_DESCRIBED: Final = "UserPoolClient"
_OPERATIONS: Final = frozenset({"CreateUserPoolClient", "DescribeUserPoolClient", "UpdateUserPoolClient"})


async def guard_client_settings(call: Call, go_on: Next) -> Reply:
    """Return the pool's reply, with the settings in the place that Cognito has for them."""
    if call.operation not in _OPERATIONS:
        return await go_on(call)
    reply = await go_on(call.replace(carry(call.parameters)))
    content = reply.content
    if _DESCRIBED not in content:
        return reply
    return reply.change({**content, _DESCRIBED: restore(content[_DESCRIBED])})
