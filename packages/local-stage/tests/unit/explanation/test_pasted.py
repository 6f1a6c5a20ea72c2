"""A token is read as people paste it, and what had to be taken off is told."""

from __future__ import annotations

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


def test_the_headers_name_is_kept() -> None:
    assert read_pasted(f"X-Token: {TOKEN}").header_name == "X-Token"
    assert read_pasted(TOKEN).header_name is None


@given(st.text())
def test_any_text_can_be_pasted(text: str) -> None:
    pasted = read_pasted(text)
    assert pasted.header_value == read_pasted(pasted.header_value).header_value or pasted.notes
