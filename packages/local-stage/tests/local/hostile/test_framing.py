"""Where a request ends is never in doubt: no bytes of one become another that nobody authorized."""

from __future__ import annotations

import json

import pytest

from tests.local.hostile.attacked_api import AttackedApi
from tests.local.hostile.wire import Connection, build, exchange, exchange_all

CHUNKED = ("Transfer-Encoding", "chunked")
CLOSE = ("Connection", "close")
HIDDEN = b"GET /dev/open HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
"""A request inside another one's body."""

CONTRADICTING: dict[str, tuple[tuple[str, str], ...]] = {
    "a length before chunks": (("Content-Length", "4"), CHUNKED),
    "a length after chunks": (CHUNKED, ("Content-Length", "4")),
    "a length of nothing and chunks": (("Content-Length", "0"), CHUNKED),
    "two lengths": (("Content-Length", "0"), ("Content-Length", "70")),
    "the same length twice": (("Content-Length", "70"), ("Content-Length", "70")),
    "a list of lengths": (("Content-Length", "0, 70"),),
    "a list of the same length": (("Content-Length", "70, 70"),),
    "a negative length": (("Content-Length", "-1"),),
    "a signed length": (("Content-Length", "+70"),),
    "a hexadecimal length": (("Content-Length", "0x46"),),
    "a length in other digits": (("Content-Length", "\u0667\u0660"),),
    "a length with a blank inside": (("Content-Length", "7 0"),),
    "an empty length": (("Content-Length", ""),),
    "a length beyond 64 bits": (("Content-Length", "18446744073709551686"),),
    "chunked twice": (CHUNKED, CHUNKED),
    "chunked, then another coding": (("Transfer-Encoding", "chunked, identity"),),
    "another coding alone": (("Transfer-Encoding", "identity"),),
    "a coding that looks like chunked": (("Transfer-Encoding", "xchunked"),),
    "chunked behind a vertical tab": (("Transfer-Encoding", "\x0bchunked"),),
    "chunked in quotes": (("Transfer-Encoding", '"chunked"'),),
    "an empty coding": (("Transfer-Encoding", ""),),
    "a blank in the name": (("Transfer-Encoding ", "chunked"),),
}
BROKEN_CHUNKS: dict[str, bytes] = {
    "no number": b"zz\r\nhello\r\n0\r\n\r\n",
    "a negative number": b"-1\r\nhello\r\n0\r\n\r\n",
    "a prefix": b"0x5\r\nhello\r\n0\r\n\r\n",
    "a blank before": b" 5\r\nhello\r\n0\r\n\r\n",
    "beyond 64 bits": b"ffffffffffffffff5\r\nhello\r\n0\r\n\r\n",
    "shorter than the chunk": b"3\r\nhello\r\n0\r\n\r\n",
    "a bare line feed": b"5\nhello\r\n0\r\n\r\n",
    "a carriage return in an extension": b"5;a=\rb\r\nhello\r\n0\r\n\r\n",
    "no line break after the chunk": b"5\r\nhello0\r\n\r\n",
}
BROKEN_LINES: dict[str, bytes] = {
    "line feeds only": b"GET /dev/open HTTP/1.1\nHost: 127.0.0.1\n\n",
    "carriage returns only": b"GET /dev/open HTTP/1.1\rHost: 127.0.0.1\r\r",
    "a header before the first": b"GET /dev/open HTTP/1.1\r\n X: y\r\nHost: 127.0.0.1\r\n\r\n",
    "a folded header": b"GET /dev/open HTTP/1.1\r\nHost: 127.0.0.1\r\nX: y\r\n z\r\n\r\n",
    "no Host": b"GET /dev/open HTTP/1.1\r\n\r\n",
    "two Hosts": b"GET /dev/open HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: 127.0.0.1\r\n\r\n",
    "no colon": b"GET /dev/open HTTP/1.1\r\nHost: 127.0.0.1\r\nnothing\r\n\r\n",
    "no name": b"GET /dev/open HTTP/1.1\r\nHost: 127.0.0.1\r\n: x\r\n\r\n",
    "NUL in a name": b"GET /dev/open HTTP/1.1\r\nHost: 127.0.0.1\r\nX\0: x\r\n\r\n",
    "NUL in a value": b"GET /dev/open HTTP/1.1\r\nHost: 127.0.0.1\r\nX: \0\r\n\r\n",
    "NUL in the target": b"GET /dev/open\0 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "two targets": b"GET /dev/open /dev/hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "no target": b"GET HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "HTTP/0.9": b"GET /dev/open\r\n\r\n",
    "HTTP/0.9 by name": b"GET /dev/open HTTP/0.9\r\n\r\n",
    "HTTP/1.2": b"GET /dev/open HTTP/1.2\r\nHost: 127.0.0.1\r\n\r\n",
    "HTTP/2 by name": b"GET /dev/open HTTP/2.0\r\nHost: 127.0.0.1\r\n\r\n",
    "HTTP in lower case": b"GET /dev/open http/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "no HTTP at all": b"hello\r\n\r\n",
}
UPGRADES: dict[str, tuple[tuple[str, str], ...]] = {
    "h2c": (("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c"), ("HTTP2-Settings", "AAMAAABk")),
    "websocket": (
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", "13"),
    ),
    "TLS": (("Connection", "Upgrade"), ("Upgrade", "TLS/1.0")),
    "anything": (("Connection", "Upgrade"), ("Upgrade", "*")),
}


