"""One call of a user pool's API while it is under way: whose triggers fire, and with what.

MiniStack handles a call in a thread of its own with the call's context, so that what it fires itself finds
the call there.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

from local_stage.cloudformation.function_forwarder import Invoke
from local_stage.cloudformation.pool_front.accounts import RefusalError, User, read_pairs
from local_stage.cloudformation.pool_front.exchange import Call, Reply
from local_stage.cloudformation.pool_front.local_pools import LocalPools
from local_stage.cloudformation.pool_front.triggers.token_generation import (
    PRE_TOKEN_GENERATION,
    TokenChanges,
    override,
)
from local_stage.cloudformation.pool_front.triggers.trigger import fire
from local_stage.cloudformation.pool_front.user_factors import UserFactors

CALL: Final[ContextVar[TriggerCall | None]] = ContextVar("the pool's call under way", default=None)
NO_CLIENT: Final = "CLIENT_ID_NOT_APPLICABLE"
_NAMES: Final = {"TokenGeneration": PRE_TOKEN_GENERATION}
"""The trigger of a source that does not begin with the trigger's name."""
_NULL: Final = frozenset({"usernameParameter", "validationData"})


@dataclass(slots=True)
class TriggerCall:
    """What is asked of a pool, with what its triggers need and have made of it.

    `failure` is the first error of a trigger that MiniStack fires, and what the caller gets. `changes` are
    what a PreTokenGeneration trigger has made of the tokens. `has_authenticated` says that PreAuthentication,
    if the pool has it, has let the user pass. `sends_nothing` says that the reply tells of a message which
    there is not, so that nobody learns who is there. `token_source` is the source of the tokens' trigger that
    waits for the second factor.
    """

    pools: LocalPools
    factors: UserFactors
    invoke: Invoke
    asked: Call
    failure: RefusalError | None = None
    changes: TokenChanges | None = None
    has_authenticated: bool = False
    sends_nothing: bool = False
    token_source: str = "TokenGeneration_Authentication"  # noqa: S105 - a trigger's source
    _generates: bool = False
    _returned: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def pool(self) -> Mapping[str, Any]:
        """The pool's description, empty where it is not known."""
        return self.asked.pool or {}

    @property
    def pool_id(self) -> str:
        """The pool's id."""
        return str(self.pool.get("Id", ""))

    @property
    def client_id(self) -> str:
        """The app client's id, as triggers get it."""
        return self.asked.client.client_id if self.asked.client else NO_CLIENT

    @property
    def client_metadata(self) -> Mapping[str, str] | None:
        """What the caller has given as ClientMetadata."""
        return self.asked.parameters.get("ClientMetadata") or None

    @property
    def hides_existence(self) -> bool:
        """Whether the app client tells nobody whether there is a user (PreventUserExistenceErrors)."""
        settings = self.asked.client.settings if self.asked.client else {}
        return settings.get("PreventUserExistenceErrors") == "ENABLED"

    @property
    def defers_tokens(self) -> bool:
        """Whether the tokens' trigger waits until it is known that the pool asks for no more factor.

        MiniStack makes tokens as soon as the password is proved.
        """
        client, asked = self.asked.client, self.asked
        if client is None or not client.may_ask_for_factor:
            return False
        triggers = self.pool.get("LambdaConfig") or {}
        has_trigger = any(
            triggers.get(name) for name in (PRE_TOKEN_GENERATION, f"{PRE_TOKEN_GENERATION}Config")
        )
        return has_trigger and (asked.starts_sign_in or asked.answers_challenge)

    def find_function(self, trigger: str) -> str | None:
        """Return the ARN of the function that the pool names for a trigger."""
        value = (self.pool.get("LambdaConfig") or {}).get(trigger)
        return value if isinstance(value, str) and value else None

    async def generate_tokens(self, refresh_token: str) -> Reply:
        """Return the pool's tokens of a sign-in once more, with what the tokens' trigger makes of them."""
        self._generates = True
        asked = {"ClientId": self.client_id, "RefreshToken": refresh_token}
        return await self.pools.order("GetTokensFromRefreshToken", **asked)

    async def order(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Return what the pool itself replies to an administrator, who changes something there."""
        return (await self.pools.order(operation, UserPoolId=self.pool_id, **parameters)).content

    async def find_user(self, name: str) -> User | None:
        """Return the user of a name, an alias or a `sub`, or None where there is none."""
        return await self.pools.find_user(self.pool_id, name)

    async def fire(
        self, trigger: str, source: str, username: str, request: Mapping[str, Any], **response: Any
    ) -> dict[str, Any]:
        """Invoke the function of a trigger, if the pool has it, and return the `response` that it gives.

        `response` has the keys that a function fills, with what stands there before. What is None in
        `request` is left out, but for what Cognito gives as null. Raises RefusalError.
        """
        arn = self.find_function(trigger)
        if arn is None:
            return response
        event = {
            "version": "1",
            "triggerSource": f"{trigger}_{source}",
            "region": self.pool_id.partition("_")[0],
            "userPoolId": self.pool_id,
            "userName": username,
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": self.client_id},
            "request": {name: value for name, value in request.items() if value is not None or name in _NULL},
            "response": response,
        }
        returned: dict[str, Any] = (await asyncio.to_thread(fire, self.invoke, trigger, arn, event))[
            "response"
        ]
        return returned

    def fire_for_pool(self, arn: str, event: dict[str, Any]) -> dict[str, Any]:
        """Return what the stage would tell of an invocation that MiniStack itself asks for.

        The trigger gets what Cognito gives it, the tokens' trigger fires once, and of what a function returns
        MiniStack sees what Cognito takes. After a failure nothing more fires.
        """
        source = str(event["triggerSource"])
        name = _NAMES.get(source.partition("_")[0], source.partition("_")[0])
        try:
            return _tell(self._fire_once(name, source, arn, event))
        except RefusalError as error:
            self.failure = error
            return _tell({"errorType": error.kind, "errorMessage": error.message}, error.kind)

    def _fire_once(self, name: str, source: str, arn: str, event: dict[str, Any]) -> dict[str, Any]:
        if self.failure is not None:
            raise self.failure
        if name != PRE_TOKEN_GENERATION:
            self._complete(name, event)
            return fire(self.invoke, name, arn, event)
        if self._generates:
            event["triggerSource"] = source = self.token_source
        elif self.defers_tokens:
            self.token_source = source
            return event
        if source not in self._returned:
            self._complete(name, event)
            self._returned[source] = fire(self.invoke, name, arn, event)
        returned = self._returned[source]
        client_id = event["callerContext"]["clientId"]
        changed, self.changes = override(event["version"], returned["response"], client_id)
        return {**returned, "response": changed}

    def _complete(self, name: str, event: dict[str, Any]) -> None:
        """Make of MiniStack's event the one that Cognito gives."""
        request = event["request"]
        if name == "PreSignUp":
            request["userAttributes"].pop("sub", None)
            request["validationData"] = read_pairs(self.asked.parameters.get("ValidationData")) or None
            request["clientMetadata"] = self.client_metadata
        elif name == "VerifyAuthChallengeResponse":
            for extra in ("session", "challengeName", "publicChallengeParameters"):
                request.pop(extra, None)
        if self._generates or self.asked.operation == "GetTokensFromRefreshToken":
            request["clientMetadata"] = self.client_metadata
        if self.asked.operation.endswith("InitiateAuth") or not request.get("clientMetadata"):
            # InitiateAuth gives its ClientMetadata to the triggers before the sign-in alone:
            # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html
            request.pop("clientMetadata", None)


def attributes_of(user: User) -> Mapping[str, str]:
    """Return a user's attributes as triggers get them."""
    return {**user.attributes, "cognito:user_status": user.status}


def _tell(payload: Mapping[str, Any], error_type: str = "") -> dict[str, Any]:
    return {"payload": json.dumps(payload), "error_type": error_type, "log": []}
