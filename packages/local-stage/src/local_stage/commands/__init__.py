"""The commands of `local-stage`: a module each, which adds its own parser and runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MEANINGS: Final[Mapping[str, str]] = {
    "start": "serve the template's APIs until Ctrl-C",
    "token": "sign in as a user or a machine, and print the token",
    "users": "list, make, change, delete and import users",
    "event": "print the event that the function would get of a request",
    "clock": "move the running stage's clock, to see tokens expire",
    "api-keys": "the API keys, and the values to send",
    "explain": "why a token is refused, step by step; what an answer means",
    "test-authorizer": "what the authorizer says to a token, without calling the API",
    "invoke": "run a function with an event, and print its result and its log",
    "logs": "what the functions have logged, the lines of one invocation together",
    "openapi": "print the OpenAPI document of the template's API",
    "completion": "let bash, zsh or fish complete local-stage",
}
"""What `--help` says of each command, in its order, without waiting for the imports of any."""
