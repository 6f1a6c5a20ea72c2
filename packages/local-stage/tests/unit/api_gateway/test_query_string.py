"""A query string is decoded as a REST API decodes it."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_stage.api_gateway.http_message import decode_query


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        ("", []),
        ("a=1", [("a", "1")]),
        ("a=1&b=2", [("a", "1"), ("b", "2")]),
        ("a=1&a=2&a=1", [("a", "1"), ("a", "2"), ("a", "1")]),
        ("a=", [("a", "")]),
        ("a", [("a", "")]),
        ("a&b", [("a", ""), ("b", "")]),
        ("=1", [("", "1")]),
        ("=", [("", "")]),
        ("&", []),
        ("a=1&&b=2&", [("a", "1"), ("b", "2")]),
        ("a==1", [("a", "=1")]),
        ("a=b=c", [("a", "b=c")]),
        ("a=1+2", [("a", "1 2")]),
        ("a=1%202", [("a", "1 2")]),
        ("a=1%2B2", [("a", "1+2")]),
        ("a=%252B", [("a", "%2B")]),
        ("a%20b=1", [("a b", "1")]),
        ("a%3D=1", [("a=", "1")]),
        ("a=1%262", [("a", "1&2")]),
        ("a=%E6%97%A5", [("a", "日")]),
        ("a=日", [("a", "日")]),
        ("a=%", [("a", "%")]),
        ("a=%zz", [("a", "%zz")]),
        ("a=%e", [("a", "%e")]),
        ("a=%ff", [("a", "\ufffd")]),
        ("a=\udcff", [("a", "\ufffd")]),
        ("a=%00", [("a", "\0")]),
        ("a=1;b=2", [("a", "1"), ("b", "2")]),
        ("a=1%3Bb=2", [("a", "1;b=2")]),
    ],
)
def test_a_query_is_decoded(query: str, pairs: list[tuple[str, str]]) -> None:
    assert decode_query(query) == pairs


@given(st.text(st.characters()))
def test_any_query_is_decoded_to_valid_unicode(query: str) -> None:
    text = "".join(name + value for name, value in decode_query(query))
    assert text.encode().decode() == text


@given(st.lists(st.tuples(st.text(), st.text())))
def test_an_encoded_query_is_decoded_to_what_it_was(pairs: list[tuple[str, str]]) -> None:
    assert decode_query(urlencode(pairs)) == pairs
