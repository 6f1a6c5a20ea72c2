"""A call of Cognito's API, the pool's reply, and what a guard between the two looks like."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from local_stage.cloudformation.browser_guard import Application, Receive, Send
from local_stage.cloudformation.pool_front.accounts import AppClient, RefusalError, User

type Header = tuple[bytes, bytes]

MOST_BYTES: Final = 1_000_000
"""How long the body of a call may be."""
_LENGTH: Final = b"content-length"
_ORIGIN: Final = b"access-control-allow-origin"
MEDIA_TYPE: Final = b"application/x-amz-json-1.1"

SIGN_IN_STARTS: Final = frozenset({"InitiateAuth", "AdminInitiateAuth"})
CHALLENGE_RESPONSES: Final = frozenset({"RespondToAuthChallenge", "AdminRespondToAuthChallenge"})
REFRESH_FLOWS: Final = frozenset({"REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"})


_TEXTS: Final = (
    "AccessToken", "AuthFlow", "ChallengeName", "ClientId", "RefreshToken", "Session", "UserCode",
    "UserPoolId", "Username",
)  # fmt: skip
_MAPS: Final = ("AuthParameters", "ChallengeResponses", "ClientMetadata")


@dataclass(slots=True)
class Session:
    """A sign-in that waits for the answer to a challenge; `user` is who has proved a password already.

    They are described as they were then, and from an answer on as they are.
    `held` is the pool's reply with the tokens, which leaves as soon as the challenge is answered. `secret` is
    that of an authenticator app which is being set up, `is_verified` whether a code of it has been given.
    `code` is the one that was sent to the `address`, `wrong` how often another has been given in its place.
    `choices` are the factors of which the user has to choose one.
    `ends_at` is there as soon as the session is open, and stays when it is opened again with more in it.
    """

    challenge: str
    client: AppClient
    user: User
    held: Reply | None = None
    secret: str | None = None
    is_verified: bool = False
    code: str | None = None
    address: str = ""
    wrong: int = 0
    choices: tuple[str, ...] = ()
    ends_at: float | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an operation with its parameters; `headers` are the caller's own.

    `client` is the app client that it names, `pool` the description of the pool that it is for, and `session`
    the sign-in that it goes on with.
    """

    operation: str
    parameters: Mapping[str, Any]
    headers: Sequence[Header] = ()
    client: AppClient | None = None
    session: Session | None = None
    pool: Mapping[str, Any] | None = None

    @property
    def starts_sign_in(self) -> bool:
        """Whether a user signs in by it, and does not only refresh tokens."""
        return self.operation in SIGN_IN_STARTS and not self.refreshes

    @property
    def refreshes(self) -> bool:
        """Whether it is a flow of InitiateAuth that takes a refresh token."""
        return self.operation in SIGN_IN_STARTS and self.parameters.get("AuthFlow") in REFRESH_FLOWS

    @property
    def exchanges_refresh_token(self) -> bool:
        """Whether it is the operation that takes a refresh token and may give another."""
        return self.operation == "GetTokensFromRefreshToken"

    @property
    def answers_challenge(self) -> bool:
        """Whether it answers a challenge of a sign-in."""
        return self.operation in CHALLENGE_RESPONSES

    def find_text(self, name: str, of: str | None = None) -> str:
        """Return a parameter, or a member of the map `of`; empty where it is not there or is no text."""
        parameters = self.parameters.get(of) if of else self.parameters
        value = parameters.get(name) if isinstance(parameters, Mapping) else None
        return value if isinstance(value, str) else ""

    def replace(self, parameters: Mapping[str, Any]) -> Self:
        """Return the call with other parameters."""
        return replace(self, parameters=parameters)

    def change(self, name: str, value: Any) -> Self:
        """Return the call with another value of one parameter."""
        return self.replace({**self.parameters, name: value})

    def change_in(self, of: str, **values: str) -> Self:
        """Return the call with other members of the map `of`."""
        return self.change(of, {**(self.parameters.get(of) or {}), **values})


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply of the pool's, or one in its place."""

    status: int
    body: bytes
    headers: Sequence[Header] = ()

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """Return a good reply with this content."""
        return cls(200, json.dumps(content).encode(), [(b"content-type", MEDIA_TYPE)])

    @classmethod
    def of_refusal(cls, refusal: RefusalError) -> Self:
        """Return the reply that tells of a refusal as Cognito does."""
        content = {"__type": refusal.kind, "message": refusal.message}
        headers = [
            (b"content-type", MEDIA_TYPE),
            (b"x-amzn-errortype", f"{refusal.kind}:".encode()),
            (b"x-amzn-errormessage", ascii(refusal.message)[1:-1].encode()),
        ]
        return cls(400, json.dumps(content, separators=(",", ":")).encode(), headers)

    @property
    def content(self) -> dict[str, Any]:
        """The content, empty where it is no JSON object."""
        return parse_object(self.body) or {}

    @property
    def refusal(self) -> tuple[str, str] | None:
        """The kind and the text of the refusal, or None for a good reply."""
        if self.status < 400:  # noqa: PLR2004 - RFC 9110, 15.5
            return None
        content = self.content
        return str(content.get("__type")), str(content.get("message"))

    def change(self, content: Mapping[str, Any]) -> Self:
        """Return the reply with other content."""
        return replace(self, body=json.dumps(content).encode())


type Next = Callable[[Call], Awaitable[Reply]]
type Guard = Callable[[Call, Next], Awaitable[Reply]]
"""Takes a call and what comes next; returns the reply, which it may change. Raises RefusalError."""


def parse_object(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object in a body, or None where it is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def is_readable(parameters: Mapping[str, Any]) -> bool:
    """Say whether what signs somebody in is text, as in Cognito's model of its API, and all text is whole."""
    texts = [parameters.get(name) for name in _TEXTS]
    for name in _MAPS:
        of_text = parameters.get(name)
        if not isinstance(of_text, dict | None):
            return False
        texts += (of_text or {}).values()
    try:
        json.dumps(parameters, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half a character, as "\ud800"
        return False
    return all(isinstance(text, str | None) for text in texts)


async def receive_reply(application: Application, scope: Mapping[str, Any], body: bytes) -> Reply:
    """Return what an application replies to a request with this body."""
    status, headers, content = 500, [], bytearray()

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], [*message.get("headers", ())]
        elif message["type"] == "http.response.body":
            content.extend(message.get("body", b""))

    await application(dict(scope), _Given(body), send)
    return Reply(status, bytes(content), headers)


class _Given:
    """Gives an application a body that has been read already, and then nothing more."""

    def __init__(self, body: bytes) -> None:
        self._message: dict[str, Any] = {"type": "http.request", "body": body, "more_body": False}

    async def __call__(self) -> MutableMapping[str, Any]:
        message, self._message = self._message, {"type": "http.disconnect"}
        return message


async def send_reply(reply: Reply, send: Send) -> None:
    """Send a reply, which a page of any origin may read: the guard keeps out those that may not ask."""
    headers = [header for header in reply.headers if header[0].lower() != _LENGTH]
    headers += [(_LENGTH, b"%d" % len(reply.body))]
    if not any(name.lower() == _ORIGIN for name, _ in headers):
        headers.append((_ORIGIN, b"*"))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


async def read_body(receive: Receive) -> bytes:
    """Return the body of a request; of one that is too long, more than MOST_BYTES of it."""
    body = bytearray()
    while True:
        message = await receive()
        body.extend(message.get("body", b""))
        if not message.get("more_body") or len(body) > MOST_BYTES:
            return bytes(body)
