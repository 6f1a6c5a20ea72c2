"""What Lambda authorizers of both kinds of API have alike: a function is asked, its result is kept."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from local_stage.api_gateway.authorizers.authorizer import Authorization, AuthorizationRequest, MethodCall
from local_stage.api_gateway.authorizers.authorizer_result import AuthorizerResult, AuthorizerResultError
from local_stage.api_gateway.authorizers.identity_source import IdentitySource
from local_stage.api_gateway.authorizers.result_cache import ResultCache
from local_stage.api_gateway.exchange import Clock
from local_stage.api_gateway.gateway_error import GatewayError, authorizer_configuration_error, unauthorized
from local_stage.api_gateway.integrations.integration import Function
from local_stage.lambda_runtime.function_error import FunctionError

_encode: Final = json.JSONEncoder(separators=(",", ":")).encode


class FunctionAuthorizerSettings(Protocol):
    """What the template says of every Lambda authorizer; `lifetime` is in seconds, 0 for nothing kept."""

    @property
    def name(self) -> str:
        """Its name in the template."""

    @property
    def function_arn(self) -> str:
        """The ARN by which its function is invoked."""

    @property
    def sources(self) -> Sequence[IdentitySource]:
        """Where a request says who calls."""

    @property
    def lifetime(self) -> int:
        """For how many seconds a result is kept."""


class FunctionAuthorizer[S: FunctionAuthorizerSettings](ABC):
    """Asks a function who calls, or a result of it that is not too old.

    What is kept is the result, by the values of the identity sources alone: every request is judged anew by
    it, also one for another method. A kind of API says what its function is sent, and how its result is read.
    """

    def __init__(
        self,
        settings: S,
        function: Function | None,
        clock: Clock,
        *,
        longest_call: float,
        has_time_limit: bool = True,
    ) -> None:
        """Ask this function; None stands for one that is not on this machine, so that nobody is let in.

        `longest_call` is in seconds, and counts only with `has_time_limit`.
        """
        self.settings = settings
        self._function = function
        self._longest_call = longest_call
        self._has_time_limit = has_time_limit
        self._results = ResultCache(settings.lifetime if settings.sources else 0, clock)

    async def authorize(self, asked: AuthorizationRequest) -> Authorization:
        """Return who calls, with the policy that the request has yet to be judged by.

        Raises GatewayError: 401 where an identity source is missing or the function says so, 500 where the
        function fails or returns what is no result.
        """
        identity = self.read_identity(asked)
        if asked.call is None:
            raise authorizer_configuration_error("a Lambda authorizer judges the call of a method alone")
        if (kept := self._find(identity)) is not None:
            return kept
        started = time.perf_counter()
        result = await self._ask(asked, asked.call, identity)
        self._results.keep(identity, result)
        return self._grant(result, round((time.perf_counter() - started) * 1000), "its policy")

    def find_kept(self, asked: AuthorizationRequest) -> Authorization | None:
        """Return what is kept of a request's caller, or None. Raises GatewayError (401) as `authorize`."""
        return self._find(self.read_identity(asked))

    def read_identity(self, asked: AuthorizationRequest) -> tuple[str, ...]:
        """Return the values of the identity sources. Raises GatewayError (401) where one is missing."""
        values = []
        for source in self.settings.sources:
            value = source.find(asked)
            if value is None or not value.strip():
                reason = f"the {source} is missing, which is an identity source of {self.settings.name}"
                raise unauthorized(f"{reason}; its function was not called")
            values.append(value)
        return tuple(values)

    def _find(self, identity: tuple[str, ...]) -> Authorization | None:
        kept = self._results.find(identity)
        if kept is None:
            return None
        origin = f"the policy from its cache ({kept.remaining:.0f} s left)"
        return self._grant(kept.result, 0, origin, is_kept=True)

    async def _ask(
        self, asked: AuthorizationRequest, call: MethodCall, identity: tuple[str, ...]
    ) -> AuthorizerResult:
        name = self.settings.name
        if self._function is None:
            reason = f"the function of {name}, {self.settings.function_arn}, is not on this machine"
            raise authorizer_configuration_error(f"{reason}, so that nobody is let in")
        event = self._build_event(asked, call, identity)
        try:
            async with asyncio.timeout(self._longest_call if self._has_time_limit else None):
                payload = await self._function.invoke(
                    _encode(event).encode(),
                    request_id=str(uuid.uuid4()),
                    trace_header=call.context.invocation_trace_header(self.settings.function_arn),
                )
        except TimeoutError:
            reason = f"the function of {name} has not answered within {self._longest_call:g} s"
            raise authorizer_configuration_error(reason) from None
        except FunctionError as error:
            raise self._refuse(error) from error
        try:
            return self._read_result(payload)
        except AuthorizerResultError as error:
            raise authorizer_configuration_error(f"what the function of {name} returned: {error}") from None

    @abstractmethod
    def _build_event(
        self, asked: AuthorizationRequest, call: MethodCall, identity: tuple[str, ...]
    ) -> Mapping[str, object]:
        """Return what the function is sent."""

    @abstractmethod
    def _read_result(self, payload: bytes) -> AuthorizerResult:
        """Read what the function returned. Raises AuthorizerResultError for what is no result."""

    @abstractmethod
    def _refuse(self, error: FunctionError) -> GatewayError:
        """Return the refusal of a request whose function failed."""

    @abstractmethod
    def _grant(
        self, result: AuthorizerResult, latency: int, origin: str, *, is_kept: bool = False
    ) -> Authorization:
        """Return what the stage is told of a result; `latency` is in milliseconds, 0 for one of the cache."""
