"""Clients of Lambda and CodeDeploy that keep what they are told; a version is a handler in this process."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

type Handler = Callable[[dict[str, Any]], Any]


class Versions:
    """Lambda, with one version. An answer that is an exception is the function's own error."""

    def __init__(self, handler: Handler) -> None:
        self.invoked: list[str] = []
        self._handler = handler

    def invoke(self, **request: Any) -> Mapping[str, Any]:
        """Answer as Lambda does."""
        self.invoked.append(request["FunctionName"])
        answer = self._handler(json.loads(request["Payload"]))
        if isinstance(answer, Exception):
            error = {"errorMessage": str(answer), "errorType": type(answer).__name__}
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": _stream(error)}
        return {"StatusCode": 200, "Payload": _stream(answer)}


class Deployments:
    """CodeDeploy; `reports` has what it was told, in order."""

    def __init__(self) -> None:
        self.reports: list[Mapping[str, Any]] = []

    def put_lifecycle_event_hook_execution_status(self, **request: Any) -> Mapping[str, Any]:
        """Keep the report."""
        self.reports.append(request)
        return {}


def _stream(answer: Any) -> io.BytesIO:
    return io.BytesIO(json.dumps(answer).encode())
