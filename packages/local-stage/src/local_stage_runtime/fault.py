"""An error of the runtime itself, with the name that Lambda has for it."""

from __future__ import annotations

from collections.abc import Sequence


class Fault(Exception):
    """What is wrong with the handler's name, its module or its response; `trace` may show where."""

    def __init__(self, error_type: str, message: str, trace: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.trace = trace