def statuses(api: AttackedApi, data: bytes) -> list[int]:
    return [answer.status for answer in exchange_all(api.address, data)]


@pytest.mark.parametrize("name", CONTRADICTING)
@pytest.mark.usefixtures("nobody_calls")
def test_a_request_whose_end_is_in_doubt_is_refused_whole(api: AttackedApi, name: str) -> None:
    """RFC 9112, 6.1 and 6.3: request smuggling needs two readers who see two ends."""
    head = build("POST", "/dev/hello", [("Authorization", api.good("id")), *CONTRADICTING[name]])
    assert statuses(api, head + b"0\r\n\r\n" + HIDDEN) == [400]


@pytest.mark.parametrize("name", BROKEN_CHUNKS)
@pytest.mark.usefixtures("nobody_calls")
def test_broken_chunks_are_refused(api: AttackedApi, name: str) -> None:
    head = build("POST", "/dev/hello", [("Authorization", api.good("id")), CHUNKED])
    assert statuses(api, head + BROKEN_CHUNKS[name] + HIDDEN) == [400]


@pytest.mark.parametrize("name", BROKEN_LINES)
@pytest.mark.usefixtures("nobody_calls")
def test_what_is_no_http_reaches_nothing(api: AttackedApi, name: str) -> None:
    assert statuses(api, BROKEN_LINES[name] + HIDDEN) == [400]


@pytest.mark.parametrize("name", ["Authorization", "authorization"])
@pytest.mark.usefixtures("nobody_calls")
def test_a_token_in_a_trailer_opens_nothing(api: AttackedApi, name: str) -> None:
    """RFC 9110, 6.5.1: authentication is no trailer's business."""
    head = build("POST", "/dev/hello", [CHUNKED, ("Trailer", name), CLOSE])
    trailer = f"{name}: {api.good('id')}\r\n".encode()
    assert statuses(api, head + b"5\r\nhello\r\n0\r\n" + trailer + b"\r\n") == [401]


def test_trailers_and_chunk_extensions_are_no_part_of_the_body(api: AttackedApi) -> None:
    head = build("POST", "/dev/hello", [("Authorization", api.good("id")), CHUNKED, CLOSE])
    chunks = b'3;a=1\r\nhel\r\n2;b="c"\r\nlo\r\n0;d\r\nX-Trailer: x\r\n\r\n'
    (answer,) = exchange_all(api.address, head + chunks)
    call = json.loads(answer.body)
    assert call["body"] == "hello"
    assert "X-Trailer" not in call["headers"]


