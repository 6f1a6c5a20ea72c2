"""A handler's response as the JSON that Lambda makes of it.

AWS's client encodes with simplejson, which takes more than the standard library: named tuples become objects,
Decimals the numbers they are, bytes text.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from local_stage_runtime.fault import Fault

_CONSTANTS = {None: "null", True: "true", False: "false"}


def encode_response(response: object) -> bytes:
    """Return the response; bytes as they are. Raises Fault for what has no form in JSON."""
    if isinstance(response, bytes):
        return response
    try:
        return "".join(_encode(response)).encode()
    except Exception as error:  # noqa: BLE001 - whatever an object does while it is encoded
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from None


def _encode(value: Any) -> Iterator[str]:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        yield from _encode_object(value)
    elif isinstance(value, (list, tuple)):
        yield from _encode_array(value)
    else:
        yield _encode_scalar(value)


def _encode_scalar(value: Any) -> str:
    if value is None or value is True or value is False:
        return _CONSTANTS[value]
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, bytes):
        return encode_basestring(value.decode())
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return _encode_float(value)
    if isinstance(value, Decimal):
        return "NaN" if value.is_nan() else str(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _encode_float(value: float) -> str:
    text = float.__repr__(value)
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(text, text)


def _encode_array(values: list[Any] | tuple[Any, ...]) -> Iterator[str]:
    separator = "["
    for value in values:
        yield separator
        yield from _encode(value)
        separator = ", "
    yield "[]" if separator == "[" else "]"


def _encode_object(values: dict[Any, Any]) -> Iterator[str]:
    separator = "{"
    for key, value in values.items():
        yield separator
        yield f"{_encode_key(key)}: "
        yield from _encode(value)
        separator = ", "
    yield "{}" if separator == "{" else "}"


def _encode_key(key: Any) -> str:
    if isinstance(key, (str, bytes)):
        return _encode_scalar(key)
    if key is None or isinstance(key, (int, float)):
        return f'"{_encode_scalar(key)}"'
    raise TypeError(f"keys must be str, int, float, bool or None, not {type(key).__name__}")
