"""A good token opens a method in one Authorization header that holds nothing else, and in no other way."""

from __future__ import annotations

import pytest

from tests.local.hostile.attacked_api import TARGETS, AttackedApi, Kind
from tests.local.hostile.wire import Headers, build, exchange

KINDS = pytest.mark.parametrize("kind", TARGETS)

type Lines = list[tuple[str | bytes, str | bytes]]

ONCE_AND_AGAIN: dict[str, tuple[str, str]] = {
    "twice the same": ("{token}", "{token}"),
    "a bad one first": ("x", "{token}"),
    "a bad one last": ("{token}", "x"),
    "an empty one first": ("", "{token}"),
    "an empty one last": ("{token}", ""),
}
VALUES: dict[str, str] = {
    "with a comma behind": "{token},",
    "joined to itself by a comma": "{token}, {token}",
    "joined to another by a comma": "x,{token}",
    "behind Basic": "Basic {token}",
    "behind two Bearers": "Bearer Bearer {token}",
    "behind Bearer and a colon": "Bearer: {token}",
    "behind Bearer and two blanks": "Bearer  {token}",
    "behind Bearer and a tab": "Bearer\t{token}",
    "behind Bearer and no blank": "Bearer{token}",
    "behind BEARER": "BEARER {token}",
    "with a parameter": "{token};q=1",
    "in quotes": '"{token}"',
    "in angle brackets": "<{token}>",
    "behind a name": "token={token}",
    "with a word behind": "{token} x",
}
BYTES: dict[str, bytes] = {
    "Latin-1 behind": b"\xe9",
    "UTF-8 behind": "\u0435".encode(),
    "a byte that is no UTF-8 behind": b"\xff",
    "a no-break space behind": b"\xa0",
    "a C1 control behind": b"\x85",
    "a surrogate behind": b"\xed\xa0\x80",
}
CONTROLS = [bytes([code]) for code in (*range(9), *range(10, 32), 127)]
OTHER_HEADERS = [
    "Proxy-Authorization",
    "X-Authorization",
    "X-Amzn-Remapped-Authorization",
    "X-Forwarded-Authorization",
    "Authentication",
    "Authorization-",
    "X-Amz-Security-Token",
    "Authorizatıon",  # noqa: RUF001 - a dotless i, which upper case makes an I
]


def status(api: AttackedApi, kind: Kind, headers: Headers, target: str = "") -> int:
    answer = exchange(api.address, build("GET", target or TARGETS[kind], headers))
    assert answer is not None
    return answer.status


@KINDS
@pytest.mark.parametrize("name", ["authorization", "AUTHORIZATION", "aUTHORIZATION"])
def test_the_headers_name_matches_without_regard_to_case(api: AttackedApi, kind: Kind, name: str) -> None:
    """Otherwise the refusals below would show little."""
    assert status(api, kind, [(name, api.good(kind))]) == 200


@KINDS
def test_blanks_around_the_value_are_no_part_of_it(api: AttackedApi, kind: Kind) -> None:
    """RFC 9110, 5.5."""
    assert status(api, kind, [("Authorization", f" \t {api.good(kind)} \t ")]) == 200


@KINDS
@pytest.mark.parametrize("name", ONCE_AND_AGAIN)
@pytest.mark.usefixtures("nobody_calls")
def test_two_headers_open_nothing(api: AttackedApi, kind: Kind, name: str) -> None:
    token = api.good(kind)
    first, second = (value.format(token=token) for value in ONCE_AND_AGAIN[name])
    assert status(api, kind, [("Authorization", first), ("authorization", second)]) == 401


@KINDS
@pytest.mark.parametrize("name", VALUES)
@pytest.mark.usefixtures("nobody_calls")
def test_a_good_token_among_other_text_opens_nothing(api: AttackedApi, kind: Kind, name: str) -> None:
    assert status(api, kind, [("Authorization", VALUES[name].format(token=api.good(kind)))]) == 401


@KINDS
@pytest.mark.parametrize("name", BYTES)
@pytest.mark.usefixtures("nobody_calls")
def test_a_byte_beyond_ascii_opens_nothing(api: AttackedApi, kind: Kind, name: str) -> None:
    assert status(api, kind, [("Authorization", api.good(kind).encode() + BYTES[name])]) == 401


@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
@pytest.mark.usefixtures("nobody_calls")
def test_a_control_character_opens_nothing(api: AttackedApi, control: bytes) -> None:
    token = api.good("id").encode()
    assert status(api, "id", [("Authorization", token + control + token)]) == 400


@KINDS
@pytest.mark.usefixtures("nobody_calls")
def test_a_folded_header_opens_nothing(api: AttackedApi, kind: Kind) -> None:
    """RFC 9112, 5.2: a server rejects it or makes it one line; refused, as two readers may differ on it."""
    assert status(api, kind, [("Authorization", f"Bearer\r\n {api.good(kind)}")]) == 400


@KINDS
@pytest.mark.parametrize(
    "spelling", ["Authorization ", " Authorization", "Authorization\t", "Authorization:"]
)
@pytest.mark.usefixtures("nobody_calls")
def test_blanks_and_colons_around_the_name_open_nothing(api: AttackedApi, kind: Kind, spelling: str) -> None:
    """RFC 9112, 5.1: white space before the colon is refused with 400."""
    headers = [("Accept", "*/*"), (spelling, api.good(kind))]
    assert status(api, kind, headers) in {400, 401}


@KINDS
@pytest.mark.parametrize("name", OTHER_HEADERS)
@pytest.mark.usefixtures("nobody_calls")
def test_another_header_opens_nothing(api: AttackedApi, kind: Kind, name: str) -> None:
    assert status(api, kind, [(name, api.good(kind))]) in {400, 401}


@KINDS
@pytest.mark.usefixtures("nobody_calls")
def test_neither_cookie_nor_query_opens_anything(api: AttackedApi, kind: Kind) -> None:
    token = api.good(kind)
    headers = [("Cookie", f"Authorization={token}; id_token={token}")]
    query = f"Authorization={token}&authorization={token}&access_token={token}&token={token}"
    assert status(api, kind, headers, f"{TARGETS[kind]}?{query}") == 401


@KINDS
@pytest.mark.parametrize("length", [8_192, 10_000])
@pytest.mark.usefixtures("nobody_calls")
def test_a_long_header_is_judged_as_any_other(api: AttackedApi, kind: Kind, length: int) -> None:
    assert status(api, kind, [("Authorization", "x" * length)]) == 401


@KINDS
@pytest.mark.parametrize("length", [10_240, 65_536, 100_000, 1_000_000])
@pytest.mark.usefixtures("nobody_calls")
def test_a_header_that_is_too_long_is_refused_for_that(api: AttackedApi, kind: Kind, length: int) -> None:
    assert status(api, kind, [("Authorization", "x" * length)]) == 431


@KINDS
@pytest.mark.usefixtures("nobody_calls")
def test_header_values_of_more_than_10240_bytes_together_are_refused(api: AttackedApi, kind: Kind) -> None:
    """Whatever the token: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html."""
    headers: Lines = [("Authorization", api.good(kind)), ("X-First", "x" * 5000), ("X-Second", "x" * 5000)]
    assert status(api, kind, headers) == 431


@KINDS
@pytest.mark.usefixtures("nobody_calls")
def test_more_headers_than_are_read_are_refused(api: AttackedApi, kind: Kind) -> None:
    headers: Lines = [(f"X-{number}", "x") for number in range(200)]
    assert status(api, kind, [*headers, ("Authorization", api.good(kind))]) in {400, 431}
