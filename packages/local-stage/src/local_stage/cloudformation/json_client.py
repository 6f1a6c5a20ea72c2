"""A client of the local AWS for a service whose protocol is JSON, without boto3.

boto3 takes half a second to be imported and to read a service's description: more than all else that a
command does. It stays the client of AWS, and of the services that are seldom asked.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonParameters.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

from local_stage.cloudformation.aws_refusal import make_refusal
from local_stage.errors import MachineError

COGNITO: Final = "AWSCognitoIdentityProviderService"

TIMEOUT: Final = 60.0
"""Seconds; a pool's triggers have up to fifteen."""

_PAGE_TOKENS: Final = ("NextToken", "PaginationToken")


@dataclass(frozen=True, slots=True)
class JsonClient:
    """Has the methods of boto3's client: `client.admin_get_user(UserPoolId=…)` returns what AWS responds.

    `target` is what the service's operations begin with in `X-Amz-Target`. Methods raise AwsRefusalError for
    what the service refuses, and MachineError where it does not respond.
    """

    endpoint_url: str
    region: str
    service: str
    target: str
    access_key: str

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        """Return the method of an operation, by boto3's name of it."""
        if name.startswith("_"):
            raise AttributeError(name)
        operation = "".join(word.capitalize() for word in name.split("_"))

        def call(**parameters: Any) -> dict[str, Any]:
            return self._call(operation, parameters)

        return call

    def get_paginator(self, name: str) -> Paginator:
        """Return what asks for one page after the other of an operation that lists."""
        return Paginator(getattr(self, name))

    def _call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"{self.target}.{operation}",
            "Authorization": self._name_caller(),
        }
        url = urlsplit(self.endpoint_url)
        with closing(HTTPConnection(url.hostname or "", url.port, timeout=TIMEOUT)) as connection:
            try:
                connection.request("POST", "/", json.dumps(parameters).encode(), headers)
                response = connection.getresponse()
                content = json.loads(response.read() or b"{}", object_hook=_read_dates)
            except (OSError, HTTPException, ValueError) as error:
                raise MachineError(f"the local AWS does not respond: {error}") from None
        if not isinstance(content, dict):
            raise MachineError(f"the local AWS does not respond: status {response.status} without an object")
        if response.status != HTTPStatus.OK:
            code = str(content.get("__type", response.status)).rpartition("#")[2]
            raise make_refusal(code, str(content.get("message") or content.get("Message") or ""))
        return content

    def _name_caller(self) -> str:
        """Return the header that names the caller's key: of its own one the local AWS looks at no signature.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
        """
        day = time.strftime("%Y%m%d", time.gmtime())
        scope = f"{self.access_key}/{day}/{self.region}/{self.service}/aws4_request"
        return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}"


@dataclass(frozen=True, slots=True)
class Paginator:
    """Asks for one page after the other, as boto3's paginators do."""

    call: Callable[..., dict[str, Any]]

    def paginate(self, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Yield each page; raises as the client's methods do."""
        while True:
            page = self.call(**parameters)
            yield page
            token = next((name for name in _PAGE_TOKENS if page.get(name)), None)
            if token is None:
                return
            parameters[token] = page[token]


def _read_dates(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object whose dates, Unix seconds on the wire, are datetimes, as boto3 gives them."""
    dates = {
        name: datetime.fromtimestamp(moment, UTC)
        for name, moment in value.items()
        if name.endswith("Date") and isinstance(moment, (int, float))
    }
    return value | dates
