"""How many examples hypothesis tries: few while developing, many when `make fuzz` asks for them."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

FACTOR = int(os.environ.get("FUZZ_FACTOR", "1"))


def examples(count: int) -> settings:
    """Return the settings of a test that tries `count` examples, or as many times that as FUZZ_FACTOR says.

    Without a deadline for each: a machine that is busy is no fault of the code.
    """
    return settings(
        max_examples=count * FACTOR,
        deadline=None,
        # A fixture that serves all examples is what is wanted, and so is an example of many kilobytes.
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
        ],
    )
