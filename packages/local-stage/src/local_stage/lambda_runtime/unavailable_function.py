"""Functions that cannot run on this machine: the API is served and enforced, and their routes answer 502."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from local_stage.lambda_runtime.code_folders import CodeFolders, WrittenFiles
from local_stage.lambda_runtime.function_error import FunctionInitError, FunctionUnavailableError
from local_stage.lambda_runtime.function_settings import FunctionSettings
from local_stage.lambda_runtime.lambda_function import LambdaFunction

_ERROR_TYPE: Final = "Runtime.Unavailable"


class UnavailableFunction:
    """A function that cannot run now: every invocation fails with the reason.

    `retry` is asked again when a file of the function has changed; once it returns a function that runs, this
    one hands every invocation to it.
    """

    def __init__(
        self,
        settings: FunctionSettings,
        error: FunctionUnavailableError,
        retry: Callable[[], Awaitable[LambdaFunction]],
        written_files: WrittenFiles,
    ) -> None:
        self.settings = settings
        self.error = error
        # Where `sam build` has yet to make the code of this function it looks there too.
        builds = [settings.build.sam_folder] if settings.build else []
        self._folders = CodeFolders([*settings.folders, *builds], written_files)
        self._retry = retry
        self._retrying = asyncio.Lock()
        self._function: LambdaFunction | None = None

    async def invoke(self, event: bytes, *, request_id: str, trace_header: str) -> bytes:
        """Return what the handler returns, as LambdaFunction does, where the function runs by now.

        Raises FunctionInitError with the reason where it does not, which API Gateway answers with 502.
        """
        async with self._retrying:
            if self._function is None and self._folders.has_changed():
                await self._try_again()
        if self._function is None:
            raise FunctionInitError(self.settings.logical_id, _ERROR_TYPE, str(self.error))
        return await self._function.invoke(event, request_id=request_id, trace_header=trace_header)

    async def _try_again(self) -> None:
        try:
            self._function = await self._retry()
        except FunctionUnavailableError as error:
            self.error = error


class AbsentFunction:
    """A function that an API invokes and the template does not have: every invocation fails."""

    def __init__(self, arn: str) -> None:
        self._arn = arn

    async def invoke(self, event: bytes, *, request_id: str, trace_header: str) -> bytes:  # noqa: ARG002 - as LambdaFunction's
        """Raise FunctionInitError, which API Gateway answers with 502."""
        why = f"the template has no function {self._arn}; name one of the template's own"
        raise FunctionInitError(self._arn.rpartition(":function:")[2], _ERROR_TYPE, why)
