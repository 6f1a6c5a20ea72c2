"""Refresh tokens: encrypted, with an end, and of a rotating client good once and a little longer for a retry.

What a client gets is the pool's own refresh token, encrypted (RFC 7516: `dir`, A256GCM), as Cognito's are.
The pool has one for a sign-in: all that follow from it end when it does, and are revoked together with it.
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from local_stage.cloudformation.pool_front.accounts import RefusalError, not_authorized
from local_stage.cloudformation.pool_front.front_state import FrontState, RefreshTokenUse
from local_stage.jwt.jose import JoseError, decode_base64url, encode_part, parse_json_object

_HEADER: Final = encode_part({"cty": "JWT", "enc": "A256GCM", "alg": "dir"})
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_PARTS: Final = 5

REUSED: Final = "Refresh token has been invalidated by rotation."
"""The kind of the exception is documented, its text is not."""


class RefreshTokens:
    """Encrypts and decrypts refresh tokens, and knows which were used; `clock` gives Unix seconds."""

    def __init__(self, state: FrontState, clock: Callable[[], float]) -> None:
        self._state = state
        self._clock = clock
        self._cipher = AESGCM(base64.b64decode(state.key))

    def issue(self, token: str) -> str:
        """Return the pool's token as a client gets it, each time another one."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _write(nonce, self._cipher.encrypt(nonce, token.encode(), _HEADER.encode()))

    def use(self, sent: str, grace: int | None) -> tuple[str, bool]:
        """Return the pool's token in one that is sent; where refresh tokens rotate, it is used up by that.

        The other result says whether this is its first use. Raises RefusalError for a token that has ended,
        or that was used longer ago than the grace, and MachineError where the use cannot be kept.
        """
        now, token = self._clock(), self.open(sent)
        ends = read_claims(token).get("exp")
        if not isinstance(ends, int | float):
            return token, False
        if ends <= now:
            raise not_authorized("Refresh Token has expired")
        use = self._state.refresh_tokens.get(_digest(sent))
        if use is not None and now >= use.used_at + (grace or 0):
            raise RefusalError("RefreshTokenReuseException", REUSED)
        if grace is None or use is not None:
            return token, False
        kept = {digest: one for digest, one in self._state.refresh_tokens.items() if one.expires_at > now}
        self._state.refresh_tokens = {**kept, _digest(sent): RefreshTokenUse(now, ends)}
        self._state.save()
        return token, True

    def give_back(self, sent: str) -> None:
        """Let a token be used again, since the pool has given nothing for it."""
        if self._state.refresh_tokens.pop(_digest(sent), None):
            self._state.save()

    def open(self, sent: str) -> str:
        """Return the pool's token in one that is sent, or what is sent where it is none of ours.

        A token of ours has one spelling alone, so that its use can be noted by its text.
        """
        parts = sent.split(".")
        if len(parts) != _PARTS:
            return sent
        try:
            nonce, text, tag = map(decode_base64url, parts[2:])
            if _write(nonce, text + tag) != sent:
                return sent
            return self._cipher.decrypt(nonce, text + tag, _HEADER.encode()).decode()
        except (JoseError, InvalidTag, ValueError):
            return sent


def read_claims(token: str) -> dict[str, Any]:
    """Return the claims that a token has, verified by nobody; none where it is in no compact form."""
    try:
        return parse_json_object(decode_base64url(token.split(".")[1]))
    except (IndexError, JoseError):
        return {}


def read_username(tokens: Mapping[str, Any]) -> str:
    """Return what the access token among the tokens of a sign-in calls the user, verified by nobody."""
    return str(read_claims(str(tokens.get("AccessToken"))).get("username", ""))


def _write(nonce: bytes, sealed: bytes) -> str:
    """Return the compact form (RFC 7516, 7.1), whose second part is empty: `dir` encrypts no key."""
    parts = (nonce, sealed[:-_TAG_BYTES], sealed[-_TAG_BYTES:])
    return ".".join([_HEADER, "", *(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)])


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
