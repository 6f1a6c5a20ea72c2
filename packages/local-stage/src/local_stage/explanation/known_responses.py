"""What a response means that somebody has pasted: API Gateway's, Cognito's, or a browser's words about one.

The responses that are known stand in `responses/*.toml`, with what each means and the remedy.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Final, Literal, Self

from local_stage.errors import spell_command

_STATUS_LINE: Final = re.compile(r"^(?:< )?HTTP/[\d.]+ (?P<status>\d{3})\b", re.MULTILINE)
_HEADER: Final = re.compile(r"^(?:< )?(?P<name>[A-Za-z][A-Za-z0-9-]*): *(?P<value>.*?)\s*$", re.MULTILINE)
_STATUS: Final = re.compile(r"\b(?P<status>[45]\d\d)\b")
_COMMAND: Final = re.compile(r"\{command (?P<arguments>[^}]+)\}")
_GATEWAY_HEADER: Final = re.compile(r"^(?:< )?x-amzn-[a-z]+ *:", re.MULTILINE | re.IGNORECASE)
_FILES: Final = (
    "browser.toml",
    "console.toml",
    "cognito.toml",
    "user_pool.toml",
    "oauth.toml",
    "signature.toml",
    "api_gateway.toml",
    "status.toml",
)


@dataclass(frozen=True, slots=True)
class PastedResponse:
    """What could be read of a response; `status` and `headers` only where they were pasted too.

    Names of `headers` are in lower case. `message` is the body's, or the whole text where there is no JSON.
    """

    text: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def error_type(self) -> str:
        """The header x-amzn-ErrorType, empty where it is not known."""
        return self.headers.get("x-amzn-errortype", "")

    @property
    def is_of_http_api(self) -> bool:
        """Whether it comes from an HTTP API (version 2), which marks its responses in another way."""
        is_unknown_route = self.status == HTTPStatus.NOT_FOUND and self.message == "Not Found"
        return "apigw-requestid" in self.headers or is_unknown_route

    @property
    def is_refused_by_function(self) -> bool:
        """Whether it is a refusal that lacks what every refusal of API Gateway's has."""
        is_refusal = self.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
        if self.headers:
            has_passed = "x-amzn-requestid" in self.headers and "x-amzn-trace-id" in self.headers
            return is_refusal and has_passed and not self.error_type
        return is_refusal and "statusCode" in self.body


@dataclass(frozen=True, slots=True)
class Condition:
    """What tells one response from others: each member that is given has to fit.

    `message` is a regular expression for the whole message, `text` are some of which one has to be found
    anywhere in the paste, `error_type` is how x-amzn-ErrorType begins, `sign` a property of PastedResponse.
    With a message, `status` has to fit only where a status is known.
    """

    message: str = ""
    text: Sequence[str] = ()
    status: Sequence[int] = ()
    error_type: str = ""
    sign: Literal["", "is_of_http_api", "is_refused_by_function"] = ""

    def fits(self, response: PastedResponse) -> bool:
        """Say whether a response is the one."""
        return (
            self._has_status(response.status)
            and (not self.message or _matches_whole(self.message, response.message))
            and (not self.text or any(_is_found(pattern, response.text) for pattern in self.text))
            and response.error_type.startswith(self.error_type)
            and (not self.sign or getattr(response, self.sign))
        )

    def _has_status(self, status: int | None) -> bool:
        return not self.status or status in self.status or bool(self.message and status is None)


@dataclass(frozen=True, slots=True)
class KnownResponse:
    """One kind of response: its name for programs, what it is, what it means, the remedy, and a source."""

    name: str
    title: str
    meaning: str
    remedy: str
    source: str

    def to_json(self) -> dict[str, Any]:
        """Return the members by name."""
        return asdict(self)

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Self:
        """Return an entry of a file, its commands spelled as they can be typed here."""
        return cls(entry["name"], *(_spell(entry[name]) for name in ("title", "meaning", "remedy", "source")))


@cache
def read_known_responses() -> Sequence[tuple[Sequence[Condition], KnownResponse]]:
    """Return every response that can be explained; the first that fits counts, so the plainest come first."""
    folder = files("local_stage.explanation") / "responses"
    entries = [
        entry
        for name in _FILES
        for entry in tomllib.loads((folder / name).read_text(encoding="utf-8"))["response"]
    ]
    return [([Condition(**when) for when in entry["when"]], KnownResponse.read(entry)) for entry in entries]


def explain_response(text: str) -> KnownResponse | None:
    """Return what a pasted response means, or None for one that is not known.

    `text` is what `curl -i` prints, a body alone, or what a browser's console says.
    """
    response = read_response(text)
    known = read_known_responses()
    return next((it for conditions, it in known if any(each.fits(response) for each in conditions)), None)


def read_response(text: str) -> PastedResponse:
    """Read a response, whatever of it was pasted."""
    text = text.strip()
    body = _find_body(text)
    status_lines = _STATUS_LINE.findall(text)
    has_head = bool(status_lines)
    return PastedResponse(
        text,
        status=int(status_lines[-1]) if has_head else _find_status(text, body),
        headers=_read_headers(text) if has_head or _GATEWAY_HEADER.search(text) else {},
        message=_find_message(text, body),
        body=body,
    )


def _read_headers(text: str) -> dict[str, str]:
    return {name.lower(): value for name, value in _HEADER.findall(text)}


def _find_body(text: str) -> dict[str, Any]:
    start, end = text.find("{"), text.rfind("}")
    try:
        body = json.loads(text[start : end + 1]) if 0 <= start < end else {}
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _find_message(text: str, body: Mapping[str, Any]) -> str:
    message = body.get("message", body.get("Message"))
    return message if isinstance(message, str) else text.strip("'\" ")


def _find_status(text: str, body: Mapping[str, Any]) -> int | None:
    own = body.get("statusCode")
    if isinstance(own, int):
        return own
    first = _STATUS.match(text)
    return int(first["status"]) if first else None


def _matches_whole(pattern: str, message: str) -> bool:
    return re.fullmatch(pattern, message, re.IGNORECASE) is not None


def _is_found(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE | re.DOTALL) is not None


def _spell(text: str) -> str:
    return _COMMAND.sub(lambda command: spell_command(command["arguments"]), text)
