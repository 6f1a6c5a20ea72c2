"""serverless-offline, installed by npm for this run, with the stage's HTTP API and Node.js function."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.peers import GREETING, PACKAGE, Peer, find_free_port, wait_for_response
from tests.tokens import decode_part

NAME: Final = "serverless-offline, HTTP API, Node.js"
PACKAGES: Final = ("serverless@3.40.0", "serverless-offline@13.9.0")
"""Version 4 of serverless asks for an account; serverless-offline 13 is the newest for version 3."""
INSTALL_DEADLINE: Final = 600.0
START_DEADLINE: Final = 120.0
_ENVIRONMENT: Final = {"SLS_TELEMETRY_DISABLED": "1", "SLS_NOTIFICATIONS_MODE": "off"}


class NotInstalledError(Exception):
    """npm is not here, or cannot install it."""


def install(folder: Path) -> None:
    """Install it into the folder. Raises NotInstalledError with the reason."""
    npm = shutil.which("npm")
    if npm is None:
        raise NotInstalledError("no npm here")
    folder.mkdir(parents=True)
    (folder / "package.json").write_text("{}", encoding="ascii")
    options = ("--no-audit", "--no-fund", "--ignore-scripts", "--silent")
    try:
        done = subprocess.run(  # noqa: S603 - npm, wherever it is
            [npm, "install", *options, *PACKAGES],
            cwd=folder,
            capture_output=True,
            check=False,
            timeout=INSTALL_DEADLINE,
        )
    except subprocess.TimeoutExpired:
        raise NotInstalledError(f"npm took longer than {INSTALL_DEADLINE:g} s") from None
    if done.returncode:
        raise NotInstalledError("npm could not install it")


@contextmanager
def running(folder: Path, authorization: str) -> Iterator[tuple[Peer, int]]:
    """Run what has been installed there, called with that token; yield the peer and its process's id.

    It decodes tokens and looks at issuer, audience and expiry; it verifies no signature.
    """
    port = find_free_port()
    configuration = build_configuration(authorization.removeprefix("Bearer "))
    (folder / "serverless.yml").write_text(json.dumps(configuration), encoding="utf-8")
    shutil.copy(PACKAGE / "benchmarks" / "nodejs_function" / "app.mjs", folder)
    ports = ("--httpPort", str(port), "--lambdaPort", str(find_free_port()), "--host", "127.0.0.1")
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - installed above
            [
                folder / "node_modules" / ".bin" / "serverless",
                *("offline", *ports, "--noPrependStageInUrl", "--ignoreJWTSignature"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env={**os.environ, **_ENVIRONMENT},
        )
    with process:
        try:
            wait_for_response("127.0.0.1", port, process, START_DEADLINE)
            url = f"http://127.0.0.1:{port}/node"
            yield Peer(NAME, url, authorization, 200, GREETING), process.pid
        finally:
            process.terminate()


def build_configuration(token: str) -> dict[str, object]:
    """Return the service's configuration, for tokens of this one's issuer and audience."""
    claims = decode_part(token, 1)
    authorizer = {
        "type": "jwt",
        "identitySource": "$request.header.Authorization",
        "issuerUrl": claims["iss"],
        "audience": [claims["aud"]],
    }
    route = {"path": "/node", "method": "get", "authorizer": {"name": "pool"}}
    return {
        "service": "bench",
        "frameworkVersion": "3",
        "configValidationMode": "off",
        "provider": {
            "name": "aws",
            "region": "ap-northeast-1",
            "httpApi": {"authorizers": {"pool": authorizer}},
        },
        "functions": {
            "hello": {"runtime": "nodejs20.x", "handler": "app.handler", "events": [{"httpApi": route}]}
        },
        "plugins": ["serverless-offline"],
    }
