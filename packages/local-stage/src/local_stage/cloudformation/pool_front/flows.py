"""The flows that an app client allows: Cognito's by default, and refreshing only where it is among them.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from local_stage.cloudformation.pool_front.accounts import AppClient, invalid_parameter
from local_stage.cloudformation.pool_front.exchange import Call, Next, Reply
from local_stage.cloudformation.pool_settings import DEFAULT_FLOWS

_PASSWORD_FLOWS: Final[Mapping[str, str]] = {
    "USER_PASSWORD_AUTH": "USER_PASSWORD_AUTH flow not enabled for this client",
    "ADMIN_USER_PASSWORD_AUTH": "Auth flow not enabled for this client",
    "ADMIN_NO_SRP_AUTH": "Auth flow not enabled for this client",
}
"""The flows that a client without ExplicitAuthFlows does not allow, with Cognito's texts (recorded)."""

_CUSTOM_ONLY: Final = "CUSTOM_AUTH_FLOW_ONLY"


async def guard_flows(call: Call, go_on: Next) -> Reply:
    """Return the pool's reply. Raises RefusalError for a flow that the app client does not allow."""
    if call.client and call.starts_sign_in:
        _check_sign_in(call.client, call.find_text("AuthFlow"))
    elif call.client and (call.refreshes or call.exchanges_refresh_token):
        _check_refresh(call.client)
    return await go_on(call)


def _check_sign_in(client: AppClient, flow: str) -> None:
    if not client.flows and flow in _PASSWORD_FLOWS:
        raise invalid_parameter(_PASSWORD_FLOWS[flow])
    if _CUSTOM_ONLY in client.flows and flow != "CUSTOM_AUTH":
        raise invalid_parameter(f"{flow} is not enabled for the client.")


def _check_refresh(client: AppClient) -> None:
    """Refuse where new names of flows are given and refreshing is not among them; the text is unverified.

    A client that rotates refresh tokens has to leave the flow out, and its own guard sees to it.
    """
    flows = client.flows or frozenset(DEFAULT_FLOWS)
    allows = "ALLOW_REFRESH_TOKEN_AUTH" in flows or not any(flow.startswith("ALLOW_") for flow in flows)
    if not allows and client.grace is None:
        raise invalid_parameter("REFRESH_TOKEN_AUTH is not enabled for the client.")
