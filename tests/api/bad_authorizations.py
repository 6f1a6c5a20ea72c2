"""Every Authorization header that opens no route, by name.

A name stands for a function that makes the header's value for a route; None is no header at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.api.callers import ADMINS, SCOPE, Callers
from tests.api.routes import ROUTES, Route
from tests.tokens import decode_part, encode_json, read_article_token

type MakeAuthorization = Callable[[Callers, Route], str | None]


def tamper(token: str, part: int, **members: Any) -> str:
    """Change members of the header (0) or payload (1), and leave the signature as it was."""
    parts = token.split(".")
    parts[part] = encode_json(decode_part(token, part) | members)
    return ".".join(parts)


def tamper_with_signature(token: str) -> str:
    """Change the first character of the signature, and with it the signature's first six bits."""
    signed, _, signature = token.rpartition(".")
    return f"{signed}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


ON_EVERY_ROUTE: Mapping[str, MakeAuthorization] = {
    "no token": lambda _, __: None,
    "an empty header": lambda _, __: "",
    "Bearer and no token": lambda _, __: "Bearer",
    "no JWT": lambda _, __: "Bearer something-else",
    "a tampered header": lambda callers, route: tamper(callers.token_for(route), 0, typ="JWT"),
    "tampered groups": lambda callers, _: tamper(
        callers.person.session.id_token, 1, **{"cognito:groups": [ADMINS]}
    ),
    "a tampered scope": lambda callers, _: tamper(callers.person.session.access_token, 1, scope=SCOPE),
    "a tampered signature": lambda callers, route: tamper_with_signature(callers.token_for(route)),
    "a token of another pool": lambda callers, route: callers.strangers_token_for(route),
    "the article's ID token": lambda _, __: f"Bearer {read_article_token('id')}",
    "the article's access token": lambda _, __: f"Bearer {read_article_token('access')}",
    "a refresh token": lambda callers, _: callers.person.session.tokens().refresh,
    "a person's access token": lambda callers, _: callers.admin.session.access_token,
}

WHERE_AN_ID_TOKEN_OPENS: Mapping[str, MakeAuthorization] = {
    "a machine's token": lambda callers, _: callers.machine.access_token,
}

WHERE_A_SCOPE_OPENS: Mapping[str, MakeAuthorization] = {
    "an ID token": lambda callers, _: callers.admin.session.id_token,
}

MAKE: Mapping[str, MakeAuthorization] = {**ON_EVERY_ROUTE, **WHERE_AN_ID_TOKEN_OPENS, **WHERE_A_SCOPE_OPENS}

CASES = [
    (route, name)
    for route in ROUTES
    for name in (
        *ON_EVERY_ROUTE,
        *(WHERE_A_SCOPE_OPENS if route.kind == "access" else WHERE_AN_ID_TOKEN_OPENS),
    )
]
"""Each route with each name of a header that does not open it."""
