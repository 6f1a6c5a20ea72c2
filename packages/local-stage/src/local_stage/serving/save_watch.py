"""Loads what is saved when it is saved, so that a mistake is told at once and not at the next call."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Final

from local_stage.errors import TemplateError
from local_stage.lambda_runtime.functions import Functions
from local_stage.serving.live_stage import LiveStage

INTERVAL: Final = 0.5
"""Seconds between two looks at the files."""

logger: Final = logging.getLogger("local_stage")


async def watch_saves(live_stage: LiveStage, functions: Functions, interval: float = INTERVAL) -> None:
    """Look at the template's files and the functions' again and again until it is cancelled.

    What the look finds is told in the log by who loads it; a request that comes first loads it as well.
    """
    while True:
        await asyncio.sleep(interval)
        try:
            with contextlib.suppress(TemplateError):
                await live_stage.catch_up()
            await functions.look_ahead()
        except Exception:
            logger.exception("the look at saved files has failed; the next request looks again")
