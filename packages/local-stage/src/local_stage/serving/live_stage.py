"""The stage as the template on disk says: a save is deployed before the next request is answered."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.api_gateway.rest.stage import Stage
from local_stage.errors import StartError, TemplateError

logger: Final = logging.getLogger("local_stage")

type FileState = tuple[int, int, int] | None
"""A file's inode, size in bytes and time of change in nanoseconds; None where there is none."""


class SavedFile:
    """A file and its state when it was last looked at."""

    def __init__(self, file: Path) -> None:
        self.path = file
        self._state = _read_state(file)

    def was_saved(self) -> bool:
        """Return whether the file has changed since the last call that said so."""
        state = _read_state(self.path)
        if state == self._state:
            return False
        self._state = state
        return True


class LiveStage:
    """Hands each request to the stage of the newest template.

    Requests under way finish on the stage that they came to. While the saved template cannot be served, every
    request gets 500: what it asks for may be what the stage cannot enforce, so the old one must not go on
    answering in its place.
    """

    def __init__(self, template: SavedFile, stage: Stage, rebuild: Callable[[], Awaitable[Stage]]) -> None:
        """Serve `stage` until `template` is saved, and then what `rebuild` returns.

        `rebuild` raises StartError for a template that cannot be served.
        """
        self._template = template
        self._stage = stage
        self._rebuild = rebuild
        self._fault: GatewayError | None = None
        self._reload: asyncio.Task[None] | None = None
        self._building = asyncio.Lock()

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Return the answer of the stage that the template now is."""
        await self._catch_up()
        if self._fault is not None:
            return self._stage.refuse(request, self._fault)
        return await self._stage.handle(request)

    async def catch_up(self) -> None:
        """Load a template that has been saved, as `handle` does before it hands on a request.

        Raises TemplateError where the saved template cannot be served.
        """
        await self._catch_up()
        if self._fault is not None:
            raise TemplateError(self._fault.reason)

    async def renew(self, rebuild: Callable[[], Awaitable[Stage]]) -> None:
        """Serve what `rebuild` returns; the stage that there is answers meanwhile, and goes on if it fails.

        For what a stage is made of besides its template: a local AWS that has been started again. It also
        opens a stage which that one's end has closed in the middle of a deployment.
        """
        async with self._building:
            try:
                self._stage = await rebuild()
                self._fault = None
            except Exception as error:
                why = first_start_error(error)
                logger.warning(
                    "%s; the stage goes on", why or "a fault of the local stage itself", exc_info=not why
                )

    async def stop(self) -> None:
        """Give up a reload that is under way."""
        if self._reload is not None:
            self._reload.cancel()
            await asyncio.wait({self._reload})

    async def _catch_up(self) -> None:
        if self._template.was_saved():
            self._reload = asyncio.create_task(self._load_again())
        if (reload := self._reload) is not None:
            # Shielded: the first caller may go away, the others wait for the same reload.
            await asyncio.wait({reload})
            if self._reload is reload:
                self._reload = None

    async def _load_again(self) -> None:
        async with self._building:
            logger.info("%s has been saved", self._template.path)
            try:
                self._stage = await self._rebuild()
                self._fault = None
            except Exception as error:  # noqa: BLE001 - whatever it is, the old stage must not answer for the new one
                self._fault = _close(error)


def _close(error: Exception) -> GatewayError:
    """Return what every request gets, and tell the developer why."""
    why = str(first_start_error(error) or f"a fault of the local stage itself: {error!r}")
    is_fault = first_start_error(error) is None
    logger.error("%s; every request gets 500 until it is mended", why, exc_info=error if is_fault else None)
    return gateway_error.api_configuration_error(f"the saved template cannot be served: {why}")


def first_start_error(error: BaseException) -> StartError | None:
    """Return the error if it is a StartError, or the first one in a group, however deep it lies."""
    if isinstance(error, StartError):
        return error
    if isinstance(error, BaseExceptionGroup):
        return next(filter(None, map(first_start_error, error.exceptions)), None)
    return None


def _read_state(file: Path) -> FileState:
    try:
        status = os.stat(file)  # noqa: PTH116 - looked at for each request: Path.stat takes twice as long
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
