"""Requests that botocore has signed, at a time of the test's own or now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local_stage.api_gateway.authorizers.iam_callers import LocalCallers, build_root
from tests.manual_clock import NOW
from tests.tokens import REGION

ROOT = build_root("123456789012", "test", "test")


async def _fetch_nothing(url: str) -> bytes:
    raise LookupError(url)


find_root = LocalCallers(ROOT, _fetch_nothing, lambda _: None).find
"""Knows the root user alone."""


class StoppedSigner(SigV4Auth):
    """Signs at a time of the test's own, as botocore signs now."""

    at: float = NOW

    def _modify_request_before_signing(self, request: Any) -> None:
        request.context["timestamp"] = datetime.fromtimestamp(self.at, UTC).strftime("%Y%m%dT%H%M%SZ")
        super()._modify_request_before_signing(request)  # type: ignore[misc] # the stubs lack it


def sign(
    *,
    verb: str = "GET",
    path: str = "/hello",
    stage: str = "/dev",
    params: Mapping[str, str] | None = None,
    body: bytes = b"",
    at: float = NOW,
    key: str = "test",
    secret: str = "test",  # noqa: S107 - the local AWS's
    region: str = REGION,
    service: str = "execute-api",
    token: str | None = None,
    more: Mapping[str, str] | None = None,
) -> tuple[tuple[str, str], ...]:
    """Return the headers that a signed request has beside Host."""
    headers = {"Host": "localhost", **(more or {})}
    request = AWSRequest(verb, f"http://localhost{stage}{path}", headers=headers, params=params, data=body)
    signer = StoppedSigner(Credentials(key, secret, token), service, region)
    signer.at = at
    signer.add_auth(request)
    return tuple((name, value) for name, value in request.headers.items() if name != "Host")


def sign_now(url: str, verb: str = "GET", *, by: Credentials | None = None) -> dict[str, str]:
    """Return the headers of a request that somebody, or the root user, signs at this moment."""
    request = AWSRequest(verb, url)
    SigV4Auth(by or Credentials("test", "test"), "execute-api", REGION).add_auth(request)
    return dict(request.headers.items())
