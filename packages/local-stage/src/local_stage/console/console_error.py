"""Why the console does not do what it is asked for."""

from __future__ import annotations


class ConsoleError(Exception):
    """A refusal with its status; the text is for the developer, in a browser or a terminal."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
