"""Keeps the local AWS running while the stage does."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from typing import Final, NoReturn

from local_stage.cloudformation.local_aws import LocalAws
from local_stage.errors import StartError

FIRST_DELAY: Final = 0.5
LONGEST_DELAY: Final = 10.0
"""Seconds before a start that follows a short life; the delay doubles from one to the next."""

SHORT_LIFE: Final = 2.0
"""Seconds that it was up; after a longer life it is started again at once."""

logger: Final = logging.getLogger("local_stage")


class LocalAwsSupervisor:
    """Keeps a local AWS running. While it is down, the stage verifies tokens with the keys that it has."""

    def __init__(self, local_aws: LocalAws, after_restart: Callable[[], Awaitable[None]]) -> None:
        """Call `after_restart` each time that the local AWS is up again; the callback raises nothing."""
        self._local_aws = local_aws
        self._after_restart = after_restart
        self._delay = 0.0

    async def run(self) -> NoReturn:
        """Wait for the end of the local AWS and start it again, until this is cancelled."""
        while True:
            started = asyncio.get_running_loop().time()
            self._log_end(await self._local_aws.wait())
            lived = asyncio.get_running_loop().time() - started
            self._delay = 0.0 if lived > SHORT_LIFE else self._delay
            await self._start_again()
            await self._after_restart()

    async def _start_again(self) -> None:
        while True:
            await asyncio.sleep(self._delay)
            self._delay = min(max(FIRST_DELAY, 2 * self._delay), LONGEST_DELAY)
            try:
                await self._local_aws.start_again()
            except (OSError, StartError) as error:
                logger.error("%s; the next attempt follows in %g s", error, self._delay)  # noqa: TRY400 - no fault of ours
            else:
                return

    def _log_end(self, exit_code: int) -> None:
        how = signal.Signals(-exit_code).name if exit_code < 0 else f"exit code {exit_code}"
        logger.error(
            "The local AWS has died (%s) and is started again; tokens are still verified meanwhile", how
        )
        # A loss that it has reported already is reported again when it starts.
        if self._local_aws.problem is None and not self._local_aws.is_saved:
            logger.warning("The last changes to services other than Cognito may be lost")
