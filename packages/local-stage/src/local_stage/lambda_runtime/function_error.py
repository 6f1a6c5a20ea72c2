"""Why a function gave no answer: one class per reason."""

from __future__ import annotations

import json
import re
import signal
from typing import Any, Final, override

_MISSING: Final = re.compile(
    r"(?:Unable to import module '(?P<handler>[^']+)': )?No module named '(?P<name>[^']+)'"
)
_OF_LAMBDA: Final = frozenset({"boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3"})
"""What Lambda's Python brings along, and the stage installs beside a function."""


class FunctionError(Exception):
    """A function gave no answer.

    `reason` is for the developer's log and says what to do; `error_type` is Lambda's name for it. `payload`
    is what Lambda's Invoke answers with `X-Amz-Function-Error: Unhandled`: a JSON object with errorType and
    errorMessage. None of it is for the client, who learns from API Gateway only that it was an internal
    error.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
    """

    def __init__(self, reason: str, *, error_type: str, message: str, payload: bytes | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.error_type = error_type
        self.message = message
        self.payload = payload or json.dumps({"errorType": error_type, "errorMessage": message}).encode()

    def of_request(self, request_id: str) -> FunctionError:  # noqa: ARG002 - an init error names its request
        """Return the error as an invocation of this id has it."""
        return self


class FunctionUnavailableError(Exception):
    """A function cannot run on this machine; why, before anything of it is started.

    It does not decide who may call, so the API starts all the same, and the function's routes answer 502.
    `reason` is a clause without a full stop, on one line. `detail` is all that a program which failed has
    said; the message holds it too.
    """

    def __init__(self, reason: str, *, detail: str = "") -> None:
        super().__init__(f"{reason}\n{detail}" if detail else reason)
        self.reason = " ".join(reason.split())
        self.detail = detail


class HandlerError(FunctionError):
    """The handler raised, or returned what is not JSON; `payload` is as the runtime reported it."""

    def __init__(self, name: str, payload: bytes) -> None:
        error_type, message, place = _read_error(payload)
        reason = f"{name} failed: {error_type}: {message}{place}{advise(message)}"
        super().__init__(reason, error_type=error_type, message=message, payload=payload)


class FunctionInitError(FunctionError):
    """The handler's module could not be loaded, or its process not be started.

    `was_killed` says that a signal ended the process: another one may well start.
    """

    was_killed = False

    def __init__(self, name: str, error_type: str, message: str, payload: bytes | None = None) -> None:
        self._name = name
        self._is_told_by_runtime = payload is not None
        reason = f"{name} failed to start: {error_type}: {message}{advise(message)}"
        super().__init__(reason, error_type=error_type, message=message, payload=payload)

    @override
    def of_request(self, request_id: str) -> FunctionInitError:
        """Return the error as the invocation has it that waited for the environment, whose id it names.

        What the runtime itself has reported names no request (both recorded).
        """
        if self._is_told_by_runtime:
            return self
        message = f"RequestId: {request_id} Error: {self.message}"
        payload = json.dumps({"errorType": self.error_type, "errorMessage": message}).encode()
        error = FunctionInitError(self._name, self.error_type, self.message, payload)
        error.was_killed = self.was_killed
        return error

    @classmethod
    def read(cls, name: str, error_type: str, payload: bytes) -> FunctionInitError:
        """Read the error that the runtime reported."""
        return cls(name, error_type, _read_error(payload)[1], payload)

    @classmethod
    def timed_out(cls, name: str, seconds: float) -> FunctionInitError:
        """The module was still being loaded after so many seconds."""
        return cls(name, "Sandbox.Timedout", f"Init timed out after {seconds:.2f} seconds")

    @classmethod
    def exited(cls, name: str, status: int) -> FunctionInitError:
        """The process ended while it loaded the module."""
        error = cls(name, "Runtime.ExitError", describe_exit(status))
        error.was_killed = status < 0
        return error


class FunctionTimeoutError(FunctionError):
    """The handler did not answer within the function's Timeout; its process was killed."""

    def __init__(self, name: str, request_id: str, timeout: int) -> None:
        reason = f"{name} timed out after {timeout} s; raise its Timeout or make it faster"
        message = f"RequestId: {request_id} Error: Task timed out after {timeout:.2f} seconds"
        super().__init__(reason, error_type="Sandbox.Timedout", message=message)


class FunctionCrashError(FunctionError):
    """The process ended before the handler answered."""

    def __init__(self, name: str, request_id: str, status: int) -> None:
        exit_message = describe_exit(status)
        reason = f"{name} ended its process: {exit_message}; its log may say why"
        message = f"RequestId: {request_id} Error: {exit_message}"
        super().__init__(reason, error_type="Runtime.ExitError", message=message)


class FunctionMemoryError(FunctionError):
    """The process held more memory than the function's MemorySize; it was killed."""

    def __init__(self, name: str, request_id: str | None, used: int, memory_size: int) -> None:
        reason = f"{name} used {used} MB of its {memory_size} MB; raise its MemorySize"
        message = describe_exit(-signal.SIGKILL)
        if request_id is not None:
            message = f"RequestId: {request_id} Error: {message}"
        super().__init__(reason, error_type="Runtime.OutOfMemory", message=message)


class EventTooLargeError(FunctionError):
    """The event is larger than Lambda takes; the function was not invoked."""

    def __init__(self, name: str, size: int, limit: int) -> None:
        reason = f"{name} was not invoked: its event has {size} bytes, Lambda takes {limit}"
        message = f"{size} byte payload is too large for the RequestResponse invocation type"
        super().__init__(reason, error_type="RequestTooLargeException", message=message)


class ResponseTooLargeError(FunctionError):
    """The handler returned more than Lambda passes on."""

    def __init__(self, name: str, limit: int) -> None:
        reason = f"{name} returned more than the {limit} bytes that Lambda passes on; return less"
        message = f"Response payload size exceeded maximum allowed payload size ({limit} bytes)."
        super().__init__(reason, error_type="Function.ResponseSizeTooLarge", message=message)


class FunctionThrottledError(FunctionError):
    """As many invocations as the function reserves were already running; it was not invoked.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
    """

    def __init__(self, name: str, reserved: int) -> None:
        reason = f"{name} was throttled: its ReservedConcurrentExecutions is {reserved}"
        super().__init__(reason, error_type="TooManyRequestsException", message="Rate Exceeded.")


class FunctionLoopError(FunctionError):
    """Event sources invoke the function without end, most likely by what it does itself; it was not invoked.

    Lambda stops a chain after some 16 invocations; here how often they come is all that is known.
    Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
    """

    def __init__(self, name: str, limit: int, seconds: float) -> None:
        reason = (
            f"{name} was not invoked: its event sources have invoked it more than {limit} times in"
            f" {seconds:g} s, as a function does that causes its own events"
        )
        super().__init__(reason, error_type="LocalStage.LoopStopped", message=reason)


class FunctionStoppedError(FunctionError):
    """The stage is stopping."""

    def __init__(self, name: str) -> None:
        reason = f"{name} was stopped with the stage"
        super().__init__(reason, error_type="Sandbox.Stopped", message=reason)


def describe_exit(status: int) -> str:
    """Say in Lambda's words how a process ended; `status` is -N for a signal N."""
    if status < 0:
        name = signal.strsignal(-status) or str(-status)
        return f"Runtime exited with error: signal: {name.lower()}"
    if status > 0:
        return f"Runtime exited with error: exit status {status}"
    return "Runtime exited without providing a reason"


def _read_error(payload: bytes) -> tuple[str, str, str]:
    """Return errorType, errorMessage and where it was raised, each empty where the payload does not say."""
    try:
        error = json.loads(payload)
    except ValueError:
        return "", "", ""
    if not isinstance(error, dict):
        return "", "", ""
    place = _find_place(error)
    return str(error.get("errorType", "")), str(error.get("errorMessage", "")), f" ({place})" if place else ""


def _find_place(error: dict[str, Any]) -> str:
    """Return the innermost frame: the last one of Python's `stackTrace`, the first one of Node's `trace`."""
    frames = error.get("stackTrace")
    if isinstance(frames, list) and frames:
        return str(frames[-1]).strip().partition("\n")[0]
    lines = error.get("trace")
    texts = [str(line).strip() for line in lines] if isinstance(lines, list) else []
    return next((text for text in texts if text.startswith("at ")), "")


def advise(message: str) -> str:
    """Return what to do where a module is missing, behind a semicolon; nothing for any other error."""
    found = _MISSING.search(message)
    if found is None:
        return ""
    name = found["name"].partition(".")[0]
    if found["handler"] in {found["name"], name}:
        return f"; Handler names a file that CodeUri does not have: {found['name']}.py"
    if name in _OF_LAMBDA:
        return (
            f"; Lambda's Python has {name}: here it could not be installed (the log at start says why),"
            " or a file of the function has its name"
        )
    return (
        f"; the function's requirements.txt lacks the package that has {name}; add it, the next call has it"
    )
