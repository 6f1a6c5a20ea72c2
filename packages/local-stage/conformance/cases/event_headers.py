"""The headers in the event: what is added, dropped, renamed and repeated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from conformance.case import Case, Headers, Request
from conformance.event import ABSENT
from conformance.responses import echoed


def _case(name: str, rule: str, places: Mapping[str, Any], *headers: tuple[str, str], **more: Any) -> Case:
    request = Request(target="/open", headers=headers, **more)
    return Case(id=f"event.{name}", rule=f"event.{rule}", request=request, response=echoed(places))


def _dropped(name: str, value: str, *others: tuple[str, str]) -> Case:
    places = {f"/{kind}/{name}": ABSENT for kind in ("headers", "multiValueHeaders")}
    return _case(f"dropped-{name.lower()}", "dropped-headers", places, (name, value), *others)


def _sent(name: str, rule: str, headers: Headers, **values: list[str]) -> Case:
    """A case on headers whose names are made of letters and `_`, which stands for a hyphen."""
    places: dict[str, Any] = {}
    for key, several in values.items():
        header = key.replace("_", "-")
        places |= {f"/headers/{header}": several[-1], f"/multiValueHeaders/{header}": several}
    return _case(name, rule, places, *headers)


CASES: Final = (
    _case(
        "added-headers",
        "added-headers",
        {
            "/headers/Host": re.compile(r".+"),
            "/headers/X-Forwarded-For": re.compile(r"[0-9a-f.:]+"),
            "/headers/X-Forwarded-Port": re.compile(r"\d+"),
            "/headers/X-Forwarded-Proto": re.compile(r"https?"),
        },
    ),
    _case(
        "forwarded-for-of-the-client",
        "forwarded-for",
        {"/headers/X-Forwarded-For": re.compile(r"203\.0\.113\.9, [0-9a-f.:]+")},
        ("X-Forwarded-For", "203.0.113.9"),
    ),
    _dropped("Connection", "keep-alive"),
    _case(
        "dropped-content-length",
        "dropped-headers",
        {"/headers/Content-Length": ABSENT, "/multiValueHeaders/Content-Length": ABSENT},
        ("Content-Length", "3"),
        method="POST",
        body=b"abc",
    ),
    _dropped("Content-MD5", "kAFQmDzST7DWlj99KOF/cg=="),
    _dropped("Expect", "100-continue"),
    _dropped("Max-Forwards", "1"),
    _dropped("Proxy-Authenticate", "Basic"),
    _dropped("Server", "abc"),
    _dropped("TE", "trailers"),
    _dropped("Trailer", "Expires"),
    _case(
        "dropped-transfer-encoding",
        "dropped-headers",
        {"/headers/Transfer-Encoding": ABSENT, "/multiValueHeaders/Transfer-Encoding": ABSENT},
        method="POST",
        body=b"abc",
        chunked=True,
    ),
    _dropped("Upgrade", "abc"),
    _dropped("WWW-Authenticate", "Basic"),
    _sent("header-casing", "header-casing", (("tEsT-HEADeR", "aValUE"),), tEsT_HEADeR=["aValUE"]),
    _sent("header-lower-case", "header-casing", (("x-lower", "1"),), x_lower=["1"]),
    _sent("header-authorization", "renamed-headers", (("authorization", "abc"),), Authorization=["abc"]),
    _sent("header-user-agent", "renamed-headers", (("user-agent", "abc"),), User_Agent=["abc"]),
    _sent("header-repeated", "repeated-header", (("X-A", "1"), ("X-B", "2"), ("X-A", "3")), X_A=["1", "3"]),
    _sent("header-with-comma", "repeated-header", (("X-A", "1, 2"),), X_A=["1, 2"]),
    _sent("header-empty", "header-casing", (("X-Empty", ""),), X_Empty=[""]),
)
