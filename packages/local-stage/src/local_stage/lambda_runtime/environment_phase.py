"""Where an execution environment stands between its init and its end."""

from __future__ import annotations

import enum


class Phase(enum.Enum):
    """Where an environment stands.

    ANSWERED: the caller has his answer, the process is not yet ready for the next.
    """

    INIT = enum.auto()
    READY = enum.auto()
    BUSY = enum.auto()
    ANSWERED = enum.auto()
    ENDED = enum.auto()
