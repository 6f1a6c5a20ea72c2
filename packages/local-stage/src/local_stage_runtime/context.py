"""The context object that a handler gets.

https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from typing import Any, Final

from local_stage_runtime.fault import Fault

_SHOWN: Final = (
    "aws_request_id",
    "log_group_name",
    "log_stream_name",
    "function_name",
    "memory_limit_in_mb",
    "function_version",
    "invoked_function_arn",
    "client_context",
    "identity",
    "tenant_id",
)
_W3C_FIELDS: Final = ("traceparent", "tracestate", "baggage")


class _Fields:
    """An object whose attributes are the fields of a JSON object; those it lacks are None."""

    __slots__: tuple[str, ...] = ()

    def __init__(self, values: Mapping[str, Any]) -> None:
        for name in self.__slots__:
            setattr(self, name, values.get(name))

    def __repr__(self) -> str:
        fields = ",".join(f"{name}={getattr(self, name)}" for name in self.__slots__)
        return f"{type(self).__name__}([{fields}])"


class CognitoIdentity(_Fields):
    """The Cognito identity that called, where a mobile SDK did."""

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")


class Client(_Fields):
    """The mobile application that called."""

    __slots__ = ("app_package_name", "app_title", "app_version_code", "app_version_name", "installation_id")


class ClientContext(_Fields):
    """What the caller says of himself."""

    __slots__ = ("client", "custom", "env")


class LambdaContext:
    """What a handler is told of its invocation, its function and its environment."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        """Read the headers of `next`, their names in lower case.

        Raises Fault for one that should be JSON and is not.
        """
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        client = _read_json(headers, "lambda-runtime-client-context", "Client Context")
        self._w3c = _take_w3c(client)
        self.client_context = _build_client_context(client)
        self.identity = _build_identity(
            _read_json(headers, "lambda-runtime-cognito-identity", "Cognito Identity")
        )
        self._deadline_ms = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self) -> int:
        """Return how many milliseconds are left until the function times out."""
        return max(self._deadline_ms - int(time.time() * 1000), 0)

    def w3c(self) -> dict[str, str]:
        """Return the W3C trace context that the caller gave."""
        return dict(self._w3c)

    def log(self, message: object) -> None:
        """Write to the function's log, without a line feed."""
        sys.stdout.write(str(message))

    def __repr__(self) -> str:
        fields = ",".join(f"{name}={getattr(self, name)}" for name in _SHOWN)
        return f"{type(self).__name__}([{fields}])"


def _read_json(headers: Mapping[str, str], header: str, name: str) -> dict[str, Any] | None:
    text = headers.get(header)
    if not text:
        return None
    try:
        value: dict[str, Any] = json.loads(text)
    except ValueError as error:
        why = f"Unable to parse {name} JSON: {error}"
        raise Fault("Runtime.LambdaContextUnmarshalError", why) from None
    return value


def _take_w3c(client: dict[str, Any] | None) -> dict[str, str]:
    fields = client.pop("w3c", None) if isinstance(client, dict) else None
    if not isinstance(fields, dict):
        return {}
    return {name: fields[name] for name in _W3C_FIELDS if isinstance(fields.get(name), str)}


def _build_client_context(values: dict[str, Any] | None) -> ClientContext | None:
    if values is None:
        return None
    application = values.get("client")
    return ClientContext({**values, "client": Client(application) if application is not None else None})


def _build_identity(values: dict[str, Any] | None) -> CognitoIdentity:
    known = values or {}
    return CognitoIdentity(
        {
            "cognito_identity_id": known.get("cognitoIdentityId"),
            "cognito_identity_pool_id": known.get("cognitoIdentityPoolId"),
        }
    )
