"""How many examples hypothesis tries: few in `make test`, more in `make check`, many in `make fuzz`."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

FACTOR = int(os.environ.get("FUZZ_FACTOR", "1"))
"""How many times as many examples as `make check` the run of `make fuzz` tries."""
USUAL = 100
"""Examples of a test in `make check` that leaves their number to hypothesis."""


def examples(count: int) -> settings:
    """Return the settings of a test that tries `count` examples in `make check`, fewer in `make test`.

    Without a deadline for each: a machine that is busy is no fault of the code.
    """
    return settings(
        max_examples=max(1, count * settings().max_examples // USUAL),
        deadline=None,
        # A fixture that serves all examples is what is wanted, and so is an example of many kilobytes.
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
        ],
    )
