"""Where an issuer publishes its keys: OpenID Connect Discovery.

https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
"""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlsplit

from local_stage.jwt.jose import JoseError, parse_json_object, quote
from local_stage.jwt.jwks import Clock, Fetch, JsonWebKeySet

CONFIGURATION: Final = "/.well-known/openid-configuration"

TIMEOUT: Final = 1.5
"""Seconds that API Gateway waits for either document.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
"""

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class DiscoveryError(ValueError):
    """A document that names no place from which keys can be fetched."""


def discover_keys(issuer: str, fetch: Fetch, clock: Clock) -> JsonWebKeySet:
    """Return the keys of an issuer, which are wherever its configuration says at the time of a fetch."""

    async def fetch_keys(configuration_url: str) -> bytes:
        async with asyncio.timeout(TIMEOUT):
            configuration = await fetch(configuration_url)
        async with asyncio.timeout(TIMEOUT):
            return await fetch(find_keys_url(configuration))

    return JsonWebKeySet(f"{issuer.rstrip('/')}{CONFIGURATION}", fetch_keys, clock)


def find_keys_url(configuration: bytes) -> str:
    """Return the `jwks_uri` of a configuration. Raises DiscoveryError where it is none that can be trusted.

    Whoever could change what comes over plain HTTP could put keys of their own there, so that HTTP is taken
    of this machine alone.
    """
    try:
        url = parse_json_object(configuration).get("jwks_uri")
    except JoseError as error:
        raise DiscoveryError(f"the issuer's configuration is {error}") from error
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or not (parts.scheme == "https" or _is_here(parts.scheme, parts.hostname)):
        raise DiscoveryError(f"jwks_uri is {quote(url)}, expected a URL that begins with https")
    return str(url)


def _is_here(scheme: str, host: str | None) -> bool:
    return scheme == "http" and host in _LOOPBACK
