"""A workflow's own identity becomes credentials for the steps that follow, and is shown to nobody."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import override
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.stage_process import REPOSITORY

ROLE = "arn:aws:iam::123456789012:role/deploy"
ANSWER = """\
<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>key</AccessKeyId>
<SecretAccessKey>secret</SecretAccessKey><SessionToken>session</SessionToken>
<Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>"""


class Provider(BaseHTTPRequestHandler):
    """GitHub's identity provider and AWS's STS in one; each takes only what the other has issued."""

    def do_GET(self) -> None:
        audience = parse_qs(urlsplit(self.path).query).get("audience")
        known = self.headers["Authorization"] == "bearer request-token" and audience == ["sts.amazonaws.com"]
        self._answer(200 if known else 403, '{"value": "identity"}' if known else "{}")

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        good = form["WebIdentityToken"] == ["identity"] and form["RoleArn"] == [ROLE]
        self._answer(200 if good else 400, ANSWER if good else "<ErrorResponse/>")

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def assume(origin: str, github_env: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token",
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{origin}/token?api-version=2.0",
        "AWS_ENDPOINT_URL": origin,
        "AWS_REGION": "ap-northeast-1",
        "GITHUB_ENV": str(github_env),
        "GITHUB_JOB": "staging",
        "GITHUB_RUN_ID": "1",
        "HOME": str(github_env.parent),
        "PATH": os.environ["PATH"],
        "ROLE_ARN": ROLE,
        "no_proxy": "127.0.0.1",
    }
    github_env.touch()
    command = [str(REPOSITORY / ".github" / "assume-role")]
    return subprocess.run(  # noqa: S603 - a fixed command
        command, cwd=REPOSITORY, env=given | environment, capture_output=True, text=True, check=False
    )


def test_the_steps_that_follow_have_the_roles_credentials(origin: str, tmp_path: Path) -> None:
    done = assume(origin, tmp_path / "env")
    assert (done.returncode, done.stderr) == (0, "")
    given = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert given == {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "session",
        "AWS_REGION": "ap-northeast-1",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
    }


def test_nothing_that_opens_anything_is_printed_but_to_be_masked(origin: str, tmp_path: Path) -> None:
    printed = assume(origin, tmp_path / "env").stdout.splitlines()
    assert printed == ["::add-mask::identity", "::add-mask::secret", "::add-mask::session"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"ROLE_ARN": ROLE + "2"}, "AssumeRoleWithWebIdentity"),
        ({"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "another"}, "403"),
    ],
)
def test_a_refusal_ends_the_job_and_leaves_nothing(
    origin: str, tmp_path: Path, wrong: dict[str, str], said: str
) -> None:
    done = assume(origin, tmp_path / "env", **wrong)
    assert done.returncode != 0
    assert said in done.stderr
    assert (tmp_path / "env").read_text() == ""
