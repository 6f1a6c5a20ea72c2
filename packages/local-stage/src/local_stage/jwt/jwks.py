"""An issuer's JSON Web Key Set, fetched at a limited rate, and the signatures that its keys verify.

A failed fetch loses no key. Cognito may rotate a pool's keys at any time, and asks to cache them by `kid`.
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Any, Final, Protocol

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from local_stage.jwt.jose import JoseError, decode_base64url, parse_json_object, quote

type Clock = Callable[[], float]
"""Unix seconds."""

type Fetch = Callable[[str], Awaitable[bytes]]
"""Returns the body of a URL's answer with status 200, raises on any other; brings its own limit of size."""

MAX_DOCUMENT_SIZE = 65_536
"""Bytes of a key set; a user pool's two keys take about 900."""

MAX_KEYS = 32

MIN_KEY_BITS = 2048
"""RFC 7518, section 3.3."""

MAX_KEY_BITS = 8192
"""Above it a single verification takes noticeable time."""

MIN_FETCH_INTERVAL = 5.0
"""Seconds from the end of one fetch to the next that an unknown `kid` may cause."""

MAX_AGE = 3600.0
"""Seconds after which the keys are fetched anew, so that a withdrawn key does not stay good for ever."""

FETCH_TIMEOUT = 5.0
"""Seconds that a caller with an unknown `kid` waits at most, should the fetcher have no limit of its own."""

LOCAL_FETCH_TIMEOUT = 10.0
"""The same for the local AWS: on a busy machine it is slow, and nobody else has what is asked of it."""

REMEMBERED_SIGNATURES: Final = 1024
"""Good signatures that are remembered; each is one token of one caller."""

_PADDING: Final = PKCS1v15()
_HASH: Final = SHA256()


class KeySetError(ValueError):
    """A document that is no usable JSON Web Key Set."""


class KeysUnavailableError(Exception):
    """There is no key at all to judge a token by, since none could ever be fetched."""

    def __init__(self, url: str, failure: str | None) -> None:
        self.reason = f"no key could be fetched from {url} ({failure or 'not tried yet'})"
        self.remedy = "see that the user pool exists and that its address answers"
        super().__init__(f"{self.reason}; {self.remedy}")


class JsonWebKeySet:
    """The keys behind one URL (RFC 7517, section 5), by `kid`.

    A known key is found without waiting. An unknown one causes a fetch, at most one every
    `MIN_FETCH_INTERVAL` whatever callers send, and all callers share it. Only a fetched, well-formed document
    changes what is known; it then replaces all of it, so that a withdrawn key is gone.
    """

    def __init__(self, url: str, fetch: Fetch, clock: Clock, *, timeout: float = FETCH_TIMEOUT) -> None:
        self.url = url
        self.failure: str | None = None
        """Why the last fetch failed, or None."""
        self._fetch = fetch
        self._clock = clock
        self._timeout = timeout
        self._keys: dict[str, RSAPublicKey] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._fetching: asyncio.Task[None] | None = None

    async def find_key(self, kid: str) -> RSAPublicKey | None:
        """Return the key, or None if the set has none of that name as far as is known.

        Raises:
            KeysUnavailableError: no fetch has ever succeeded.
        """
        if kid not in self._keys and (fetching := self._fetch_if_due()):
            await asyncio.shield(fetching)
        elif not self._is_within(MAX_AGE, self._fetched_at):
            self._fetch_if_due()
        if not self._keys:
            raise KeysUnavailableError(self.url, self.failure)
        return self._keys.get(kid)

    async def refresh(self) -> None:
        """Fetch the keys now, whatever the rate; for the start, before the first caller comes.

        Raises:
            KeysUnavailableError: no fetch has ever succeeded, this one included.
        """
        await asyncio.shield(self._fetch_now())
        if not self._keys:
            raise KeysUnavailableError(self.url, self.failure)

    def _fetch_if_due(self) -> asyncio.Task[None] | None:
        return None if self._is_within(MIN_FETCH_INTERVAL, self._tried_at) else self._fetch_now()

    def _fetch_now(self) -> asyncio.Task[None]:
        """Return the fetch under way, or a new one; it outlives a caller that goes away."""
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetch_keys())
        return self._fetching

    async def _fetch_keys(self) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                self._keys = parse_key_set(await self._fetch(self.url))
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the known keys stay and nobody is let in
            self.failure = f"{type(error).__name__}: {quote(str(error))}"
        else:
            self.failure = None
            self._fetched_at = self._clock()
        finally:
            self._tried_at = self._clock()

    def _is_within(self, seconds: float, since: float | None) -> bool:
        # A clock that was set back must not hold fetches up until it is where it was.
        return since is not None and since <= self._clock() < since + seconds


