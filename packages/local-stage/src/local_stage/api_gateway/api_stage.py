"""What every stage does with a request, whatever its API's kind: it responds, records, and fails closed."""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from local_stage.api_gateway.api import Route
from local_stage.api_gateway.exchange import Clock, Exchange, RequestContext
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.api_gateway.integrations.integration import IntegrationResponse
from local_stage.api_gateway.throttle import RefusalPace, Throttle, Throttles

logger: Final = logging.getLogger(__name__)


class StagedApi(Protocol):
    """What a template says of an API with one stage, as far as every stage needs it."""

    @property
    def api_id(self) -> str:
        """The API's id."""

    @property
    def logical_id(self) -> str:
        """The API's name in the template."""

    @property
    def routes(self) -> Sequence[Route]:
        """Every verb and path that the API has."""

    @property
    def throttles(self) -> Mapping[tuple[str, str], Throttle | None]:
        """The throttles by verb and path."""


class ApiStage(ABC):
    """A stage that no request and no bug brings down or opens: whatever fails, its client is refused.

    A kind of API says how it finds the response, how it words a refusal, and what it puts on all it sends.
    """

    def __init__(self, api: StagedApi, record: Callable[[Exchange], None], clock: Clock) -> None:
        """Serve an API; `record` is told of every response."""
        self._api = api
        self._record = record
        self._clock = clock
        self._throttles = Throttles(api.throttles, clock)
        self._refusals = RefusalPace(time.monotonic)

    @property
    def id(self) -> str:
        """The API's id."""
        return self._api.api_id

    @property
    def logical_id(self) -> str:
        """The API's name in the template."""
        return self._api.logical_id

    @property
    def routes(self) -> Sequence[Route]:
        """Every verb and path that the API has."""
        return self._api.routes

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Return the response to a request, whatever it is; nothing is raised but cancellation."""
        started = time.perf_counter()
        context = self._new_context(request)
        error, fault, trace = None, None, None
        try:
            try:
                response, trace = await self._respond(request, context)
            except GatewayError as refusal:
                error = self._as_own(refusal)
                if context.integration is None:
                    await self._refusals.wait()
                response = self._build_refusal(error, request, context)
        except Exception as bug:  # noqa: BLE001 - whatever it is, the client has a response and the door is shut
            error, fault = self._as_fault(f"a fault of the local stage itself: {type(bug).__name__}"), bug
            response = self._build_refusal(error, request, context)
        self._complete(request, response, context, trace, error)
        self._publish(Exchange(request, response, context, time.perf_counter() - started, error, fault))
        # Their tracebacks hold this frame: if it held them, only the garbage collector would find all of it.
        del error, fault
        return response

    def refuse(self, request: HttpRequest, error: GatewayError) -> HttpResponse:
        """Return the response to a request that is refused whatever it asks for."""
        context = self._new_context(request)
        refusal = self._as_own(error)
        response = self._build_refusal(refusal, request, context)
        self._complete(request, response, context, None, refusal)
        self._publish(Exchange(request, response, context, 0.0, refusal))
        return response

    def _publish(self, exchange: Exchange) -> None:
        try:
            self._record(exchange)
        except Exception:  # a full disk must not keep a response back
            logger.exception("a response could not be recorded")

    @abstractmethod
    def _new_context(self, request: HttpRequest) -> RequestContext:
        """Return the context of a request that has just come in."""

    @abstractmethod
    async def _respond(self, request: HttpRequest, context: RequestContext) -> IntegrationResponse:
        """Return the response to a request that passes. Raises GatewayError for one that is refused."""

    @abstractmethod
    def _as_own(self, error: GatewayError) -> GatewayError:
        """Return an error as this kind of API words it."""

    @abstractmethod
    def _as_fault(self, reason: str) -> GatewayError:
        """Return what the client gets of a bug of the stage's own: 500."""

    @abstractmethod
    def _build_refusal(
        self, error: GatewayError, request: HttpRequest, context: RequestContext
    ) -> HttpResponse:
        """Return the response to a request that is refused."""

    @abstractmethod
    def _complete(
        self,
        request: HttpRequest,
        response: HttpResponse,
        context: RequestContext,
        trace: str | None,
        error: GatewayError | None,
    ) -> None:
        """Put on a response what every one of this kind of API carries; `trace` is its integration's."""
