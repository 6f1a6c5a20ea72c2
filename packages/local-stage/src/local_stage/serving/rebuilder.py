"""Builds the stage again while it serves, and tells what has changed."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from local_stage.api_gateway.rest.stage import Stage
from local_stage.errors import StartError
from local_stage.serving.stage_builder import BuiltStage

logger: Final = logging.getLogger("local_stage")


class Rebuilder:
    """Replaces a built stage by the next one: after a save of the template, or an end of the local AWS."""

    def __init__(
        self,
        rebuild: Callable[[], Awaitable[BuiltStage]],
        built: BuiltStage,
        *,
        tell: Callable[[BuiltStage], None],
        withdraw: Callable[[], None],
    ) -> None:
        """Begin with `built`; `rebuild` is StageBuilder's.

        `tell` tells developer and other commands of one that differs; `withdraw` takes back what they were
        told last. Both may raise StartError or OSError.
        """
        self._rebuild = rebuild
        self._built = built
        self._tell = tell
        self._withdraw = withdraw

    @property
    def built(self) -> BuiltStage:
        """The stage that was built last."""
        return self._built

    async def rebuild_after_save(self) -> Stage:
        """Return the stage of the template as it is now. Raises StartError for what cannot be served."""
        self._built = await self._rebuild()
        self._tell_or_withdraw()
        return self._built.stage

    async def rebuild_after_restart(self) -> Stage:
        """Return the stage with what the local AWS holds now, and say whether it holds what it held.

        Raises StartError for what cannot be served.
        """
        earlier, self._built = self._built, await self._rebuild()
        before, now = earlier.deployment, self._built.deployment
        if now.local_user_pool_arns >= before.local_user_pool_arns:
            logger.info("The local AWS runs again, with its user pool and keys")
        else:
            logger.warning("The local AWS runs again without its user pool and users: create them anew")
        if now.outputs != before.outputs or self._built.running != earlier.running:
            self._tell_or_withdraw()
        return self._built.stage

    def _tell_or_withdraw(self) -> None:
        """Tell of the stage; it is served even where a full disk keeps other commands from being told."""
        try:
            self._tell(self._built)
        except (OSError, StartError) as error:
            logger.warning(
                "%s; until the template is saved again other commands do not find this stage", error
            )
            with contextlib.suppress(OSError, StartError):
                self._withdraw()
