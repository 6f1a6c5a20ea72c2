"""Tokens of every good kind, signed at run time with keys made at run time, and the key sets to verify them.

`TokenSigner(issuer=..., kid=...)` is a user pool's signing half: `id_token()` and `access_token()` give good
tokens in Cognito's order of claims, any claim of which may be given another value or be left out (`ABSENT`);
`sign()` signs anything at all; `jwks()` is what the pool publishes.
"""

from __future__ import annotations

import base64
import functools
import itertools
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

REGION = "ap-northeast-1"
POOL_ID = f"{REGION}_AbCdEf123"
POOL_ARN = f"arn:aws:cognito-idp:{REGION}:123456789012:userpool/{POOL_ID}"
ISSUER = f"https://cognito-idp.{REGION}.amazonaws.com/{POOL_ID}"
CLIENT_ID = "1example23456789abcdefghij"
SUB = "77041af8-c0d1-70aa-ad3e-cda0beafa748"
LIFETIME = 3600

ARTICLE_POOL_ARN = "arn:aws:cognito-idp:ap-northeast-1:123456789012:userpool/ap-northeast-1_pDwtyMhPe"
"""The user pool of the article's tokens; its account is not known."""

ABSENT = object()
"""The value of a claim or header parameter that a token is to be without."""


@functools.cache
def make_rsa_key(name: str, bits: int = 2048) -> RSAPrivateKey:
    """Return the key of this name, made anew in each run; one name is one key."""
    del name
    return generate_private_key(public_exponent=65537, key_size=bits)


class TokenSigner:
    """A user pool's signing half. Its key is the one named by its `kid`."""

    def __init__(
        self,
        issuer: str = ISSUER,
        kid: str = "pool-key/1+A=",
        *,
        client_id: str = CLIENT_ID,
        clock: Callable[[], float] = time.time,
        key: RSAPrivateKey | None = None,
    ) -> None:
        self.issuer = issuer
        self.kid = kid
        self.client_id = client_id
        self.clock = clock
        self._key = key
        self._numbers = itertools.count(1)

    @property
    def key(self) -> RSAPrivateKey:
        """The private key, which is made when it is first asked for, and not by an import alone."""
        return self._key or make_rsa_key(self.kid)

    @property
    def public_key(self) -> RSAPublicKey:
        return self.key.public_key()

    def id_token(self, **claims: Any) -> str:
        """Return an ID token, good for an hour; `claims` are changed, added, or left out (`ABSENT`)."""
        now = int(self.clock())
        return self.sign(
            _without_absent(
                {
                    "origin_jti": f"origin-{next(self._numbers)}",
                    "sub": SUB,
                    "aud": self.client_id,
                    "event_id": "acf71b60-2ee9-4611-ace8-dc566e711357",
                    "token_use": "id",
                    "auth_time": now,
                    "iss": self.issuer,
                    "cognito:username": "taro",
                    "exp": now + LIFETIME,
                    "iat": now,
                    "jti": f"id-{next(self._numbers)}",
                }
                | claims
            )
        )

    def access_token(self, scope: Any = "aws.cognito.signin.user.admin", **claims: Any) -> str:
        """Return an access token, good for an hour; `claims` as in `id_token`."""
        now = int(self.clock())
        return self.sign(
            _without_absent(
                {
                    "sub": SUB,
                    "iss": self.issuer,
                    "client_id": self.client_id,
                    "origin_jti": f"origin-{next(self._numbers)}",
                    "event_id": "acf71b60-2ee9-4611-ace8-dc566e711357",
                    "token_use": "access",
                    "scope": scope,
                    "auth_time": now,
                    "exp": now + LIFETIME,
                    "iat": now,
                    "jti": f"access-{next(self._numbers)}",
                    "username": "taro",
                }
                | claims
            )
        )

    def sign(self, payload: Mapping[str, Any] | bytes, **header: Any) -> str:
        """Sign a payload, JSON or any bytes, under a header with these parameters changed or left out."""
        parameters = _without_absent({"kid": self.kid, "alg": "RS256"} | header)
        return self.sign_parts(encode_json(parameters), encode_json(payload))

    def sign_parts(self, header: str, payload: str) -> str:
        """Sign two parts that are encoded already, well or badly."""
        signing_input = f"{header}.{payload}"
        signature = self.key.sign(signing_input.encode("utf-8", "surrogatepass"), PKCS1v15(), SHA256())
        return f"{signing_input}.{encode_base64url(signature)}"

    def jwk(self, **members: Any) -> dict[str, Any]:
        """Return the public key as Cognito publishes it, with these members changed or left out."""
        numbers = self.public_key.public_numbers()
        published = {
            "alg": "RS256",
            "e": encode_number(numbers.e),
            "kid": self.kid,
            "kty": "RSA",
            "n": encode_number(numbers.n),
            "use": "sig",
        }
        return _without_absent(published | members)

    def jwks(self, *others: TokenSigner) -> bytes:
        """Return the key set of this signer and the others."""
        return build_jwks(self.jwk(), *(other.jwk() for other in others))


def read_article_token(kind: Literal["id", "access"]) -> str:
    """Return a real token, long expired: one of the two printed in the article that this project follows."""
    return (Path(__file__).parent / "data" / f"article-{kind}-token.txt").read_text().strip()


def build_jwks(*keys: Mapping[str, Any]) -> bytes:
    return json.dumps({"keys": keys}).encode()


def encode_base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def encode_json(value: Mapping[str, Any] | bytes) -> str:
    """Return JSON as Cognito writes it, without blanks, in base64url; bytes are taken as they are."""
    if isinstance(value, bytes):
        return encode_base64url(value)
    return encode_base64url(json.dumps(value, separators=(",", ":")).encode())


def encode_number(number: int) -> str:
    return encode_base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def decode_part(token: str, index: int) -> dict[str, Any]:
    """Return the header (0) or payload (1) of a token, unverified."""
    part = token.split(".")[index]
    value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert isinstance(value, dict)
    return value


def _without_absent(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not ABSENT}
