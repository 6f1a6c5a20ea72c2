"""Saves what the local AWS holds while it runs, so that a kill takes next to nothing with it.

MiniStack itself saves only when it is asked to stop. Here the changes of a request to Cognito are in their
file before the response is sent: a client that has created a user finds the user again. Every other change
follows within a quarter of a second, but not in the middle of a deployment: a stack that was saved half
updated could not be updated any more, while an earlier one is simply updated again. A new sign-in follows
later where a save takes long, as with thousands of users: a user who loses it by a kill signs in again.
What only reads saves nothing, nor does what a service has refused: to look for changes takes as long.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Final, Protocol, Self
from urllib.parse import parse_qs

from local_stage.cloudformation.browser_guard import Application, Receive, Scope, Send

SAVE_DELAY: Final = 0.25
"""Seconds from a request that may have changed something to the save for it and all that come meanwhile."""

SIGN_IN_DELAY: Final = 5
"""How many times as long as a save takes a sign-in waits for the next one, SAVE_DELAY at least."""

RETRY_DELAY: Final = 2.0
"""Seconds after which a save that failed is tried again."""

_CHANGES_NOTHING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_COGNITO: Final = b"AWSCognitoIdentityProviderService."
_READS: Final = re.compile(_COGNITO + rb"((Admin)?List|Describe|AdminGet|GetGroup|GetUser(?!Attribute))\w*")
"""Operations of a pool that change nothing; to save all users takes a second where there are 10,000."""
_FORM: Final = b"application/x-www-form-urlencoded"
_FORM_LIMIT: Final = 4096
"""Bytes; a longer form is none of those that only read."""
_READS_BY_FORM: Final = re.compile(rb"(Describe|List)\w+")
"""Actions that change nothing, of services that are asked by a form, as CloudFormation is."""
_SIGN_INS: Final = re.compile(_COGNITO + rb"(Admin)?InitiateAuth")
"""Operations that change nothing but who is signed in."""


@dataclass(frozen=True, slots=True)
class StateReport:
    """Whether everything that the local AWS holds is in its files, and the error that prevents it, if any.

    `has_lost` is reported once, at the start: whether the process before this one ended with unsaved changes.
    A report with a `notice` is a sentence for the developer, and says nothing else.
    """

    is_saved: bool
    problem: str | None = None
    has_lost: bool = False
    notice: str | None = None

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """Return the report of a line. Raises ValueError or TypeError for a line that was cut off."""
        return cls(**json.loads(line))

    def to_line(self) -> bytes:
        """Return the report as a line."""
        return json.dumps(asdict(self)).encode() + b"\n"


class State(Protocol):
    """The state that is saved. The methods that save return the error that prevented it, or None."""

    def find_error(self) -> str | None:
        """Return what could not be restored at the start, or None."""

    def note_restored(self) -> None:
        """Take note that the state is what its files hold: from here on only what differs is saved."""

    def is_deploying(self) -> bool:
        """Return whether a stack is just being created, updated or deleted."""

    def save_users(self) -> str | None:
        """Save the user pools."""

    def save(self) -> str | None:
        """Save everything."""


class StateSaver:
    """An ASGI application in front of another one, whose state it saves."""

    def __init__(self, application: Application, state: State, report: Callable[[StateReport], None]) -> None:
        """Save `state` after the requests to `application`, and call `report` when the outcome changes."""
        self._application = application
        self._state = state
        self._report = report
        self._timer: asyncio.TimerHandle | None = None
        self._save_took = 0.0
        self._last = StateReport(is_saved=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, and save what a request has changed."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        elif scope["type"] == "http" and not _changes_nothing(scope):
            await self._change(scope, receive, send)
        else:
            await self._application(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def receive_and_save() -> Scope:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                # MiniStack itself then writes even what has not changed: where it fails nothing need be lost.
                self._publish_saved(self._state.save())
            return message

        async def look_and_send(message: Scope) -> None:
            error = self._state.find_error()
            if message["type"] == "lifespan.startup.complete":
                if error is None:
                    self._state.note_restored()
                else:
                    self._note(error)
                    # To go on would be to save what is left over what could not be read.
                    message = {"type": "lifespan.startup.failed", "message": error}
            await send(message)

        await self._application(scope, receive_and_save, look_and_send)

    async def _change(self, scope: Scope, receive: Receive, send: Send) -> None:
        targets = _find_targets(scope)
        is_sign_in = bool(targets) and all(map(_SIGN_INS.fullmatch, targets))
        is_for_cognito = any(target.startswith(_COGNITO) for target in targets)
        body = bytearray()
        has_changed = True

        async def receive_and_keep() -> Scope:
            message = await receive()
            if len(body) <= _FORM_LIMIT:
                body.extend(message.get("body", b""))
            return message

        async def save_and_send(message: Scope) -> None:
            nonlocal has_changed
            if message["type"] == "http.response.start":
                if is_for_cognito and not is_sign_in:
                    self._note(self._state.save_users())
                elif is_sign_in or not (_is_refusal(message) or _reads_by_form(scope, bytes(body))):
                    self._publish(StateReport(is_saved=False, problem=self._last.problem))
                else:
                    has_changed = False
            await send(message)

        try:
            await self._application(scope, receive_and_keep, save_and_send)
        finally:
            if has_changed:
                delay = max(SAVE_DELAY, SIGN_IN_DELAY * self._save_took) if is_sign_in else SAVE_DELAY
                self._save_within(delay)

    def _note(self, problem: str | None) -> None:
        if problem is not None:
            self._publish(StateReport(is_saved=False, problem=problem))

    def _save_within(self, delay: float) -> None:
        loop = asyncio.get_running_loop()
        when = loop.time() + delay
        if self._timer is not None and self._timer.when() <= when:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(when, self._save)

    def _save(self) -> None:
        self._timer = None
        if self._state.is_deploying():
            self._save_within(SAVE_DELAY)
            return
        loop = asyncio.get_running_loop()
        began = loop.time()
        problem = self._state.save()
        self._save_took = loop.time() - began
        self._publish_saved(problem)
        if problem is not None:
            self._save_within(RETRY_DELAY)

    def _publish_saved(self, problem: str | None) -> None:
        self._publish(StateReport(is_saved=problem is None, problem=problem))

    def _publish(self, report: StateReport) -> None:
        if report != self._last:
            self._last = report
            self._report(report)


def _changes_nothing(scope: Scope) -> bool:
    return scope["method"] in _CHANGES_NOTHING or _reads(_find_targets(scope))


def _reads(targets: list[bytes]) -> bool:
    return bool(targets) and all(map(_READS.fullmatch, targets))


def _is_refusal(message: Scope) -> bool:
    """Say whether a service has refused a request: it has done nothing of what it was asked for."""
    return bool(HTTPStatus.BAD_REQUEST <= message["status"] < HTTPStatus.INTERNAL_SERVER_ERROR)


def _reads_by_form(scope: Scope, body: bytes) -> bool:
    kinds = _find(scope, b"content-type")
    if len(body) > _FORM_LIMIT or not (kinds and all(kind.startswith(_FORM) for kind in kinds)):
        return False
    actions = parse_qs(body).get(b"Action", [])
    return len(actions) == 1 and _READS_BY_FORM.fullmatch(actions[0]) is not None


def _find_targets(scope: Scope) -> list[bytes]:
    return _find(scope, b"x-amz-target")


def _find(scope: Scope, header: bytes) -> list[bytes]:
    return [value for name, value in scope["headers"] if name.lower() == header]