class VerifyingKey(Protocol):
    """What is asked of cryptography's RSAPublicKey."""

    def verify(self, signature: bytes, data: bytes, padding: PKCS1v15, algorithm: SHA256, /) -> None:
        """Return if the key's private half made the signature. Raises InvalidSignature if it did not."""


class SignatureVerifier:
    """Verifies RS256 signatures (RFC 7518, section 3.3), each good one once.

    It remembers which signatures were good, and nothing else: what a token claims is for others to judge.
    Remembered is one exact text with one exact signature, by their SHA-256, and the very key that verified
    them: keys that are fetched anew verify anew. A bad signature is verified each time it comes and leaves
    nothing behind, so that only who can sign fills the memory; beyond `limit` the one that was needed longest
    ago goes.
    """

    def __init__(self, limit: int = REMEMBERED_SIGNATURES) -> None:
        self._limit = limit
        self._keys: OrderedDict[bytes, VerifyingKey] = OrderedDict()

    def verify(self, key: VerifyingKey, signature: bytes, signing_input: bytes) -> None:
        """Return if `key` made the signature. Raises cryptography's InvalidSignature if it did not."""
        fingerprint = _fingerprint(signature, signing_input)
        if self._keys.get(fingerprint) is not key:
            key.verify(signature, signing_input, _PADDING, _HASH)
            self._keys[fingerprint] = key
        self._keys.move_to_end(fingerprint)
        if len(self._keys) > self._limit:
            self._keys.popitem(last=False)


def _fingerprint(signature: bytes, signing_input: bytes) -> bytes:
    # The length keeps the two apart: no other pair runs together into the same bytes.
    return sha256(b"%d.%b%b" % (len(signature), signature, signing_input)).digest()


def parse_key_set(document: bytes) -> dict[str, RSAPublicKey]:
    """Return the document's keys for RS256 signatures by `kid`; others are passed over (RFC 7517, section 5).

    Raises:
        KeySetError: too large, no JSON Web Key Set, no usable key, or two usable ones of the same `kid`.
    """
    if len(document) > MAX_DOCUMENT_SIZE:
        raise KeySetError(f"{len(document)} bytes, more than {MAX_DOCUMENT_SIZE}")
    try:
        members = parse_json_object(document).get("keys")
    except JoseError as error:
        raise KeySetError(str(error)) from error
    if not isinstance(members, list) or len(members) > MAX_KEYS:
        raise KeySetError(f"no list keys of at most {MAX_KEYS}")
    usable = [(member["kid"], key) for member in members if (key := _build_key(member))]
    keys = dict(usable)
    if not keys or len(keys) != len(usable):
        raise KeySetError("the same kid twice" if keys else "no RSA key for RS256 signatures")
    return keys


def _build_key(member: object) -> RSAPublicKey | None:
    if not isinstance(member, dict) or not _is_for_rs256(member):
        return None
    try:
        numbers = RSAPublicNumbers(e=_decode_number(member["e"]), n=_decode_number(member["n"]))
        key = numbers.public_key()
    except (KeyError, TypeError, ValueError):
        return None
    return key if MIN_KEY_BITS <= key.key_size <= MAX_KEY_BITS else None


def _is_for_rs256(member: Mapping[str, Any]) -> bool:
    kid = member.get("kid")
    operations = member.get("key_ops", ["verify"])
    return (
        member.get("kty") == "RSA"
        and member.get("use", "sig") == "sig"
        and member.get("alg", "RS256") == "RS256"
        and isinstance(operations, list)
        and "verify" in operations
        and isinstance(kid, str)
        and bool(kid)
    )


def _decode_number(text: str) -> int:
    """Return a Base64urlUInt (RFC 7518, section 2)."""
    return int.from_bytes(decode_base64url(text), "big")
