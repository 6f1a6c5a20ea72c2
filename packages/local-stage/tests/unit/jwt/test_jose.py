"""base64url and JSON are read in their one canonical form, or not at all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_stage.jwt.jose import MAX_DEPTH, JoseError, decode_base64url, parse_json_object
from tests.tokens import encode_base64url


@given(st.binary())
def test_base64url_of_any_bytes_is_read_back(data: bytes) -> None:
    assert decode_base64url(encode_base64url(data)) == data


@given(st.text(alphabet=st.sampled_from("ABab09-_+/= \n.é")) | st.text())
def test_whatever_text_is_read_is_the_only_encoding_of_its_bytes(text: str) -> None:
    try:
        data = decode_base64url(text)
    except JoseError:
        return
    assert encode_base64url(data) == text


@pytest.mark.parametrize(
    "text",
    ["QQ==", "QQ=", "QR", "Q", "+A", "/A", "QQ\n", " QQ", "Q Q", "Q.Q", "QQé", "\x00\x00", "\uff31\uff31"],
)
def test_base64url_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(JoseError):
        decode_base64url(text)


def test_an_object_keeps_its_members_in_order() -> None:
    assert list(parse_json_object(b'{"b": 1, "a": {"d": 2, "c": 3}}')) == ["b", "a"]


def test_escaped_characters_outside_the_basic_plane_are_read() -> None:
    assert parse_json_object(b'{"name": "\\ud83d\\ude00"}') == {"name": "\U0001f600"}


def test_an_object_of_as_many_levels_as_allowed_is_read() -> None:
    text = '{"a":' * MAX_DEPTH + "1" + "}" * MAX_DEPTH
    assert parse_json_object(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a": 1, "a": 1}', "same name twice"),
        ('{"a": 1, "\\u0061": 1}', "same name twice"),
        ('{"a": [{"b": 1, "b": 2}]}', "same name twice"),
        ('{"a": NaN}', "NaN"),
        ('{"a": -Infinity}', "-Infinity"),
        ('{"a": 1e999}', "beyond bounds"),
        ('{"a": -1E999}', "beyond bounds"),
        ('{"a": 0.' + "1" * 64 + "}", "beyond bounds"),
        ('{"a": ' + "1" * 65 + "}", "overlong number"),
        ('{"a": ' + "1" * 100_000 + "}", "overlong number"),
        ('{"a":' * 17 + "1" + "}" * 17, "nested too deeply"),
        ('{"a":' + "[" * 16 + "]" * 16 + "}", "nested too deeply"),
        ("[" * 200_000, "no JSON"),
        ('{"a": "\\ud800"}', "lone surrogate"),
        ('{"a": "\\udc00\\ud800"}', "lone surrogate"),
        ('{"\\ud800": 1}', "lone surrogate"),
        ('{"a": [["\\ud800"]]}', "lone surrogate"),
        ("[]", "not an object"),
        ("null", "not an object"),
        ("1", "not an object"),
        ("", "no JSON"),
        ("{", "no JSON"),
        ("{}{}", "no JSON"),
        ("{} ,", "no JSON"),
        ("{'a': 1}", "no JSON"),
        ('{"a": 01}', "no JSON"),
        ('{"a": "\n"}', "no JSON"),
        ('\ufeff{"a": 1}', "no JSON"),
        ('{"a": 1} // comment', "no JSON"),
    ],
)
def test_json_that_two_readers_may_read_differently_is_refused(text: str, why: str) -> None:
    with pytest.raises(JoseError, match=why):
        parse_json_object(text.encode())


@pytest.mark.parametrize("data", [b'{"a": "\xff"}', b'{"a": "\xed\xa0\x80"}', '{"a": 1}'.encode("utf-16")])
def test_json_that_is_no_utf_8_is_refused(data: bytes) -> None:
    with pytest.raises(JoseError, match="no JSON in UTF-8"):
        parse_json_object(data)


@given(
    st.binary()
    | st.text().map(str.encode)
    | st.recursive(st.none(), st.lists).map(json.dumps).map(str.encode)
)
def test_any_bytes_are_an_object_or_refused(data: bytes) -> None:
    try:
        value = parse_json_object(data)
    except JoseError:
        return
    assert value == json.loads(data)
