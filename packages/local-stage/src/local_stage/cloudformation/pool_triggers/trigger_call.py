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
from typing import Any, Final, Self

from local_stage.cloudformation.browser_guard import Scope
from local_stage.cloudformation.pool_front.user_names import find_spelling, has_case
from local_stage.cloudformation.pool_operations import PoolOperations
from local_stage.cloudformation.pool_triggers.token_generation import (
    PRE_TOKEN_GENERATION,
    TokenChanges,
    override,
)
from local_stage.cloudformation.pool_triggers.trigger import Invoke, TriggerError, fire

CALL: Final[ContextVar[TriggerCall | None]] = ContextVar("the pool's call under way", default=None)
NO_CLIENT: Final = "CLIENT_ID_NOT_APPLICABLE"
_NAMES: Final = {"TokenGeneration": PRE_TOKEN_GENERATION}
"""The trigger of a source that does not begin with the trigger's name."""
_NULL: Final = frozenset({"usernameParameter", "validationData"})


@dataclass(frozen=True, slots=True)
class User:
    """A user of a pool; `attributes` are as triggers get them, `status` is AWS's UserStatus."""

    name: str
    attributes: Mapping[str, str]
    status: str

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> Self:
        """Return the user that AdminGetUser describes."""
        status = str(described.get("UserStatus") or "")
        attributes = read_pairs(described.get("UserAttributes")) or {}
        return cls(str(described["Username"]), {**attributes, "cognito:user_status": status}, status)


@dataclass(slots=True)
class TriggerCall:
    """A call: its operation, its body as an object, and the described pool and app client that it is for.

    `failure` is the first error of a trigger, which is then what the caller gets. `changes` are what a
    PreTokenGeneration trigger has made of the tokens. `has_authenticated` says that PreAuthentication, if the
    pool has it, has let the user pass.
    """

    operations: PoolOperations
    invoke: Invoke
    scope: Scope
    operation: str
    body: dict[str, Any]
    pool: Mapping[str, Any] = field(default_factory=dict)
    client_id: str = NO_CLIENT
    failure: TriggerError | None = None
    changes: TokenChanges | None = None
    has_authenticated: bool = False
    _returned: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def pool_id(self) -> str:
        """The pool's id."""
        return str(self.pool.get("Id", ""))

    @property
    def client_metadata(self) -> Mapping[str, str] | None:
        """What the caller has given as ClientMetadata."""
        return self.body.get("ClientMetadata") or None

    def find_function(self, trigger: str) -> str | None:
        """Return the ARN of the function that the pool names for a trigger."""
        value = (self.pool.get("LambdaConfig") or {}).get(trigger)
        return value if isinstance(value, str) and value else None

    async def ask(self, operation: str, **payload: Any) -> dict[str, Any]:
        """Return what the pool itself answers to an operation of an administrator."""
        return await self.operations.call(self.scope, operation, {"UserPoolId": self.pool_id, **payload})

    async def find_user(self, username: Any) -> User | None:
        """Return a user by name, alias or `sub`; in a pool without case a name is good in any."""
        described = await self.ask("AdminGetUser", Username=username)
        if "Username" not in described and isinstance(username, str) and not has_case(self.pool):
            spelled = await self._find_spelling(username)
            described = await self.ask("AdminGetUser", Username=spelled) if spelled else {}
        return User.of(described) if "Username" in described else None

    async def _find_spelling(self, typed: str) -> str | None:
        page: dict[str, Any] = {}
        while True:
            page = await self.ask("ListUsers", **page)
            for user in page.get("Users", ()):
                if spelled := find_spelling(self.pool, user, typed):
                    return spelled
            if not page.get("PaginationToken"):
                return None
            page = {"PaginationToken": page["PaginationToken"]}

    async def hides_existence(self) -> bool:
        """Say whether the app client tells nobody whether there is a user (PreventUserExistenceErrors)."""
        client = await self.operations.describe_client(self.scope, self.pool_id, self.client_id)
        return client.get("PreventUserExistenceErrors") == "ENABLED"

    async def fire(
        self, trigger: str, source: str, username: str, request: Mapping[str, Any], **response: Any
    ) -> dict[str, Any]:
        """Invoke the function of a trigger, if the pool has it, and return the `response` that it gives.

        `response` has the keys that a function fills, with what stands there before. What is None in
        `request` is left out, but for what Cognito gives as null. Raises TriggerError.
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
        except TriggerError as error:
            self.failure = error
            return _tell({"errorType": error.error_type, "errorMessage": error.message}, error.error_type)

    def _fire_once(self, name: str, source: str, arn: str, event: dict[str, Any]) -> dict[str, Any]:
        if self.failure is not None:
            raise self.failure
        if name != PRE_TOKEN_GENERATION:
            self._complete(name, event)
            return fire(self.invoke, name, arn, event)
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
            request["validationData"] = read_pairs(self.body.get("ValidationData"))
            request["clientMetadata"] = self.client_metadata
        elif name == "VerifyAuthChallengeResponse":
            for extra in ("session", "challengeName", "publicChallengeParameters"):
                request.pop(extra, None)
        if self.operation == "GetTokensFromRefreshToken":
            request["clientMetadata"] = self.client_metadata
        if self.operation.endswith("InitiateAuth") or not request.get("clientMetadata"):
            # InitiateAuth gives its ClientMetadata to the triggers before the sign-in alone:
            # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html
            request.pop("clientMetadata", None)


def read_pairs(value: Any) -> dict[str, str] | None:
    """Return what a list of `Name` and `Value` holds; None without any."""
    pairs = {str(one.get("Name")): str(one.get("Value", "")) for one in value or () if isinstance(one, dict)}
    return pairs or None


def _tell(payload: Mapping[str, Any], error_type: str = "") -> dict[str, Any]:
    return {"payload": json.dumps(payload), "error_type": error_type, "log": []}
