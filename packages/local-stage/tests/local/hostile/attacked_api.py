"""The API under attack: where it is, who could sign for its pool, and which calls reached its functions."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from tests.forged_tokens import Forger
from tests.local.hostile.wire import Address, Answer, build, exchange
from tests.local_pool_keys import read_pool_signer
from tests.stage_process import StageProcess, running_stage

type Kind = Literal["id", "access"]
type Call = Mapping[str, Any]

FOLDER = Path(__file__).parent
TARGETS: Mapping[Kind, str] = {"id": "/dev/hello", "access": "/dev/machine"}
"""The method under attack, by the kind of token that opens it."""


@dataclass(frozen=True, slots=True)
class AttackedApi:
    """A stage and everything that an attacker must not get."""

    stage: StageProcess
    calls_file: Path
    forgers: Mapping[Kind, Forger]

    @property
    def address(self) -> Address:
        url = urlsplit(self.stage.api_url)
        assert url.hostname is not None
        assert url.port is not None
        return url.hostname, url.port

    def calls(self) -> list[Call]:
        """Return every call that has reached a function; a call is written down before it is answered."""
        if not self.calls_file.exists():
            return []
        return [json.loads(line) for line in self.calls_file.read_text().splitlines()]

    def good(self, kind: Kind) -> str:
        """Return a token that opens the method of this kind."""
        return self.forgers[kind].good()

    def get(self, kind: Kind, authorization: str | bytes) -> Answer | None:
        """Send one Authorization header to the method of this kind."""
        return exchange(self.address, build("GET", TARGETS[kind], [("Authorization", authorization)]))


@contextlib.contextmanager
def attacked_api(folder: Path) -> Iterator[AttackedApi]:
    """Serve the template beside this file; its pool's private keys are the forgers' to use."""
    calls_file = folder / "calls.jsonl"
    options = (
        "--template",
        str(FOLDER / "template.yaml"),
        "--parameter-overrides",
        f"CallsFile={calls_file}",
    )
    with running_stage(folder, *options) as stage:
        yield AttackedApi(
            stage, calls_file, {"id": _make_forger(stage, "id"), "access": _make_forger(stage, "access")}
        )


def _make_forger(stage: StageProcess, kind: Kind) -> Forger:
    client_id = stage.outputs["UserPoolClientId"]
    return Forger(read_pool_signer(stage, stage.outputs["UserPoolId"], kind, client_id), kind)
