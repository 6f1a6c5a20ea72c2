"""A token is read as people paste it, and what had to be taken off is told."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_stage.explanation.pasted import read_pasted
from tests.tokens import TokenSigner

TOKEN = TokenSigner().id_token()
HALF = len(TOKEN) // 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (TOKEN, TOKEN),
        (f"  {TOKEN}\n", TOKEN),
        (f"Bearer {TOKEN}", f"Bearer {TOKEN}"),
        (f"bearer {TOKEN}", f"bearer {TOKEN}"),
        (f"Authorization: Bearer {TOKEN}\r\n", f"Bearer {TOKEN}"),
        (f"authorization:{TOKEN}", TOKEN),
        (f"'Authorization: Bearer {TOKEN}'", f"Bearer {TOKEN}"),
        (f'-H "Authorization: Bearer {TOKEN}"', f"Bearer {TOKEN}"),
        (f"--header 'Authorization: {TOKEN}'", TOKEN),
        (f'"{TOKEN}"', TOKEN),
        (f"'{TOKEN}'", TOKEN),
        (f"\u201c{TOKEN}\u201d", TOKEN),
        (f'Bearer "{TOKEN}"', f"Bearer {TOKEN}"),
        (f"{TOKEN[:HALF]}\n{TOKEN[HALF:]}", TOKEN),
        (f"Bearer {TOKEN[:HALF]}\n  {TOKEN[HALF:]}", f"Bearer {TOKEN}"),
        (f"Bearer Bearer {TOKEN}", f"Bearer {TOKEN}"),
        (f"BEARER {TOKEN}", f"Bearer {TOKEN}"),
        (f"Bearer   {TOKEN}", f"Bearer {TOKEN}"),
        ("", ""),
        ("garbage", "garbage"),
        ("Basic dGFybzp4", "Basic dGFybzp4"),
        ("$TOKEN", "$TOKEN"),
    ],
)
def test_what_a_client_would_send_is_found(text: str, value: str) -> None:
    assert read_pasted(text).header_value == value


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (TOKEN, []),
        (f"\tBearer {TOKEN}\n", []),
        (f"Authorization: {TOKEN}", []),
        (f'"{TOKEN}"', ["quotes around it"]),
        (f"Bearer Bearer {TOKEN}", ["Bearer more than once"]),
        (f"BEARER {TOKEN}", ["'BEARER ' for 'Bearer '"]),
        (f"{TOKEN[:HALF]}\n{TOKEN[HALF:]}", ["line ends or blanks inside it"]),
    ],
)
def test_only_what_had_to_be_mended_is_told(text: str, notes: list[str]) -> None:
    assert read_pasted(text).notes == notes


@pytest.mark.parametrize(
    ("text", "as_it_stands"),
    [
        (f'"{TOKEN}"', f'"{TOKEN}"'),
        (f'Authorization: Bearer "{TOKEN}"', f'Bearer "{TOKEN}"'),
        (f"'Authorization: Bearer {TOKEN}'", f"Bearer {TOKEN}"),
        (f"Bearer Bearer {TOKEN}", f"Bearer Bearer {TOKEN}"),
    ],
)
def test_what_would_be_sent_without_mending_is_kept(text: str, as_it_stands: str) -> None:
    """Quotes around a whole header are the shell's, and no part of the header's value."""
    assert read_pasted(text).as_it_stands == as_it_stands


SIGNER = TokenSigner()
ACCESS_TOKEN = SIGNER.access_token()
REFRESH_TOKEN = "eyJjdHkiOiJKV1QifQ.a.b.c.d"
RESULT = {
    "AuthenticationResult": {"AccessToken": ACCESS_TOKEN, "RefreshToken": REFRESH_TOKEN, "IdToken": TOKEN}
}
JSON, OTHER_TEXT = "JSON around it", "other text around it"
TWO_TOKENS = "2 tokens in it, of which one is judged here, the ID token if any"


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (json.dumps(RESULT), [JSON, TWO_TOKENS]),
        (json.dumps(RESULT, indent=4), [JSON, TWO_TOKENS]),
        (str(RESULT), [JSON, TWO_TOKENS]),
        (json.dumps({"IdToken": TOKEN}), [JSON]),
        (json.dumps({"id_token": TOKEN, "token_type": "Bearer"}), [JSON]),
        (f"['{TOKEN}']", [JSON]),
        (f"IdToken={TOKEN}", [OTHER_TEXT]),
        (f"IdToken: {TOKEN}", [OTHER_TEXT]),
        (f"id_token: {TOKEN}", [OTHER_TEXT]),
        (f"TOKEN='{TOKEN}'", [OTHER_TEXT]),
        (f"export TOKEN={TOKEN}", [OTHER_TEXT]),
        (f'const token = "{TOKEN}";', [OTHER_TEXT]),
        (f"{TOKEN};", [OTHER_TEXT]),
        (f"<{TOKEN}>", [OTHER_TEXT]),
        (f'"{TOKEN}",', [OTHER_TEXT]),
        (f"{TOKEN}\\n", [OTHER_TEXT]),
        (f"AUTHENTICATIONRESULT\t{ACCESS_TOKEN}\t3600\t{TOKEN}\tBearer", [OTHER_TEXT, TWO_TOKENS]),
        (
            f"http://localhost/callback#id_token={TOKEN}&access_token={ACCESS_TOKEN}",
            [OTHER_TEXT, TWO_TOKENS],
        ),
        (f"\ufeff{TOKEN}\u200b", ["invisible characters in it"]),
        (TOKEN.replace(".", "%2E"), ["the encoding of a URL"]),
    ],
)
def test_a_token_is_found_in_what_is_around_it(text: str, notes: list[str]) -> None:
    pasted = read_pasted(text)
    assert (pasted.header_value, pasted.as_it_stands, pasted.notes) == (TOKEN, text.strip(), notes)


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        (f"Token {TOKEN}", "Token "),
        (f"JWT {TOKEN}", "JWT "),
        (f"Bearer: {TOKEN}", "Bearer: "),
        (f"Bearer={TOKEN}", "Bearer="),
        (f"Authorization: Token {TOKEN}", "Token "),
        (f"curl -H 'Authorization: Token {TOKEN}' http://127.0.0.1:3000/dev/hello", "Token "),
    ],
)
def test_another_word_than_bearer_is_told(text: str, scheme: str) -> None:
    pasted = read_pasted(text)
    assert (pasted.header_value, pasted.notes) == (f"Bearer {TOKEN}", [f"{scheme!a} for 'Bearer '"])
    assert pasted.as_it_stands == f"{scheme}{TOKEN}"


@pytest.mark.parametrize(
    "text",
    [
        f"curl -i -H 'Authorization: Bearer {TOKEN}' http://127.0.0.1:3000/dev/hello",
        f'$ curl -X POST http://127.0.0.1:3000/dev/hello \\\n --header "Authorization: Bearer {TOKEN}"',
        f"wget --header='Authorization: Bearer {TOKEN}' http://127.0.0.1:3000/dev/hello",
        f"> GET /dev/hello HTTP/1.1\n> Host: 127.0.0.1:3000\n> Authorization: Bearer {TOKEN}\n>",
        f"accept\n*/*\nauthorization\nBearer {TOKEN}\norigin\nhttp://localhost:5173",
        f"{{'Authorization': 'Bearer {TOKEN}'}}",
        f'fetch("http://127.0.0.1:3000/dev/hello", {{headers: {{"authorization": "Bearer {TOKEN}"}}}})',
        f'Invoke-RestMethod http://127.0.0.1:3000 -Headers @{{Authorization = "Bearer {TOKEN}"}}',
        f'http GET :3000/dev/hello Authorization:"Bearer {TOKEN}"',
    ],
)
def test_a_header_inside_a_command_or_a_program_is_what_is_sent(text: str) -> None:
    pasted = read_pasted(text)
    assert (pasted.header_value, pasted.as_it_stands, pasted.notes) == (f"Bearer {TOKEN}",) * 2 + ([],)


def test_a_refresh_token_alone_is_no_token_to_find() -> None:
    text = json.dumps({"RefreshToken": REFRESH_TOKEN})
    assert read_pasted(text).header_value == text


def test_the_headers_name_is_kept() -> None:
    assert read_pasted(f"X-Token: {TOKEN}").header_name == "X-Token"
    assert read_pasted(f"curl -H 'X-Token: {TOKEN}' http://127.0.0.1").header_name == "X-Token"
    assert read_pasted(TOKEN).header_name is None


@given(st.text())
def test_any_text_can_be_pasted(text: str) -> None:
    pasted = read_pasted(text)
    assert pasted.header_value == read_pasted(pasted.header_value).header_value or pasted.notes
