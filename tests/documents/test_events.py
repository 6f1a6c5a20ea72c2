"""Each file in events/ is made by `make events`, and what the stage really sends for such a request."""

from __future__ import annotations

import copy
import json
import re
import shlex
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local_stage.cli import main
from tests.documents.echo_stage import OPEN_PATH, running_echo_stage, send
from tests.documents.event_differences import find_differences
from tests.local_pool_keys import issuer_of, read_pool_signer
from tests.stage_process import REPOSITORY, StageProcess
from tests.tokens import LIFETIME

FILES = sorted((REPOSITORY / "events").glob("*.json"))
NO_CLAIMS = "no_claims"
SENT_HEADERS = ("Accept", "User-Agent")


@pytest.fixture(scope="module")
def echo_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    with running_echo_stage(tmp_path_factory.mktemp("echo")) as stage:
        yield stage


def read_event(file: Path) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(file.read_text())
    return event


def request_headers(event: dict[str, Any]) -> dict[str, str]:
    """Return the headers of the request that the event stands for, as its client has sent them."""
    return {name: event["headers"][name] for name in SENT_HEADERS}


def sign(stage: StageProcess, claims: dict[str, str]) -> str:
    """Return a token with these claims, in their order, of the stage's own pool and not expired."""
    user_pool_id = stage.outputs["UserPoolId"]
    signer = read_pool_signer(stage, user_pool_id, "id" if claims["token_use"] == "id" else "access", "")
    now = int(time.time())
    varying = {"iss": issuer_of(user_pool_id), "iat": now, "exp": now + LIFETIME}
    return signer.sign({name: varying.get(name, read_claim(name, value)) for name, value in claims.items()})


def read_claim(name: str, rendered: str) -> Any:
    """Return a claim as it stands in the token."""
    match name:
        case "cognito:groups":
            return rendered.split(",")
        case "auth_time" | "version":
            return int(rendered)
        case "email_verified":
            return {"true": True, "false": False}[rendered]
        case _:
            return rendered


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.stem != NO_CLAIMS], ids=lambda file: file.stem
)
def test_an_event_is_what_the_stage_sends(echo_stage: StageProcess, file: Path) -> None:
    event = read_event(file)
    token = sign(echo_stage, event["requestContext"]["authorizer"]["claims"])
    headers = {"Authorization": f"Bearer {token}", **request_headers(event)}
    sent = send(echo_stage, event["httpMethod"], event["path"], headers)
    assert find_differences(event, sent) == []


def test_the_event_without_claims_is_what_the_stage_sends_of_an_open_route(echo_stage: StageProcess) -> None:
    """`sam local start-api` serves every route so; only the path is another here."""
    event = read_event(REPOSITORY / "events" / f"{NO_CLAIMS}.json")
    sent = send(echo_stage, event["httpMethod"], OPEN_PATH, request_headers(event))
    event |= {"resource": OPEN_PATH, "path": OPEN_PATH}
    event["requestContext"] |= {"resourcePath": OPEN_PATH, "path": f"/dev{OPEN_PATH}"}
    assert find_differences(event, sent) == []


def read_commands() -> dict[str, list[str]]:
    """Return the arguments of each command of `make events` by the file that it writes."""
    makefile = (REPOSITORY / "Makefile").read_text()
    variables = dict(re.findall(r"^(alice|bob) = (.*)$", makefile, re.MULTILINE))
    commands = re.findall(r"^\t\$\(event\) (.*) >events/(\w+)\.json$", makefile, re.MULTILINE)
    return {
        name: shlex.split(re.sub(r"\$\((\w+)\)", lambda found: variables[found[1]], arguments))
        for arguments, name in commands
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_event_is_what_its_command_prints(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = ["--template", str(REPOSITORY / "template.yaml")]
    assert main(["event", "--reproducible", *read_commands()[file.stem], *template]) == 0
    assert capsys.readouterr().out == file.read_text(), "`make events` writes them anew"


def test_every_command_has_its_file() -> None:
    assert sorted(read_commands()) == [file.stem for file in FILES]


def test_there_is_an_event_for_each_case() -> None:
    assert {"signed_in", "admin", "machine", "no_claims"} <= {file.stem for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_event_agrees_with_itself(file: Path) -> None:
    event = read_event(file)
    context = event["requestContext"]
    at = datetime.fromtimestamp(context["requestTimeEpoch"] // 1000, UTC)
    assert context["requestTime"] == at.strftime("%d/%b/%Y:%H:%M:%S +0000")
    assert context["domainName"] == event["headers"]["Host"]
    assert context["domainPrefix"] == context["apiId"] == context["domainName"].partition(".")[0]
    assert context["identity"]["sourceIp"] == event["headers"]["X-Forwarded-For"]
    assert context["identity"]["userAgent"] == event["headers"]["User-Agent"]
    assert event["multiValueHeaders"] == {name: [value] for name, value in event["headers"].items()}


class TestDifferences:
    """What the comparison would notice."""

    @pytest.fixture
    def event(self) -> dict[str, Any]:
        return read_event(REPOSITORY / "events" / "admin.json")

    def test_none_with_itself(self, event: dict[str, Any]) -> None:
        assert find_differences(event, copy.deepcopy(event)) == []

    def test_a_missing_header(self, event: dict[str, Any]) -> None:
        other = copy.deepcopy(event)
        del other["headers"]["Host"]
        (difference,) = find_differences(event, other)
        assert difference.startswith("headers: keys [")

    def test_another_order(self, event: dict[str, Any]) -> None:
        context = event["requestContext"]
        other = event | {"requestContext": dict(reversed(context.items()))}
        (difference,) = find_differences(event, other)
        assert difference.startswith("requestContext: keys [")

    def test_an_empty_object_for_null(self, event: dict[str, Any]) -> None:
        (difference,) = find_differences(event, event | {"pathParameters": {}})
        assert difference == "pathParameters: None is a NoneType, {} a dict"

    def test_a_number_for_a_string(self, event: dict[str, Any]) -> None:
        other = copy.deepcopy(event)
        other["requestContext"]["authorizer"]["claims"]["auth_time"] = 1
        (difference,) = find_differences(event, other)
        assert difference == "requestContext.authorizer.claims.auth_time: '1718636284' is a str, 1 a int"

    def test_another_value(self, event: dict[str, Any]) -> None:
        (difference,) = find_differences(event, event | {"httpMethod": "POST"})
        assert difference == "httpMethod: 'GET', 'POST'"

    def test_a_date_of_another_form(self, event: dict[str, Any]) -> None:
        other = copy.deepcopy(event)
        other["requestContext"]["authorizer"]["claims"]["exp"] = "1718636284"
        (difference,) = find_differences(event, other)
        assert difference.startswith("requestContext.authorizer.claims.exp: '1718636284' is not of the form ")
