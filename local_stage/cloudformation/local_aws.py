"""The local AWS: MiniStack as a child process on loopback, with its state in a folder of ours."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final
from urllib.request import ProxyHandler, build_opener

from local_stage.cloudformation.boto_session import ACCESS_KEY, SECRET_KEY, new_session
from local_stage.errors import StartError
from local_stage.state import touch_for_owner

HOST: Final = "127.0.0.1"
START_DEADLINE: Final = 30.0
STOP_DEADLINE: Final = 10.0
POLL_INTERVAL: Final = 0.02
HEALTH_TIMEOUT: Final = 1.0


@dataclass(frozen=True, slots=True)
class LocalAwsSettings:
    """Where the local AWS listens and what it pretends to be; `state_folder` keeps users and keys."""

    port: int
    region: str
    account_id: str
    state_folder: Path

    @property
    def endpoint_url(self) -> str:
        """The `--endpoint-url` of every AWS command and client."""
        return f"http://{HOST}:{self.port}"

    def client(self, service: str) -> Any:
        """Return a boto3 client of a service of the local AWS, whatever profile the developer has."""
        from botocore.config import Config  # noqa: PLC0415 - slow to import

        # A proxy of the environment cannot reach this machine's loopback.
        config = Config(retries={"total_max_attempts": 1}, read_timeout=30, proxies={})
        return new_session(self.region).client(service, endpoint_url=self.endpoint_url, config=config)


class LocalAws:
    """A running MiniStack. It stops, and saves its users, when this process asks for it or is gone."""

    def __init__(self, settings: LocalAwsSettings) -> None:
        self.settings = settings
        self._process: asyncio.subprocess.Process | None = None
        # MiniStack says it of itself: another one that listens on the same port must not be taken for ours.
        self._edition = f"local-stage-{secrets.token_hex(8)}"

    @property
    def log_file(self) -> Path:
        """Everything that MiniStack prints."""
        return self.settings.state_folder / "ministack.log"

    async def start(self) -> None:
        """Start MiniStack and return when it answers.

        Raises StartError where it stops or does not answer within half a minute.
        """
        self.settings.state_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.settings.state_folder / "tmp").mkdir(exist_ok=True, mode=0o700)
        with touch_for_owner(self.log_file).open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "local_stage.cloudformation.ministack_process",
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=_environment(self.settings, self._edition),
                cwd=self.settings.state_folder,
                umask=0o077,
                # A terminal's Ctrl-C reaches its whole process group; the stage decides when this one stops.
                start_new_session=True,
            )
        await self._wait_until_it_answers(self._process)

    async def stop(self) -> None:
        """Let MiniStack save its state and stop; kill it when it does not come to an end."""
        if self._process is None or self._process.returncode is not None:
            return
        assert self._process.stdin is not None  # noqa: S101 - asked for in start()
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_DEADLINE)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _wait_until_it_answers(self, process: asyncio.subprocess.Process) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + START_DEADLINE
        while await asyncio.to_thread(_find_edition, self.settings.endpoint_url) != self._edition:
            if process.returncode is not None or loop.time() > deadline:
                await self.stop()
                raise StartError(f"the local AWS did not start; {self.log_file} says why")
            await asyncio.sleep(POLL_INTERVAL)


def _find_edition(endpoint_url: str) -> str | None:
    """Return what a MiniStack that answers there says of itself, None where there is none."""
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(f"{endpoint_url}/_ministack/health", timeout=HEALTH_TIMEOUT) as answer:
            return str(json.load(answer)["edition"])
    except (OSError, HTTPException, ValueError, LookupError, TypeError):
        return None


def _environment(settings: LocalAwsSettings, edition: str) -> Mapping[str, str]:
    state = settings.state_folder
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(state),
        "TMPDIR": str(state / "tmp"),
        "PYTHONUNBUFFERED": "1",
        # Without AUTH neither password flows nor secret hashes nor token signatures are checked.
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(settings.port),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_ACCOUNT_ID": settings.account_id,
        "MINISTACK_EDITION": edition,
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": settings.region,
        "PERSIST_STATE": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "S3_PERSIST": "1",
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(state / "state"),
    }
