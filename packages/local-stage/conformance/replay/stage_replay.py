"""Sends recorded requests to the local stage, and finds there what was recorded of AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from conformance.case import Request
from conformance.on_local_stage import REGION, find_stack, start_together
from conformance.pool_keys import LocalPoolKeys
from conformance.replay.facts import ABSENT, Fact, flatten, follow
from conformance.replay.recording import FOLDER, Entry
from conformance.target import Stack
from conformance.wire import Received, exchange
from local_stage.api_gateway.gateway_error import GatewayResponseType
from tests.stage_process import StageProcess
from tests.tokens import decode_part

_TEMPLATES: Final = ("proxy", "methods")
_OF_PROXY: Final = ("/proxy-value", "/hardcoded", "//")
_ORDER: Final = (
    *("origin_jti", "sub", "aud", "event_id", "token_use", "auth_time", "iss", "cognito:username"),
    *("exp", "iat", "jti"),
)
"""An ID token's claims as Cognito writes them."""
_DEFAULT_TEMPLATE: Final = '{"message":$context.error.messageString}'


class ReplayedStages:
    """The stages of both templates, by the template's name."""

    def __init__(self, stacks: Mapping[str, tuple[Stack, StageProcess]]) -> None:
        self._stacks = stacks

    def find_facts(self, entry: Entry) -> Iterator[Fact]:
        """Yield the facts of an entry with what the stage has in their places."""
        if "gateway_responses" in entry.asked:
            yield from _find_gateway_responses(entry)
            return
        received, stage = self._send(entry.asked["request"])
        found = _read(received)
        if "log" in entry.recorded:
            lines = (stage.state_folder / "access.log").read_text(encoding="utf-8").splitlines()
            found["log"] = json.loads(lines[-1])
        for place, wanted in flatten(entry.recorded):
            part, _, rest = place.partition("/")
            match part:
                case "absent":
                    yield from (Fact(f"no {name}", None, _find_absent(received, name)) for name in wanted)
                case "headers":
                    yield Fact(place, wanted, _find_header(received, rest))
                case "keys":
                    value = follow(found["event"], [name for name in rest.split("/") if name])
                    yield Fact(place, wanted, [*value] if isinstance(value, dict) else value)
                case _:
                    yield Fact(place, wanted, follow(found, place.split("/")))

    def _send(self, asked: Mapping[str, Any]) -> tuple[Received, StageProcess]:
        is_proxy = asked["target"].startswith(_OF_PROXY)
        stack, stage = self._stacks["proxy" if is_proxy else "methods"]
        headers = tuple(_fill_in(stack, stage, asked, *pair) for pair in asked.get("headers", ()))
        request = Request(
            method=asked["method"],
            target=asked["target"],
            headers=headers,
            body=asked.get("body", "").encode(),
            stage=asked.get("before_stage", "") + "dev",
            host=f"{stack.outputs['ApiId']}.execute-api.{REGION}.amazonaws.com",
        )
        return exchange(stack.address, request, headers), stage


@contextmanager
def replayed_stages(folder: Path) -> Iterator[ReplayedStages]:
    """Start both templates, keep what they write in the folder, and stop them at the end."""
    with ExitStack() as opened:
        stages = start_together(folder, FOLDER, _TEMPLATES, opened)
        yield ReplayedStages({name: (find_stack(stage, opened), stage) for name, stage in stages.items()})


def _fill_in(
    stack: Stack, stage: StageProcess, asked: Mapping[str, Any], name: str, value: str
) -> tuple[str, str]:
    """Put a token in its place: one with the recorded claims, in their order, and times that let it in."""
    if "{signed_token}" not in value:
        return name, value
    token = stack.tokens.find("id_token") or ""
    real = decode_part(token, 1)
    claims = {**asked["claims"], "iss": real["iss"], "exp": real["exp"]}
    payload = {key: claims[key] for key in _ORDER}
    return name, value.replace(
        "{signed_token}", LocalPoolKeys(stage.state_folder / "aws").sign(token, payload)
    )


def _read(received: Received) -> dict[str, Any]:
    text = received.body.decode(errors="replace")
    try:
        body = json.loads(text)
    except ValueError:
        body = text
    return {"status": received.status, "body": body, "event": body}


def _find_header(received: Received, name: str) -> Any:
    """Return a header's values, joined as clients do it; some clients put all names in lower case."""
    is_lower = name == name.lower()
    values = [value for other, value in received.headers if name == (other.lower() if is_lower else other)]
    if values:
        # Clients call a repeated header by the casing in which it came first.
        values += [
            value
            for other, value in received.headers
            if other != name and other.lower() == name.lower() and not is_lower
        ]
    return ", ".join(values) if values else ABSENT


def _find_absent(received: Received, name: str) -> Any:
    found = _find_header(received, name)
    return None if found is ABSENT else found


def _find_gateway_responses(entry: Entry) -> Iterator[Fact]:
    for name, recorded in entry.recorded.items():
        status = GatewayResponseType(name).default_status
        found: dict[str, Any] = {
            "statusCode": None if status is None else str(status),
            "template": _DEFAULT_TEMPLATE,
            "headers": {},
        }
        yield from (Fact(f"{name}/{place}", wanted, found[place]) for place, wanted in recorded.items())
