"""A request and its response together, with what API Gateway knows of them."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse, valid_unicode

Clock = Callable[[], float]
"""Unix seconds, `time.time` by default."""

RandomBytes = Callable[[int], bytes]
"""As many random bytes as asked for, `secrets.token_bytes` by default."""

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS: Final = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

GATEWAY_HEADERS: Final = frozenset(
    {"date", "content-length", "connection", "x-amzn-requestid", "x-amz-apigw-id", "x-amzn-trace-id"}
)
"""Headers that every answer has from API Gateway and from nobody else, in lower case."""

BODILESS_STATUSES: Final = frozenset({204, 304})
"""Answers without content (RFC 9110, 15.3.5 and 15.4.5)."""

_ID_BYTES: Final = 16 + 11 + 12
_CLIENT_REQUEST_ID: Final = re.compile(r"[!-~]{1,128}")
_TRACE_FIELD: Final = re.compile(
    r"(?:^|;)\s*(?:Root=(?P<root>1-[0-9a-f]{8}-[0-9a-f]{24})|Parent=(?P<parent>[0-9a-f]{16})"
    r"|Sampled=(?P<sampled>[01]))(?=\s*(?:;|$))"
)


@dataclass(slots=True)
class Outcome:
    """What the authorizer or the integration made of a request.

    `status` is the status code it ended with, None where it gave none; `latency` is in seconds; `error` is
    what AWS's access log says of a failure, None where all went well. `service_status` is what the service
    itself gave to API Gateway: Lambda's is 200 also where the function failed; None where it gave nothing.
    """

    status: int | None
    latency: float
    request_id: str | None = None
    error: str | None = None
    service_status: int | None = None


@dataclass(slots=True)
class RequestContext:
    """One request's identity and what has become of it so far.

    `request_id` is `x-amzn-RequestId`, `extended_request_id` is `x-amz-apigw-id`, `trace_id` is the root of
    `X-Amzn-Trace-Id` (`1-<8 hex>-<24 hex>`), `trace_parent` and `trace_sampled` are what the client says
    there of its own segment, None where it says nothing; `time_epoch` is in milliseconds. `resource_path`,
    `resource_id` and `path_parameters` are empty until the router has found a method. `authorizer_event` is
    the event's `requestContext.authorizer`, None until an authorizer has let the request through;
    `authorizer_variables` holds `$context.authorizer.NAME` by its name, or a mapping where a dot follows.
    `authorizer` and `integration` are None for a request that has not come so far.
    """

    request_id: str
    extended_request_id: str
    trace_id: str
    time_epoch: int
    http_method: str
    path: str
    protocol: str
    source_ip: str
    user_agent: str | None
    account_id: str
    api_id: str
    stage: str
    deployment_id: str
    domain_name: str
    domain_prefix: str
    trace_parent: str | None = None
    trace_sampled: str | None = None
    identity: Mapping[str, Any] | None = None
    api_key: str | None = None
    api_key_id: str | None = None
    resource_id: str = ""
    resource_path: str = ""
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    authorizer_event: Mapping[str, Any] | None = None
    authorizer_variables: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    authorizer: Outcome | None = None
    integration: Outcome | None = None

    def find_authorizer_variable(self, name: str) -> str | None:
        """Return the value of `$context.authorizer.NAME`, or None where the authorizer gave none."""
        value = self.authorizer_variables.get(name)
        if value is None:
            group, _, member = name.partition(".")
            members = self.authorizer_variables.get(group)
            return members.get(member) if isinstance(members, Mapping) else None
        return value if isinstance(value, str) else None

    @property
    def request_time(self) -> str:
        """The request's time in the Common Log Format: `17/Jun/2024:15:00:26 +0000`."""
        return _common_log_date(self.time_epoch // 1000)

    @property
    def trace_header(self) -> str:
        """`X-Amzn-Trace-Id` of what a traced stage answers itself."""
        return f"Root={self.trace_id}"

    @property
    def event_trace_header(self) -> str:
        """`X-Amzn-Trace-Id` in the function's event: the root, and what a client says of its own segment.

        The root alone is recorded, of requests whose client sends no such header; the rest is unverified.
        """
        parent = f";Parent={self.trace_parent}" if self.trace_parent else ""
        sampled = f";Sampled={self.trace_sampled}" if self.trace_sampled else ""
        return f"{self.trace_header}{parent}{sampled}"

    def invocation_trace_header(self, function_arn: str, *, is_traced: bool = False) -> str:
        """Return `X-Amzn-Trace-Id` of a function's answer, which the function sees as `_X_AMZN_TRACE_ID`.

        AWS answers `Root=…;Parent=<16 hex>;Sampled=0;Lineage=1:<8 hex>:0` (recorded in 2026): the parent is
        another one in every invocation, the lineage is one and the same for a function. Parent and sampling
        are the client's where it gives a parent (recorded in 2024). Else a stage that `is_traced` samples
        every request, where X-Ray would sample some; a client's Sampled without Parent decides (unverified).
        """
        # Not of the root, which a client may send several times.
        parent = self.trace_parent or hashlib.sha256(self.extended_request_id.encode()).hexdigest()[:16]
        sampled = self.trace_sampled or ("1" if is_traced else "0")
        lineage = zlib.crc32(function_arn.encode())
        return f"Root={self.trace_id};Parent={parent};Sampled={sampled};Lineage=1:{lineage:08x}:0"


def new_request_context(
    request: HttpRequest,
    *,
    account_id: str,
    api_id: str,
    stage: str,
    deployment_id: str,
    domain_name: str,
    domain_prefix: str,
    clock: Clock = time.time,
    random_bytes: RandomBytes = secrets.token_bytes,
) -> RequestContext:
    """Return the context of a request that has just come in, with ids of its own.

    The request id is the client's own x-amzn-RequestId (recorded in 2020, and documented), as long as it is
    one word of 128 letters at most (unverified), else a UUID of version 4; the extended request id is 15
    characters of base64 (URL-safe alphabet) and `=`, as recorded. A client's own well-formed trace root is
    taken over with its parent and sampling (recorded); every other client's trace id is replaced
    (unverified).
    """
    now = clock()
    octets = random_bytes(_ID_BYTES)
    user_agent = request.header("User-Agent")
    trace = _read_client_trace(request)
    return RequestContext(
        request_id=_find_client_request_id(request) or build_uuid(octets[:16]),
        extended_request_id=urlsafe_b64encode(octets[16:27]).decode(),
        trace_id=trace.get("root") or f"1-{int(now):08x}-{octets[27:].hex()}",
        trace_parent=trace.get("parent"),
        trace_sampled=trace.get("sampled"),
        time_epoch=int(now * 1000),
        http_method=request.method,
        path=f"/{valid_unicode(request.path).lstrip('/')}",
        protocol=request.protocol,
        source_ip=request.source_ip,
        user_agent=user_agent and valid_unicode(user_agent),
        account_id=account_id,
        api_id=api_id,
        stage=stage,
        deployment_id=deployment_id,
        domain_name=domain_name,
        domain_prefix=domain_prefix,
    )


def stamp(response: HttpResponse, context: RequestContext, clock: Clock, *, trace: str | None = None) -> None:
    """Put on an answer what every answer of API Gateway carries, in the order and casing recorded from it.

    Date, Content-Type, Content-Length, Connection, x-amzn-RequestId, the answer's own headers,
    x-amz-apigw-id, and X-Amzn-Trace-Id where `trace` gives one. 204 and 304 lose their body, and an answer to
    HEAD keeps the length of the body that it does not send (RFC 9110, 8.6 and 9.3.2).
    """
    own = [(header[0].lower(), header) for header in response.headers]
    content_type = [header for name, header in own if name == "content-type"]
    headers = _stamp_head(response, context, clock, content_type)
    headers.append(("x-amzn-RequestId", context.request_id))
    headers += [header for name, header in own if name not in _STAMPED]
    headers.append(("x-amz-apigw-id", context.extended_request_id))
    if trace is not None:
        headers.append(("X-Amzn-Trace-Id", trace))
    response.headers = headers


def stamp_http(response: HttpResponse, context: RequestContext, clock: Clock) -> None:
    """Put on a response what every response of an HTTP API carries, in the order and casing recorded from it.

    Date, Content-Type, Content-Length and Connection in capitals, then the response's own headers in lower
    case, then apigw-requestid.
    """
    own = [(name.lower(), value) for name, value in response.headers]
    content_type = [("Content-Type", value) for name, value in own if name == "content-type"]
    headers = _stamp_head(response, context, clock, content_type)
    headers += (header for header in own if header[0] not in _STAMPED)
    headers.append(("apigw-requestid", context.request_id))
    response.headers = headers


def _stamp_head(
    response: HttpResponse, context: RequestContext, clock: Clock, content_type: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Return the headers with which a response begins, and take from it a body that it may not have."""
    headers = [("Date", _http_date(int(clock()))), *content_type]
    if response.status in BODILESS_STATUSES:
        response.body = b""
    else:
        headers.append(("Content-Length", str(len(response.body))))
    if context.http_method == "HEAD":
        response.body = b""
    headers.append(("Connection", "keep-alive"))
    return headers


def build_uuid(octets: bytes) -> str:
    """Return a UUID of version 4 (RFC 9562, 5.4) of 16 random bytes, in a third of the time `uuid` takes."""
    digits = octets.hex()
    variant = "89ab"[octets[8] >> 4 & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


_STAMPED: Final = GATEWAY_HEADERS | {"content-type"}


def _find_client_request_id(request: HttpRequest) -> str | None:
    sent = request.header("x-amzn-RequestId")
    return sent if sent and _CLIENT_REQUEST_ID.fullmatch(sent) else None


_NO_TRACE: Final[Mapping[str, str]] = {}


def _read_client_trace(request: HttpRequest) -> Mapping[str, str]:
    """Return the client's `root`, `parent` and `sampled`, nothing at all without a well-formed root."""
    sent = request.header("X-Amzn-Trace-Id")
    if not sent:
        return _NO_TRACE
    found = {
        name: value
        for field_found in _TRACE_FIELD.finditer(sent)
        for name, value in field_found.groupdict().items()
        if value
    }
    return found if "root" in found else _NO_TRACE


@lru_cache(maxsize=2)
def _common_log_date(seconds: int) -> str:
    """Return a time in the Common Log Format: `17/Jun/2024:15:00:26 +0000`."""
    at = time.gmtime(seconds)
    clock = f"{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02}"
    return f"{at.tm_mday:02}/{MONTHS[at.tm_mon]}/{at.tm_year:04}:{clock} +0000"


@lru_cache(maxsize=2)
def _http_date(seconds: int) -> str:
    """Return an IMF-fixdate (RFC 9110, 5.6.7): `Mon, 20 Jul 2026 01:56:20 GMT`."""
    at = time.gmtime(seconds)
    clock = f"{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02}"
    return f"{WEEKDAYS[at.tm_wday]}, {at.tm_mday:02} {MONTHS[at.tm_mon]} {at.tm_year:04} {clock} GMT"


@dataclass(slots=True)
class Exchange:
    """One request that has its answer; `duration` is in seconds, `error` is why it was refused, if it was.

    `fault` is what went wrong in the stage itself, which is a bug.
    """

    request: HttpRequest
    response: HttpResponse
    context: RequestContext
    duration: float
    error: GatewayError | None
    fault: Exception | None = None
