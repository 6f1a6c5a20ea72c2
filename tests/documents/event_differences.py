"""In what two proxy events differ, but for the values that are another's in each request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

DATE_CLAIM = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} UTC [0-9]{4}"
IP_ADDRESS = r"[0-9]{1,3}(\.[0-9]{1,3}){3}"
TRACE_HEADER = r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}"
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

_HEADERS: Mapping[str, str] = {
    "Authorization": r"Bearer [\w-]+\.[\w-]+\.[\w-]+",
    "Host": r"[a-z0-9.-]+(:[0-9]+)?",
    "X-Amzn-Trace-Id": TRACE_HEADER,
    "X-Forwarded-For": IP_ADDRESS,
    "X-Forwarded-Port": r"[0-9]+",
    "X-Forwarded-Proto": r"https?",
}

VARYING: Mapping[str, str] = {
    **{f"headers.{name}": form for name, form in _HEADERS.items()},
    **{f"multiValueHeaders.{name}[0]": form for name, form in _HEADERS.items()},
    "requestContext.resourceId": r"[a-z0-9]{6}",
    "requestContext.authorizer.claims.iss": r"https://cognito-idp\.ap-northeast-1\.amazonaws\.com/[\w-]+_\w+",
    "requestContext.authorizer.claims.exp": DATE_CLAIM,
    "requestContext.authorizer.claims.iat": DATE_CLAIM,
    "requestContext.extendedRequestId": r"[\w-]{15}=",
    "requestContext.requestTime": r"[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2} \+0000",
    "requestContext.domainPrefix": r"[a-z0-9]{10}",
    "requestContext.requestTimeEpoch": r"[0-9]{13}",
    "requestContext.requestId": UUID,
    "requestContext.identity.sourceIp": IP_ADDRESS,
    "requestContext.domainName": r"[a-z0-9]{10}\.execute-api\.ap-northeast-1\.amazonaws\.com",
    "requestContext.deploymentId": r"[a-z0-9]{6}",
    "requestContext.apiId": r"[a-z0-9]{10}",
}
"""Each value that varies, and the form that it has nevertheless."""


def find_differences(expected: Any, actual: Any, place: str = "") -> list[str]:
    """Return one line for each difference: types, nulls, keys and their order, values, or their forms."""
    return list(_differences(expected, actual, place))


def _differences(expected: Any, actual: Any, place: str) -> Iterator[str]:
    if type(expected) is not type(actual):
        yield f"{place}: {expected!r} is a {type(expected).__name__}, {actual!r} a {type(actual).__name__}"
    elif isinstance(expected, dict):
        yield from _object_differences(expected, actual, place)
    elif isinstance(expected, list):
        if len(expected) != len(actual):
            yield f"{place}: {len(expected)} elements, {len(actual)} elements"
        for index, pair in enumerate(zip(expected, actual, strict=False)):
            yield from _differences(*pair, f"{place}[{index}]")
    elif place in VARYING:
        for value in (expected, actual):
            if not re.fullmatch(VARYING[place], str(value)):
                yield f"{place}: {value!r} is not of the form {VARYING[place]}"
    elif expected != actual:
        yield f"{place}: {expected!r}, {actual!r}"


def _object_differences(expected: dict[str, Any], actual: dict[str, Any], place: str) -> Iterator[str]:
    if list(expected) != list(actual):
        yield f"{place}: keys {list(expected)}, keys {list(actual)}"
    for name in (name for name in expected if name in actual):
        yield from _differences(expected[name], actual[name], f"{place}.{name}".removeprefix("."))
