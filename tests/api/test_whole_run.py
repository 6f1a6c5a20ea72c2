"""After all other tests of the API: nothing secret that the run has used stands in any log.

The last file of the suite by its name, so that it sees the logs of everything before it.
"""

from __future__ import annotations

import requests

from tests.api.api_caller import ApiCaller
from tests.api.callers import Callers
from tests.api.secrets_used import SecretsUsed
from tests.api.test_stage_log import finish, read_logs
from tests.stage_process import StageProcess

SHORTEST_PART = 60
"""Characters; what is shorter may well stand in a log by chance."""


def parts_of(token: str) -> set[str]:
    """Return payload and signature: a header holds the kid, which a refusal may name."""
    return {part for part in token.split(".")[1:] if len(part) >= SHORTEST_PART}


def read_console(stage: StageProcess) -> str:
    """Return what the page beside the API lists: the last requests, with what their functions logged.

    It names the caller, to the developer alone.
    """
    answer = requests.get(f"{stage.find_running().console_url}/requests", timeout=30)
    assert answer.json()["requests"]
    return answer.text


def test_no_token_of_the_run_stands_in_any_log(
    api: ApiCaller, callers: Callers, stage: StageProcess, secrets_used: SecretsUsed
) -> None:
    finish(api, callers, stage)
    logs = read_logs(stage) + read_console(stage)
    tokens = secrets_used.tokens | {sent.removeprefix("Bearer ") for sent in api.authorizations}
    parts = set().union(*map(parts_of, tokens))
    assert len(parts) >= 2
    assert [part for part in parts if part in logs] == []


def test_no_password_of_the_run_stands_in_any_log(
    api: ApiCaller, callers: Callers, stage: StageProcess, secrets_used: SecretsUsed
) -> None:
    finish(api, callers, stage)
    logs = read_logs(stage) + read_console(stage)
    assert secrets_used.passwords
    assert [password for password in secrets_used.passwords if password in logs] == []


def test_nothing_personal_of_the_run_stands_in_any_log(
    api: ApiCaller, callers: Callers, stage: StageProcess, secrets_used: SecretsUsed
) -> None:
    finish(api, callers, stage)
    logs = read_logs(stage)
    assert {callers.person.username, callers.person.email} <= secrets_used.personal
    assert [claim for claim in secrets_used.personal if claim in logs] == []


def test_every_log_was_read(stage: StageProcess) -> None:
    """The stage's own with the functions' in it, theirs alone, the access log, and the local AWS's."""
    assert "[HelloFunction] START" in stage.log
    assert {file.name for file in stage.state_folder.rglob("*.log")} >= {
        "access.log",
        "functions.log",
        "ministack.log",
    }
