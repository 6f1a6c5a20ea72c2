"""Whatever hypothesis makes of a good request: nothing but the good token opens, and nothing gives a 5xx."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tests.figures import FIGURES, MUTATIONS
from tests.fuzz.bounds import examples
from tests.local.hostile.attacked_api import TARGETS, AttackedApi, Kind
from tests.local.hostile.wire import build, exchange, exchange_all

KINDS: st.SearchStrategy[Kind] = st.sampled_from(sorted(TARGETS))
OCTETS = st.binary(min_size=1, max_size=4)
TOKEN_BYTES = st.text(alphabet=".=-_, \tABCeyJ01\x00\r\n\x7f", min_size=1, max_size=4).map(str.encode)
SPELLING = re.compile(rb"[ \t]*(?:[Bb]earer )?(?P<token>[^ \t]+)[ \t]*")
"""The spellings of a good token that open: blanks around the value are no part of it (RFC 9110, 5.5)."""

HEADER_NAMES = st.sampled_from(
    [
        "Accept", "Accept-Encoding", "Authorization", "Connection", "Content-Encoding", "Content-Length",
        "Content-Type", "Cookie", "Expect", "Forwarded", "Host", "If-None-Match", "Keep-Alive", "Origin",
        "Proxy-Connection", "Range", "Sec-WebSocket-Key", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "User-Agent", "Via", "X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port",
        "X-HTTP-Method-Override",
    ]
)  # fmt: skip


def refused(api: AttackedApi, kind: Kind, value: bytes) -> bool:
    FIGURES[MUTATIONS] += 1
    answer = api.get(kind, value)
    return answer is not None and answer.status in {400, 401, 431}


@examples(150)
@given(kind=KINDS, place=st.floats(0, 1), taken=st.integers(0, 4), put=st.just(b"") | OCTETS | TOKEN_BYTES)
def test_no_mutation_of_a_good_token_opens(
    api: AttackedApi, kind: Kind, place: float, taken: int, put: bytes
) -> None:
    """Some bytes are taken out somewhere and others put in."""
    good = api.good(kind).encode()
    start = round(place * len(good))
    mutation = good[:start] + put + good[start + taken :]
    spelling = SPELLING.fullmatch(mutation)
    if spelling is None or spelling["token"] != good:
        assert refused(api, kind, mutation)


@examples(50)
@given(kind=KINDS, prefix=st.binary(max_size=9), suffix=st.binary(max_size=9))
def test_nothing_around_a_good_token_opens(
    api: AttackedApi, kind: Kind, prefix: bytes, suffix: bytes
) -> None:
    good = api.good(kind).encode()
    spelling = SPELLING.fullmatch(prefix + good + suffix)
    if spelling is None or spelling["token"] != good:
        assert refused(api, kind, prefix + good + suffix)


@examples(50)
@given(kind=KINDS, parts=st.permutations(range(3)), others=st.lists(st.booleans(), min_size=3, max_size=3))
def test_no_parts_of_several_good_tokens_make_another(
    api: AttackedApi, kind: Kind, parts: list[int], others: list[bool]
) -> None:
    one, other = api.good(kind).split("."), api.good(kind).split(".")
    chosen = [(other if elsewhere else one)[index] for index, elsewhere in zip(parts, others, strict=True)]
    if chosen not in (one, other) and chosen != [one[0], *other[1:]] and chosen != [other[0], *one[1:]]:
        assert refused(api, kind, ".".join(chosen).encode())


@examples(150)
@given(name=HEADER_NAMES, value=st.binary(max_size=40), authorized=st.booleans())
def test_no_bytes_in_any_header_give_a_5xx(
    api: AttackedApi, name: str, value: bytes, *, authorized: bool
) -> None:
    token = [("Authorization", api.good("id"))] if authorized else []
    request = build("GET", "/dev/hello", [*token, ("Connection", "close")])
    with_header = request.replace(b"\r\n\r\n", b"\r\n" + name.encode() + b": " + value + b"\r\n\r\n")
    answers = exchange_all(api.address, with_header + b"\r\n\r\n" + b"0\r\n\r\n")
    assert answers
    assert all(answer.status < 500 for answer in answers)
    if not authorized:
        assert all(answer.status >= 400 for answer in answers)


@examples(100)
@given(target=st.binary(max_size=40), authorized=st.booleans())
def test_no_bytes_in_a_target_give_a_5xx(api: AttackedApi, target: bytes, *, authorized: bool) -> None:
    headers = [("Authorization", api.good("id"))] if authorized else []
    request = build("GET", b"/dev/" + target, [*headers, ("Connection", "close")])
    answer = exchange(api.address, request)
    assert answer is not None
    assert answer.status < 500


@examples(100)
@given(data=st.binary(min_size=1, max_size=200))
def test_no_bytes_at_all_give_a_5xx(api: AttackedApi, data: bytes) -> None:
    last = build("GET", "/dev/nothing", [("Connection", "close")])
    answers = exchange_all(api.address, data + b"\r\n\r\n" + last)
    assert all(400 <= answer.status < 500 for answer in answers)
