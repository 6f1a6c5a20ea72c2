"""Where an issuer's keys are: its configuration says so, over HTTPS or on this machine."""

from __future__ import annotations

import asyncio
import json

import pytest

from local_stage.jwt.discovery import DiscoveryError, discover_keys, find_keys_url
from local_stage.jwt.jwks import KeysUnavailableError
from tests.manual_clock import ManualClock
from tests.tokens import TokenSigner

ISSUER = "https://idp.example/tenant/"
KEYS = "https://keys.example/jwks"


def test_keys_come_from_where_the_configuration_says() -> None:
    signer = TokenSigner(ISSUER, "idp-key")
    urls = []

    async def fetch(url: str) -> bytes:
        urls.append(url)
        return json.dumps({"issuer": ISSUER, "jwks_uri": KEYS}).encode() if url != KEYS else signer.jwks()

    async def find() -> object:
        return await discover_keys(ISSUER, fetch, ManualClock()).find_key("idp-key")

    assert asyncio.run(find()) == signer.public_key
    assert urls == ["https://idp.example/tenant/.well-known/openid-configuration", KEYS]


def test_an_issuer_that_does_not_answer_has_no_keys() -> None:
    async def fetch(_: str) -> bytes:
        raise OSError("no network")

    async def find() -> object:
        return await discover_keys(ISSUER, fetch, ManualClock()).find_key("idp-key")

    with pytest.raises(KeysUnavailableError, match="no network"):
        asyncio.run(find())


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/keys", "http://localhost/keys", KEYS])
def test_keys_may_come_over_https_or_from_this_machine(url: str) -> None:
    assert find_keys_url(json.dumps({"jwks_uri": url}).encode()) == url


@pytest.mark.parametrize(
    "configuration",
    [
        b"{}",
        b"no JSON",
        b"[]",
        b'{"jwks_uri": 7}',
        b'{"jwks_uri": "http://keys.example/jwks"}',
        b'{"jwks_uri": "file:///etc/keys"}',
        b'{"jwks_uri": "http://127.0.0.1.evil.example/"}',
        b'{"jwks_uri": "https://a", "jwks_uri": "https://b"}',
    ],
)
def test_keys_from_anywhere_else_are_not_fetched(configuration: bytes) -> None:
    with pytest.raises(DiscoveryError):
        find_keys_url(configuration)
