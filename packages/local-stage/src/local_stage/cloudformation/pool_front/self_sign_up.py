"""Who may sign themselves up, and what they are told of the code that is sent to them.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUserConfigType.html
The masked address, and that there is none where nothing is verified, were seen on AWS (moto's tests).
"""

from __future__ import annotations

from typing import Any, Final

from local_stage.cloudformation.pool_front.accounts import AppClient, not_authorized
from local_stage.cloudformation.pool_front.exchange import Call, Next, Reply

_DETAILS: Final = "CodeDeliveryDetails"
_SHOWN_DIGITS: Final = 4
_SENDING: Final = frozenset({"ForgotPassword", "ResendConfirmationCode", "SignUp"})


async def guard_sign_up(call: Call, go_on: Next) -> Reply:
    """Return the pool's reply. Raises RefusalError for a sign-up where administrators alone create users."""
    if call.operation not in _SENDING or call.client is None:
        return await go_on(call)
    config = call.client.pool.get("AdminCreateUserConfig") or {}
    is_closed = str(config.get("AllowAdminCreateUserOnly", "")).lower() == "true"
    if call.operation == "SignUp" and is_closed:
        raise not_authorized("SignUp is not permitted for this user pool")
    reply = await go_on(call)
    content = reply.content
    if _DETAILS not in content:
        return reply
    others = {name: value for name, value in content.items() if name != _DETAILS}
    if call.operation == "SignUp" and not _is_verified(call.client, content[_DETAILS]):
        return reply.change(others)
    destination = mask(str(content[_DETAILS].get("Destination")))
    return reply.change({**others, _DETAILS: {**content[_DETAILS], "Destination": destination}})


def _is_verified(client: AppClient, details: dict[str, Any]) -> bool:
    return details.get("AttributeName") in (client.pool.get("AutoVerifiedAttributes") or ())


def mask(address: str) -> str:
    """Return an address with its first letters alone, as `t***@t***`, or a number's last digits, `+***1234`.

    What is neither stays as it is.
    """
    local, at, domain = address.partition("@")
    if at:
        return f"{local[:1]}***@{domain[:1]}***"
    hidden = len(address) - 1 - _SHOWN_DIGITS
    return f"+{'*' * hidden}{address[-_SHOWN_DIGITS:]}" if address.startswith("+") and hidden > 0 else address
