"""Which headers of a request the function gets, in which casing and order."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.integrations.proxy_event import build_proxy_event
from tests.gateway_request import build_context, build_request


def build_event(request: HttpRequest) -> dict[str, Any]:
    return build_proxy_event(
        request,
        build_context(request),
        path="/hello",
        stage_variables={},
        binary_media_types=(),
        forwarded_port=3000,
        forwarded_proto="http",
    )


def headers_of(*headers: tuple[str, str]) -> dict[str, str]:
    found: dict[str, str] = build_event(build_request(headers=headers))["headers"]
    return found


@pytest.mark.parametrize(
    "name",
    [
        "Connection",
        "Content-Length",
        "Content-MD5",
        "Expect",
        "Max-Forwards",
        "Proxy-Authenticate",
        "Server",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "WWW-Authenticate",
        "content-length",
        "wWw-AuThEnTiCaTe",
    ],
)
def test_a_dropped_header_reaches_neither_map(name: str) -> None:
    event = build_event(build_request(headers=((name, "1"), ("X-Kept", "1"))))
    for kept in (event["headers"], event["multiValueHeaders"]):
        assert name not in kept
        assert "X-Kept" in kept


@pytest.mark.parametrize("name", ["accept", "tEsT-HEADeR", "X-Api-Key", "content-type", "cookie"])
def test_a_headers_casing_is_kept_as_sent(name: str) -> None:
    assert headers_of((name, "1"))[name] == "1"


@pytest.mark.parametrize("name", ["authorization", "user-agent", "AUTHORIZATION", "host"])
def test_authorization_user_agent_and_host_have_one_casing(name: str) -> None:
    assert headers_of((name, "1"))[name.title()] == "1"


def test_headers_are_sorted_by_name_without_regard_to_case() -> None:
    names = list(headers_of(("x-b", "1"), ("X-A", "1"), ("b", "1"), ("A", "1")))
    assert names[:3] == ["A", "b", "Host"]
    assert names[3:5] == ["X-A", "X-Amzn-Trace-Id"]
    assert names[5] == "x-b"


def test_the_single_map_has_the_last_value_of_a_repeated_header() -> None:
    assert headers_of(("X-A", "1"), ("X-A", "2"))["X-A"] == "2"


def test_the_multi_map_has_all_values_of_a_repeated_header_in_order() -> None:
    event = build_event(build_request(headers=(("X-A", "2"), ("X-B", "0"), ("X-A", "1"))))
    assert event["multiValueHeaders"]["X-A"] == ["2", "1"]


def test_a_header_repeated_in_another_casing_is_one_header() -> None:
    event = build_event(build_request(headers=(("x-a", "1"), ("X-A", "2"))))
    assert event["multiValueHeaders"]["x-a"] == ["1", "2"]
    assert "X-A" not in event["headers"]


def test_a_request_without_host_gets_the_domain_name() -> None:
    assert headers_of()["Host"] == "a1b2c3d4e5.execute-api.ap-northeast-1.amazonaws.com"


def test_the_clients_address_is_appended_to_what_it_claims_to_forward() -> None:
    sent = (("x-forwarded-for", "198.51.100.1"), ("X-Forwarded-For", "198.51.100.2"))
    assert headers_of(*sent)["X-Forwarded-For"] == "198.51.100.1, 198.51.100.2, 203.0.113.7"


def test_a_forwarded_address_does_not_become_the_source_address() -> None:
    event = build_event(build_request(headers=(("X-Forwarded-For", "198.51.100.1"),)))
    assert event["requestContext"]["identity"]["sourceIp"] == "203.0.113.7"


@pytest.mark.parametrize(("name", "value"), [("X-Forwarded-Port", "3000"), ("X-Forwarded-Proto", "http")])
def test_the_clients_own_forwarded_port_and_protocol_are_replaced(name: str, value: str) -> None:
    event = build_event(build_request(headers=((name.lower(), "forged"),)))
    assert (event["headers"][name], event["multiValueHeaders"][name]) == (value, [value])
    assert name.lower() not in event["headers"]


def test_a_malformed_trace_id_of_the_client_is_replaced() -> None:
    assert headers_of(("X-Amzn-Trace-Id", "forged"))["X-Amzn-Trace-Id"].startswith("Root=1-66704f8a-")


def test_octets_of_a_header_that_are_no_utf_8_are_replaced() -> None:
    assert headers_of(("X-A", "caf\udce9"))["X-A"] == "caf\ufffd"
