"""A token as people paste it: with Bearer, quotes, line ends, or a header, a command or JSON around it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from local_stage.jwt.jose import JoseError, decode_base64url, parse_json_object

_QUOTES: Final = {"'": "'", '"': '"', "`": "`", "\u201c": "\u201d", "\u2018": "\u2019"}
_OPTION: Final = re.compile(r"(?:-H|--header)\s*=?\s*", re.IGNORECASE)
_NAME: Final = re.compile(r"(?P<name>[A-Za-z][A-Za-z-]*)\s*:\s*(?!//)")
_SCHEMES: Final = re.compile(r"((?:bearer\s+)+)", re.IGNORECASE)
_JWT: Final = r"(?<![\w.-])eyJ[\w-]*\.[\w-]+\.[\w-]*(?![\w.-])"
"""A token of three parts: a refresh token has five, and is none that opens a route."""
_ONE_JWT: Final = re.compile(_JWT)
_WHOLE_VALUE: Final = re.compile(rf"(?:bearer\s+)*{_JWT}", re.IGNORECASE)
_OTHER_SCHEME: Final = re.compile(rf"(?P<scheme>[A-Za-z][\w-]*\s+|bearer[:=]\s*)(?<!\w){_JWT}", re.IGNORECASE)
_HEADER_INSIDE: Final = re.compile(
    r"(?:(?:-H|--header)[\s=]*[\"']?(?P<option>[A-Za-z][\w-]*)|\b(?P<name>authorization))"
    rf"[\"']?\s*(?:=>|[:=,]|\n)\s*[\"'`]?(?P<value>(?:[A-Za-z]+[ \t]+)*{_JWT})",
    re.IGNORECASE,
)
_LABELS: Final = frozenset({"bearer", "jwt", "idtoken", "id-token", "accesstoken", "access-token"})
"""What stands before a token and is no header's name."""
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_TOKEN_LENGTH: Final = 60
"""Characters; what is shorter and has a blank inside is no token with line ends in it."""


@dataclass(slots=True)
class Pasted:
    """What was pasted: `header_value` is what a client would send, `notes` what had to be taken off for that.

    `as_it_stands` is what would be sent if the paste, quotes and all, were the header's value.
    """

    header_value: str
    as_it_stands: str
    header_name: str | None = None
    notes: list[str] = field(default_factory=list)


def read_pasted(text: str) -> Pasted:
    """Take off a paste what is not the header's value, and say what it was."""
    as_it_stands = text.strip()
    pasted = Pasted(as_it_stands, as_it_stands)
    before = None
    while before != pasted.header_value:
        before = pasted.header_value
        _take_off_quotes(pasted)
        _take_off_header(pasted)
    if not _WHOLE_VALUE.fullmatch(pasted.header_value):
        _take_off_encoding(pasted)
        joined = "".join(pasted.header_value.split())
        is_torn = re.fullmatch(rf"(?:bearer)*{_JWT}", joined, re.IGNORECASE)
        if not is_torn and not _find_header_inside(pasted):
            _find_token_inside(pasted)
    _join_lines(pasted)
    _keep_one_scheme(pasted)
    return pasted


def _take_off_encoding(pasted: Pasted) -> None:
    """Take off what a URL's encoding and copied pages put between the characters."""
    value = pasted.header_value
    if visible := _INVISIBLE.sub("", value):
        if visible != value:
            pasted.notes.append("invisible characters in it")
        value = visible
    decoded = unquote(value.replace("+", " ")) if "%" in value or "Bearer+" in value else value
    if decoded != value and _ONE_JWT.search(decoded):
        pasted.notes.append("the encoding of a URL")
        value = decoded
    pasted.header_value = value.strip()


def _find_header_inside(pasted: Pasted) -> bool:
    """Find the header in a command, a request or a program: what stands there is what is sent."""
    found = _HEADER_INSIDE.search(pasted.header_value)
    if found is None:
        return False
    pasted.header_name = found["option"] or found["name"]
    pasted.header_value = pasted.as_it_stands = found["value"]
    pasted.notes.clear()
    _keep_known_scheme(pasted)
    return True


def _find_token_inside(pasted: Pasted) -> None:
    """Find the one token to judge in any other text, the ID token where there are several."""
    if _keep_known_scheme(pasted):
        return
    text = pasted.header_value
    found = [*dict.fromkeys(_ONE_JWT.findall(text))]
    if not found:
        return
    pasted.notes.append("JSON around it" if text.startswith(("{", "[")) else "other text around it")
    if found[1:]:
        pasted.notes.append(f"{len(found)} tokens in it, of which one is judged here, the ID token if any")
    pasted.header_name = None
    pasted.header_value = next(filter(_is_id_token, found), found[0])


def _keep_known_scheme(pasted: Pasted) -> bool:
    """Put Bearer where another word stands before the token, and say whether there was one."""
    found = _OTHER_SCHEME.fullmatch(pasted.header_value)
    if found is None or _SCHEMES.fullmatch(found["scheme"]):
        return False
    pasted.notes.append(f"{found['scheme']!a} for 'Bearer '")
    pasted.header_value = f"Bearer {pasted.header_value[found.end('scheme') :]}"
    return True


def _is_id_token(token: str) -> bool:
    try:
        return parse_json_object(decode_base64url(token.split(".")[1])).get("token_use") == "id"
    except JoseError:
        return False


def _take_off_quotes(pasted: Pasted) -> None:
    value = pasted.header_value
    scheme = _SCHEMES.match(value)
    start = scheme.end() if scheme else 0
    if len(value) > start + 1 and _QUOTES.get(value[start]) == value[-1]:
        pasted.header_value = value[:start] + value[start + 1 : -1].strip()
        pasted.notes.append("quotes around it")


def _take_off_header(pasted: Pasted) -> None:
    if option := _OPTION.match(pasted.header_value):
        pasted.header_value = pasted.header_value[option.end() :]
    name = _NAME.match(pasted.header_value)
    if name and name["name"].lower() not in _LABELS:
        pasted.header_name = name["name"]
        # Only the value is sent as the header's value: the name is no fault of the paste.
        pasted.header_value = pasted.header_value[name.end() :].strip()
        pasted.as_it_stands = pasted.header_value


def _join_lines(pasted: Pasted) -> None:
    scheme = _SCHEMES.match(pasted.header_value)
    start = scheme.end() if scheme else 0
    rest = pasted.header_value[start:]
    joined = "".join(rest.split())
    if joined != rest and joined.count(".") >= 2 and len(joined) > _TOKEN_LENGTH:  # noqa: PLR2004 - a token's dots
        pasted.header_value = pasted.header_value[:start] + joined
        pasted.notes.append("line ends or blanks inside it")


def _keep_one_scheme(pasted: Pasted) -> None:
    found = _SCHEMES.match(pasted.header_value)
    if found is None or found[0] in {"Bearer ", "bearer "}:
        return
    pasted.header_value = f"Bearer {pasted.header_value[found.end() :]}"
    pasted.notes.append(
        "Bearer more than once" if len(found[0].split()) > 1 else f"{found[0]!a} for 'Bearer '"
    )
