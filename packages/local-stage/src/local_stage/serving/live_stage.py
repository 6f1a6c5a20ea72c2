"""The current stage: a saved template is deployed before the next request gets its response."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.deployment.deployment import Deployment
from local_stage.errors import StartError, TemplateError, first_start_error
from local_stage.serving.stage_builder import BuiltStage

logger: Final = logging.getLogger("local_stage")

type FileState = tuple[int, int, int] | None
"""A file's inode, size in bytes and time of change in nanoseconds; None where there is none."""


_CLOCK_TICK: Final = 10_000_000
"""Nanoseconds by which a file system's clock may be behind the machine's."""


class SavedFiles:
    """A template's file, and those that are read for it, with their states when they were last looked at."""

    def __init__(self, template: Path) -> None:
        """Look at the template's file, which has to happen before it is read: a save meanwhile counts."""
        self.template = template
        self._states = {template: _read_state(template)}
        self._looked_at = time.time_ns()

    def was_saved(self) -> bool:
        """Return whether one of the files has changed since the last call that said so."""
        states = {file: _read_state(file) for file in self._states}
        if states == self._states:
            return False
        self._states = states
        self._looked_at = time.time_ns()
        return True

    def watch(self, files: Iterable[Path]) -> None:
        """Look at these files beside the template, and no more at those that were read for it before.

        A new one that was saved since the template was looked at may have been read before that: it counts
        as saved.
        """
        wanted = dict.fromkeys((self.template, *files))
        self._states = {file: self._states.get(file, self._look_at(file)) for file in wanted}

    def watch_more(self, files: Iterable[Path]) -> None:
        """Look at these files too."""
        self.watch((*self._states, *files))

    def _look_at(self, file: Path) -> FileState:
        state = _read_state(file)
        return None if state is not None and state[-1] > self._looked_at - _CLOCK_TICK else state


class LiveStage:
    """Hands each request to the stage of the newest template: the one holder of what is current.

    Requests under way finish on the stage that they came to. While the saved template cannot be served, every
    request gets 500: what it asks for may be what the stage cannot enforce, so the old stage must not go on
    serving in its place.
    """

    def __init__(
        self,
        files: SavedFiles,
        built: BuiltStage,
        rebuild: Callable[[], Awaitable[BuiltStage]],
        *,
        publish: Callable[[BuiltStage], None],
        withdraw: Callable[[], None],
    ) -> None:
        """Serve `built` until one of the files is saved, and then what `rebuild` returns.

        `rebuild` raises StartError for a template that cannot be served. `publish` shows a stage to developer
        and other commands, and `withdraw` takes back what it last showed them; both may raise StartError or
        OSError.
        """
        self._files = files
        self._files.watch(built.included)
        self._built = built
        self._rebuild = rebuild
        self._publish = publish
        self._withdraw = withdraw
        self._fault: GatewayError | None = None
        self._reload: asyncio.Task[None] | None = None
        self._building = asyncio.Lock()

    @property
    def built(self) -> BuiltStage:
        """The stage that was built last."""
        return self._built

    async def handle(self, request: HttpRequest, *, port: int) -> HttpResponse:
        """Return the response of the port's API, as the template now says."""
        await self._catch_up()
        api = self._built.gateway.find_api(port)
        if api is None:
            return _refuse_without_api(request, self._fault)
        if self._fault is not None:
            return api.refuse(request, self._fault)
        return await api.handle(request)

    async def catch_up(self) -> BuiltStage:
        """Return the current stage, having loaded a template that was saved, as `handle` does.

        Raises TemplateError where the saved template cannot be served.
        """
        await self._catch_up()
        if self._fault is not None:
            raise TemplateError(self._fault.reason)
        return self._built

    async def rebuild_after_restart(self) -> None:
        """Serve what the local AWS holds after it was started again; until then the stage goes on as it is.

        It goes on as well where it cannot be built. A stage that was closed because the local AWS ended in
        the middle of a deployment is open again afterwards.
        """
        async with self._building:
            try:
                before, self._built = self._built, await self._rebuild()
                _log_restart(before.deployment, self._built.deployment)
                if self._built.differs_from(before):
                    self._publish_or_withdraw()
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
        if self._files.was_saved():
            self._reload = asyncio.create_task(self._load_again())
        if (reload := self._reload) is not None:
            # Shielded: the first caller may go away, the others wait for the same reload.
            await asyncio.wait({reload})
            if self._reload is reload:
                self._reload = None

    async def _load_again(self) -> None:
        async with self._building:
            try:
                self._built = await self._rebuild()
                self._files.watch(self._built.included)
                self._publish_or_withdraw()
                self._fault = None
                logger.info("%s has been saved, and is served", self._files.template)
            except Exception as error:  # noqa: BLE001 - whatever it is, the old stage must not answer for the new one
                self._fault = _close(error)
                self._files.watch_more(_find_files(error))

    def _publish_or_withdraw(self) -> None:
        """Publish the stage; it is served even where a full disk keeps it from other commands."""
        try:
            self._publish(self._built)
        except (OSError, StartError) as error:
            logger.warning(
                "%s; until the template is saved again other commands do not find this stage", error
            )
            with contextlib.suppress(OSError, StartError):
                self._withdraw()


def _refuse_without_api(request: HttpRequest, fault: GatewayError | None) -> HttpResponse:
    """Return what is told where no API is, as AWS tells it of an API id that nobody has."""
    error = fault or gateway_error.unknown_stage("the template has no API at this port")
    path = ascii(request.path)[1:-1]
    logger.warning("%d %s %s: %s", error.status, request.method, path, error.reason)
    headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", error.error_type)]
    return HttpResponse(error.status, headers, error.default_body.encode())


def _log_restart(before: Deployment, now: Deployment) -> None:
    """Say whether the local AWS holds what it held before it was started again."""
    if now.local_user_pool_arns >= before.local_user_pool_arns:
        logger.info("The local AWS runs again, with its user pool and keys")
    else:
        logger.warning("The local AWS runs again without its user pool and users: create them anew")


def _close(error: Exception) -> GatewayError:
    """Return what every request gets, and tell the developer why."""
    known = first_start_error(error)
    told = map(str, known.reasons) if known else [f"a fault of the local stage itself: {error!r}"]
    why = "; ".join(told)
    is_fault = known is None
    logger.error("%s; every request gets 500 until it is mended", why, exc_info=error if is_fault else None)
    return gateway_error.api_configuration_error(f"the saved template cannot be served: {why}")


def _find_files(error: Exception) -> Iterator[Path]:
    """Yield the files that have to be mended, of which some may have been read for the first time."""
    known = first_start_error(error)
    for reason in known.reasons if known else ():
        if reason.file and Path(reason.file).is_file():
            yield Path(reason.file)


def _read_state(file: Path) -> FileState:
    try:
        status = os.stat(file)  # noqa: PTH116 - looked at for each request: Path.stat takes twice as long
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
