"""A caller of the API: sends requests as they are given, and remembers which headers it has sent."""

from __future__ import annotations

import requests

from tests.http_session import new_http_session

TIMEOUT = 35.0
"""Seconds; API Gateway itself gives up after 29."""


class ApiCaller:
    """Calls a stage. `authorizations` are the values of every Authorization header sent."""

    def __init__(self, api_url: str) -> None:
        self.api_url = api_url
        self.authorizations: list[str] = []
        self._session = new_http_session(api_url)

    def send(
        self,
        method: str,
        path: str,
        authorization: str | None = None,
        *,
        origin: str | None = None,
        body: str | None = None,
    ) -> requests.Response:
        """Send a request to a path of the stage, which begins with a slash."""
        headers = {"Authorization": authorization, "Origin": origin}
        if authorization:
            self.authorizations.append(authorization)
        return self._session.request(
            method,
            f"{self.api_url}{path}",
            headers={name: value for name, value in headers.items() if value is not None},
            data=body,
            allow_redirects=False,
            timeout=TIMEOUT,
        )
