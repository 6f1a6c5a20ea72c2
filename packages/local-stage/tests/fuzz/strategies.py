"""What hypothesis makes requests, claims and function answers of."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

type Json = Any

SURROGATES = st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF)
"""How a byte that is no UTF-8 arrives in a request's text."""

TEXTS = st.text(max_size=30) | st.text(alphabet=st.characters() | SURROGATES, max_size=30)
VERBS = st.sampled_from(
    ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "get"]
)

_SEGMENTS = st.sampled_from(
    [
        "dev", "hello", "open", "machine", "items", "files", "a", "", ".", "..", "%2e%2e", "%2F", ";", "?",
        "#", "%00", "\\", "HELLO", "{id}", "{proxy+}", "hello;x", "%68ello", "~", "*", "%", "%zz",
        "open%2f..%2fhello",
    ]
)  # fmt: skip
PATHS = st.lists(_SEGMENTS | TEXTS, max_size=6).map("/".join)
STAGE_PATHS = st.lists(_SEGMENTS | TEXTS, max_size=5).map(lambda segments: "/".join(["/dev", *segments]))
TARGETS = PATHS | STAGE_PATHS | STAGE_PATHS

HEADER_NAMES = TEXTS | st.sampled_from(
    [
        "Accept", "Authorization", "authorization", "Content-Type", "Host", "User-Agent", "X-Amzn-Trace-Id",
        "X-Forwarded-For", "X-HTTP-Method-Override", "Cookie", "Transfer-Encoding",
    ]
)  # fmt: skip
HEADERS = st.lists(st.tuples(HEADER_NAMES, TEXTS), max_size=5).map(tuple)

JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)
CLAIMS = st.dictionaries(
    st.sampled_from(
        [
            "sub", "aud", "iss", "token_use", "scope", "client_id", "exp", "iat", "nbf", "auth_time", "name",
            "cognito:groups", "cognito:username", "identities", "email_verified", "custom:x",
        ]
    )
    | st.text(max_size=9),
    JSON,
    max_size=4,
)  # fmt: skip

_PROXY_KEYS = st.sampled_from(["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"])
_HEADER_MAPS = st.dictionaries(st.text(max_size=9), JSON | st.lists(st.text(max_size=9)), max_size=3)
FUNCTION_ANSWERS = st.binary(max_size=50) | (
    st.dictionaries(
        _PROXY_KEYS | st.text(max_size=5), JSON | st.integers(100, 700) | _HEADER_MAPS | TEXTS, max_size=5
    )
)
