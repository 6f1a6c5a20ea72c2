"""The template's own API, routes and authorizer, before a function that answers with its event."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.stage_process import REPOSITORY, StageProcess, running_stage

OPEN_PATH = "/open"
"""A path that needs no token, beside the template's own."""

FUNCTION = """\
import json

def lambda_handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}
"""

EVENTS = "      Events:\n"
OPEN_ROUTE = f"""\
        GetOpen:
          Type: Api
          Properties:
            RestApiId: !Ref HelloApi
            Path: {OPEN_PATH}
            Method: GET
            Auth:
              Authorizer: NONE
"""


@contextlib.contextmanager
def running_echo_stage(folder: Path) -> Iterator[StageProcess]:
    """Start it and yield it; `folder` holds the copy of the template."""
    template = (REPOSITORY / "template.yaml").read_text()
    assert template.count(EVENTS) == 1
    (folder / "template.yaml").write_text(template.replace(EVENTS, EVENTS + OPEN_ROUTE))
    shutil.copytree(REPOSITORY / "operations", folder / "operations")
    (folder / "hello_function").mkdir()
    (folder / "hello_function" / "app.py").write_text(FUNCTION)
    with running_stage(folder, "--template", str(folder / "template.yaml")) as stage:
        yield stage


def send(stage: StageProcess, method: str, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """Send a request with these headers, Host and no others, and return the event of the function."""
    url = urlsplit(stage.api_url)
    connection = HTTPConnection(url.netloc, timeout=30)
    with contextlib.closing(connection):
        connection.putrequest(method, url.path + path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        body = response.read()
    assert response.status == 200, body
    event: dict[str, Any] = json.loads(body)
    return event