def test_pipelined_requests_are_answered_in_order_each_with_its_own_answer(api: AttackedApi) -> None:
    good, scoped = ("Authorization", api.good("id")), ("Authorization", api.good("access"))
    data = b"".join(
        (
            build("GET", "/dev/open", [("X-Marker", "0")]),
            build("GET", "/dev/hello", [("X-Marker", "1")]),
            build("GET", "/dev/hello", [("X-Marker", "2"), good]),
            build("GET", "/dev/machine", [("X-Marker", "3"), good]),
            build("GET", "/dev/nothing", [("X-Marker", "4")]),
            build("GET", "/dev/machine", [("X-Marker", "5"), scoped]),
            build(
                "POST",
                "/dev/hello",
                [("X-Marker", "6")],
                b"GET /dev/open HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            ),
            build("POST", "/dev/hello", [("X-Marker", "7"), good], b"{}"),
            build("GET", "/dev/hello", [("X-Marker", "8"), CLOSE]),
        )
    )
    answers = exchange_all(api.address, data)
    assert [answer.status for answer in answers] == [200, 401, 200, 401, 403, 200, 401, 200, 401]
    markers = [json.loads(answer.body)["headers"]["X-Marker"] for answer in answers if answer.status == 200]
    assert markers == [["0"], ["2"], ["5"], ["7"]]


@pytest.mark.usefixtures("nobody_calls")
def test_a_connection_remembers_nobody(api: AttackedApi) -> None:
    """Fifty pipelined requests, and a token in none of them but the ones that were answered before."""
    with Connection(api.address) as connection:
        connection.send(build("GET", "/dev/hello", [("Authorization", "x")]) * 50)
        assert [answer and answer.status for answer in (connection.receive() for _ in range(50))] == [
            401
        ] * 50


def test_a_good_request_opens_nothing_for_the_next_on_its_connection(api: AttackedApi) -> None:
    good = build("GET", "/dev/hello", [("Authorization", api.good("id"))])
    assert statuses(api, good + build("GET", "/dev/hello", [CLOSE])) == [200, 401]


@pytest.mark.usefixtures("nobody_calls")
def test_a_body_that_nobody_asked_for_is_no_request(api: AttackedApi) -> None:
    request = build("GET", "/dev/hello", [CLOSE], HIDDEN)
    assert statuses(api, request) == [401]


@pytest.mark.parametrize("name", UPGRADES)
@pytest.mark.usefixtures("nobody_calls")
def test_asking_for_another_protocol_opens_nothing(api: AttackedApi, name: str) -> None:
    """RFC 9110, 7.8: a server may ignore Upgrade. What comes behind it has no answer, and so no effect."""
    request = build("GET", "/dev/hello", UPGRADES[name])
    assert statuses(api, request + build("GET", "/dev/open") + HIDDEN) == [401]


@pytest.mark.parametrize("name", UPGRADES)
def test_with_a_token_the_protocol_stays_the_same(api: AttackedApi, name: str) -> None:
    good = build("GET", "/dev/hello", [("Authorization", api.good("id")), *UPGRADES[name]])
    (answer,) = exchange_all(api.address, good + HIDDEN)
    assert (answer.status, answer.header("Connection")) == (200, "close")
    assert "Upgrade" not in json.loads(answer.body)["headers"]


@pytest.mark.parametrize("protocol", ["RTSP/1.0", "ICE/1.0"])
def test_a_protocol_that_is_read_as_http_1_0_opens_no_more_than_that(api: AttackedApi, protocol: str) -> None:
    assert statuses(api, build("GET", "/dev/hello", protocol=protocol)) in ([400], [401])


@pytest.mark.parametrize(("token", "status"), [(True, 200), (False, 401)])
def test_http_1_0_is_judged_as_http_1_1(api: AttackedApi, *, token: bool, status: int) -> None:
    headers = [("Authorization", api.good("id"))] if token else []
    answer = exchange(api.address, build("GET", "/dev/hello", headers, host=None, protocol="HTTP/1.0"))
    assert answer is not None
    assert (answer.status, answer.header("Connection")) == (status, "close")


@pytest.mark.parametrize("expectation", ["100-continue", "<script>", "200-ok"])
def test_an_expectation_is_met_or_passed_over(api: AttackedApi, expectation: str) -> None:
    request = build("POST", "/dev/hello", [("Expect", expectation), CLOSE], b"hello")
    answers = exchange_all(api.address, request)
    assert [answer.status for answer in answers if answer.status != 100] == [401]
    assert expectation.encode() not in answers[-1].body


@pytest.mark.parametrize("body", [b"no gzip", b"\x1f\x8b\x08\x00"])
def test_a_body_that_is_compressed_badly_is_the_functions_own_business(api: AttackedApi, body: bytes) -> None:
    headers = [("Authorization", api.good("id")), ("Content-Encoding", "gzip"), CLOSE]
    assert statuses(api, build("POST", "/dev/hello", headers, body)) == [200]


def test_a_body_that_is_compressed_arrives_as_it_was_sent(api: AttackedApi) -> None:
    """So nothing that is small on the wire grows large in the stage."""
    headers = [("Authorization", api.good("id")), ("Content-Encoding", "deflate"), CLOSE]
    (answer,) = exchange_all(api.address, build("POST", "/dev/hello", headers, b"x\x9cK\x04\x00\x00b\x00b"))
    assert "K\x04" in json.loads(answer.body)["body"]


@pytest.mark.usefixtures("nobody_calls")
def test_a_body_that_ends_too_early_is_no_request(api: AttackedApi) -> None:
    headers = [("Authorization", api.good("id")), ("Content-Length", "50"), ("Expect", "100-continue")]
    with Connection(api.address) as connection:
        connection.send(build("POST", "/dev/hello", headers))
        connection.wait_for(b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.send(b"hello")
    answer = exchange(api.address, build("GET", "/dev/hello"))
    assert answer is not None
    assert answer.status == 401
