"""The environments of a function that wait for an invocation."""

from __future__ import annotations

from collections.abc import Callable

from local_stage.lambda_runtime.execution_environment import ExecutionEnvironment


class IdleEnvironments:
    """Environments that nobody uses, and since when by the clock, the one used last at the end."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since: dict[ExecutionEnvironment, float] = {}

    def put(self, environment: ExecutionEnvironment) -> None:
        """Take an environment that waits from now on."""
        self._since[environment] = self._clock()

    def take(self) -> ExecutionEnvironment | None:
        """Return the environment used last, so that few stay warm, and None where there is none."""
        while self._since:
            environment, _ = self._since.popitem()
            if environment.is_ready():
                return environment
            # Its process has ended, or a child has spoken for it: whose answer comes next, nobody can tell.
            environment.runtime_lost()
        return None

    def take_unused(self, seconds: float) -> list[ExecutionEnvironment]:
        """Return the environments that nobody has used for so long, which are no longer here."""
        limit = self._clock() - seconds
        unused = [environment for environment, since in self._since.items() if since <= limit]
        for environment in unused:
            del self._since[environment]
        return unused

    def discard(self, environment: ExecutionEnvironment) -> None:
        """Forget an environment, if it is here."""
        self._since.pop(environment, None)

    def clear(self) -> None:
        """Forget all of them."""
        self._since.clear()
