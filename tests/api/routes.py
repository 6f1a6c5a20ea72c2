"""Every route of the API, and the kind of token that opens it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Route:
    """A method on a path, opened by an ID token or by an access token with the scope."""

    method: str
    path: str
    kind: Literal["id", "access"] = "id"

    def __str__(self) -> str:
        """Return the route as a test's id shows it."""
        return f"{self.method} {self.path}"


GET_HELLO = Route("GET", "/hello")
POST_HELLO = Route("POST", "/hello")
ME = Route("GET", "/me")
ADMIN_HELLO = Route("GET", "/admin/hello")
MACHINE_HELLO = Route("GET", "/machine/hello", "access")

ROUTES = (GET_HELLO, POST_HELLO, ME, ADMIN_HELLO, MACHINE_HELLO)
METHODS = {
    path: sorted(route.method for route in ROUTES if route.path == path)
    for path in dict.fromkeys(route.path for route in ROUTES)
}
"""The methods of each path, but for the preflight's."""
