"""Builds the stage again while it serves, and tells what has changed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from local_stage.api_gateway.stage import Stage
from local_stage.stage_builder import BuiltStage, StageBuilder

logger: Final = logging.getLogger("local_stage")


class Rebuilder:
    """Replaces a built stage by the next one: after a save of the template, or an end of the local AWS."""

    def __init__(self, builder: StageBuilder, built: BuiltStage, tell: Callable[[BuiltStage], None]) -> None:
        """Begin with `built`; `tell` tells developer and other commands of one that differs."""
        self._builder = builder
        self._built = built
        self._tell = tell

    async def rebuild_after_save(self) -> Stage:
        """Return the stage of the template as it is now. Raises StartError for what cannot be served."""
        self._built = await self._builder.rebuild()
        self._tell(self._built)
        return self._built.stage

    async def rebuild_after_restart(self) -> Stage:
        """Return the stage with what the local AWS holds now, and say whether it holds what it held.

        Raises StartError for what cannot be served.
        """
        before, self._built = self._built.deployment, await self._builder.rebuild()
        now = self._built.deployment
        if now.local_user_pool_arns >= before.local_user_pool_arns:
            logger.info("The local AWS runs again, with the users and keys that it had")
        else:
            logger.warning("The local AWS runs again without the users that it had: create them anew")
        if now.outputs != before.outputs:
            self._tell(self._built)
        return self._built.stage
