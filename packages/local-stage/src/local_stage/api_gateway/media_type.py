"""Media types, and which of them an API treats as binary."""

from __future__ import annotations

from collections.abc import Iterable


def parse_media_type(header: str) -> str:
    """Return the first media type of a Content-Type or Accept header, in lower case, without parameters."""
    return header.partition(",")[0].partition(";")[0].strip().lower()


def is_binary(header: str | None, binary_media_types: Iterable[str]) -> bool:
    """Whether a Content-Type or Accept header names a binary media type of the API.

    `*/*` covers everything, a missing header too; `image/*` covers every subtype. Of several types in an
    Accept header only the first counts:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/lambda-proxy-binary-media.html
    """
    if not binary_media_types:
        return False
    media_type = parse_media_type(header or "")
    return any(_covers(parse_media_type(binary), media_type) for binary in binary_media_types)


def _covers(binary: str, media_type: str) -> bool:
    if binary == "*/*" or binary == media_type != "":
        return True
    return binary.endswith("/*") and media_type.startswith(binary[:-1])
