"""The local AWS: MiniStack as a child process on loopback, with its state in the stage's state folder."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import secrets
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from local_stage.cloudformation.boto3_clients import ACCESS_KEY, SECRET_KEY, find_client
from local_stage.cloudformation.function_forwarder import INVOCATIONS_URL
from local_stage.cloudformation.signing_callers import CALLERS_SECRET, find_caller_path
from local_stage.cloudformation.state_saver import StateReport
from local_stage.errors import MachineError
from local_stage.state import touch_for_owner

HOST: Final = "127.0.0.1"
START_DEADLINE: Final = 60.0
STOP_DEADLINE: Final = 10.0
POLL_INTERVAL: Final = 0.02
HEALTH_TIMEOUT: Final = 1.0
LOST: Final = "what was changed last, users made then among it, is lost"
logger: Final = logging.getLogger("local_stage")


@dataclass(frozen=True, slots=True)
class LocalAwsSettings:
    """Where the local AWS listens and what it pretends to be; `state_folder` keeps users and keys.

    `invocations_url` is where the stage invokes functions for it, empty where nothing does. A program that
    knows `callers_secret` is told by it whose access keys there are.
    """

    port: int
    region: str
    account_id: str
    state_folder: Path
    invocations_url: str = ""
    callers_secret: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def endpoint_url(self) -> str:
        """The `--endpoint-url` of every AWS command and client."""
        return f"http://{HOST}:{self.port}"

    def find_caller_url(self, access_key: str) -> str | None:
        """Return where the local AWS tells whose access key this is, None for what can be no key."""
        path = find_caller_path(self.callers_secret, access_key)
        return None if path is None else f"{self.endpoint_url}{path}"

    def client(self, service: str) -> Any:
        """Return a boto3 client of a service of the local AWS, whatever profile the developer has."""
        return find_client(self.region, service, self.endpoint_url, is_patient=False)


class LocalAws:
    """A running MiniStack. It saves its users and stops when this process asks it to, or has ended."""

    def __init__(self, settings: LocalAwsSettings) -> None:
        self.settings = settings
        self.is_saved = True
        """Whether all that it holds, or held at its end, is in its files; of users that is always so."""
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._is_up = False
        self.problem: str | None = None
        """What keeps its state from being saved, users among it, or kept it at its end."""
        # MiniStack says it of itself: another one that listens on the same port must not be taken for ours.
        self._edition = f"local-stage-{secrets.token_hex(8)}"

    @property
    def log_file(self) -> Path:
        """Everything that MiniStack prints."""
        return self.settings.state_folder / "ministack.log"

    async def start(self) -> None:
        """Start MiniStack with an empty log, and return when it responds. Raises StartError.

        It does so where MiniStack stops, cannot read its state, or does not respond within a minute.
        """
        await self.launch()
        await self.wait_until_it_responds()

    async def launch(self) -> None:
        """Start MiniStack with an empty log, and do not wait for it. Raises StartError."""
        try:
            self.settings.state_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self.settings.state_folder / "tmp").mkdir(exist_ok=True, mode=0o700)
            touch_for_owner(self.log_file).write_bytes(b"")
        except OSError as error:
            why = f"cannot be written: {error.strerror}"
            raise MachineError(why, file=str(error.filename or self.settings.state_folder)) from None
        await self._launch()

    async def start_again(self) -> None:
        """Start MiniStack after its end, with what is in its files. Raises StartError as `start` does."""
        await self._launch()
        await self.wait_until_it_responds()

    async def _launch(self) -> None:
        self._is_up, self.is_saved, self.problem = False, True, None
        with self.log_file.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "local_stage.cloudformation.ministack_process",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=_environment(self.settings, self._edition),
                cwd=self.settings.state_folder,
                umask=0o077,
                # A terminal's Ctrl-C reaches its whole process group; the stage decides when this one stops.
                start_new_session=True,
            )
        self._reading = asyncio.create_task(self._read_reports(self._process))

    async def wait(self) -> int:
        """Return the exit code when MiniStack has ended: -9 where SIGKILL ended it."""
        assert self._process is not None  # noqa: S101 - started
        assert self._reading is not None  # noqa: S101 - started
        await asyncio.wait({self._reading})
        return await self._process.wait()

    async def stop(self) -> None:
        """Let MiniStack save its state and stop; kill it when it does not come to an end."""
        if self._process is None or self._process.returncode is not None:
            return
        assert self._process.stdin is not None  # noqa: S101 - asked for in start_again()
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self.wait(), STOP_DEADLINE)
        except TimeoutError:
            self._process.kill()
            await self.wait()
        if self._is_up and self.problem is not None:
            logger.error("The local AWS has ended without having saved its state: %s", LOST)

    async def _read_reports(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 - asked for in start_again()
        async for line in process.stdout:
            with contextlib.suppress(ValueError, TypeError):  # the last one may be cut off
                self._note(StateReport.parse(line))

    def _note(self, report: StateReport) -> None:
        if report.notice is not None:
            logger.info("%s", report.notice)
            return
        if report.has_lost:
            logger.warning("The local AWS could not save its state before it last ended: %s", LOST)
        if self._is_up and report.problem is not None and self.problem is None:
            logger.warning("The local AWS cannot save its state: %s", report.problem)
        elif report.is_saved and self.problem is not None:
            logger.info("The local AWS has saved its state again")
        self.is_saved = report.is_saved
        self.problem = report.problem

    async def wait_until_it_responds(self) -> None:
        """Return when MiniStack, launched before, responds. Raises StartError as `start` does."""
        process = self._process
        assert process is not None  # noqa: S101 - launched
        loop = asyncio.get_running_loop()
        deadline = loop.time() + START_DEADLINE
        while await asyncio.to_thread(_find_edition, self.settings.endpoint_url) != self._edition:
            if process.returncode is not None or loop.time() > deadline:
                await self.stop()
                await self.wait()
                why = f": {self.problem}" if self.problem else f"; {self.log_file} says why"
                raise MachineError(f"the local AWS did not start{why}")
            await asyncio.sleep(POLL_INTERVAL)
        self._is_up = True


def _find_edition(endpoint_url: str) -> str | None:
    """Return the edition that a MiniStack at that address reports, or None where none responds."""
    # An opener of urllib's would read every certificate of this machine at each try.
    with closing(HTTPConnection(urlsplit(endpoint_url).netloc, timeout=HEALTH_TIMEOUT)) as connection:
        try:
            connection.request("GET", "/_ministack/health")
            return str(json.load(connection.getresponse())["edition"])
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
        CALLERS_SECRET: settings.callers_secret,
        INVOCATIONS_URL: settings.invocations_url,
        "LOG_LEVEL": "WARNING",
        # A trigger that fails issues no token.
        "MINISTACK_COGNITO_PRETOKEN_STRICT": "1",
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
