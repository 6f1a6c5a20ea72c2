"""The flows that an app client allows: Cognito's by default, and refreshing only where it is among them.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from local_stage.cloudformation.pool_front.exchange import Call, Next, RefusalError, Reply
from local_stage.cloudformation.pool_front.local_pools import AppClient, LocalPools
from local_stage.cloudformation.pool_settings import DEFAULT_FLOWS

_PASSWORD_FLOWS: Final[Mapping[str, str]] = {
    "USER_PASSWORD_AUTH": "USER_PASSWORD_AUTH flow not enabled for this client",
    "ADMIN_USER_PASSWORD_AUTH": "Auth flow not enabled for this client",
    "ADMIN_NO_SRP_AUTH": "Auth flow not enabled for this client",
}
"""The flows that a client without ExplicitAuthFlows does not allow, with Cognito's texts (recorded)."""

_CUSTOM_ONLY: Final = "CUSTOM_AUTH_FLOW_ONLY"


class AllowedFlows:
    """Refuses a flow that the app client leaves out and MiniStack takes all the same."""

    def __init__(self, pools: LocalPools) -> None:
        self._pools = pools

    async def __call__(self, call: Call, go_on: Next) -> Reply:
        """Return the pool's reply. Raises RefusalError for a flow that is not allowed."""
        is_flow = call.starts_sign_in or call.refreshes
        if is_flow and (client := await self._pools.find_client(call)):
            if call.refreshes:
                _check_refresh(client)
            else:
                _check_sign_in(client, call.find_text("AuthFlow"))
        return await go_on(call)


def _check_sign_in(client: AppClient, flow: str) -> None:
    if not client.flows and flow in _PASSWORD_FLOWS:
        raise RefusalError("InvalidParameterException", _PASSWORD_FLOWS[flow])
    if _CUSTOM_ONLY in client.flows and flow != "CUSTOM_AUTH":
        raise RefusalError("InvalidParameterException", f"{flow} is not enabled for the client.")


def _check_refresh(client: AppClient) -> None:
    """Refuse where new names of flows are given and refreshing is not among them; the text is unverified."""
    flows = client.flows or frozenset(DEFAULT_FLOWS)
    if any(flow.startswith("ALLOW_") for flow in flows) and "ALLOW_REFRESH_TOKEN_AUTH" not in flows:
        raise RefusalError("InvalidParameterException", "REFRESH_TOKEN_AUTH is not enabled for the client.")
