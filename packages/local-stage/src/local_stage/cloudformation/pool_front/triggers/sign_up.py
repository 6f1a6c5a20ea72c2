"""The triggers around a new user: before an administrator makes one, and after somebody is confirmed.

MiniStack itself fires PreSignUp for people who sign themselves up.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-sign-up.html
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-confirmation.html
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from local_stage.cloudformation.pool_front.accounts import read_pairs
from local_stage.cloudformation.pool_front.triggers.trigger_call import TriggerCall, attributes_of

_CONFIRMED_BY: Final = {"ConfirmForgotPassword": "ConfirmForgotPassword"}


async def begin_creation(call: TriggerCall) -> None:
    """Fire PreSignUp for a user whom an administrator makes. Raises RefusalError.

    Whatever the function says of confirming and verifying, Cognito does not heed it here.
    """
    parameters, username = call.asked.parameters, call.asked.find_text("Username")
    if parameters.get("MessageAction") == "RESEND" or not username:
        return
    if call.find_function("PreSignUp") is None or await call.find_user(username) is not None:
        return
    request = {
        "userAttributes": read_pairs(parameters.get("UserAttributes")),
        "validationData": read_pairs(parameters.get("ValidationData")) or None,
        "clientMetadata": call.client_metadata,
    }
    if call.pool.get("UsernameAttributes"):
        # The name of a user who signs in by address is the `sub`, which MiniStack chooses later by itself.
        username = str(uuid.uuid4())
    answers = dict.fromkeys(("autoConfirmUser", "autoVerifyEmail", "autoVerifyPhone"), False)
    await call.fire("PreSignUp", "AdminCreateUser", username, request, **answers)


async def end_confirmation(call: TriggerCall, _: Mapping[str, Any]) -> None:
    """Fire PostConfirmation after a user, or a new password, is confirmed. Raises RefusalError."""
    if call.find_function("PostConfirmation") is None:
        return
    user = await call.find_user(call.asked.find_text("Username"))
    if user is not None:
        source = _CONFIRMED_BY.get(call.asked.operation, "ConfirmSignUp")
        request = {"userAttributes": attributes_of(user), "clientMetadata": call.client_metadata}
        await call.fire("PostConfirmation", source, user.name, request)
