"""A request to a deployed stage, and the context that API Gateway gives it, with every id known."""

from __future__ import annotations

from local_stage.api_gateway.exchange import RequestContext, new_request_context
from local_stage.api_gateway.http_message import HttpRequest
from tests.manual_clock import ManualClock

RECORDED_AT = 1_718_636_426.25
"""17 June 2024, 15:00:26 UTC."""

OCTETS = bytes(range(39))
"""What the ids of every context here are made of."""


def build_request(  # noqa: PLR0917 - the order of a request line
    method: str = "GET",
    path: str = "/dev/hello",
    query: str = "",
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
    source_ip: str = "203.0.113.7",
) -> HttpRequest:
    """Return a request as it came over the wire."""
    return HttpRequest(method, path, query, headers, body, source_ip)


def build_context(request: HttpRequest | None = None, *, clock: ManualClock | None = None) -> RequestContext:
    """Return the context of a request to the stage `dev`, before it is routed."""
    return new_request_context(
        request or build_request(),
        account_id="123456789012",
        api_id="a1b2c3d4e5",
        stage="dev",
        deployment_id="dep123",
        domain_name="a1b2c3d4e5.execute-api.ap-northeast-1.amazonaws.com",
        domain_prefix="a1b2c3d4e5",
        clock=clock or ManualClock(RECORDED_AT),
        random_bytes=lambda length: OCTETS[:length],
    )
