"""The private keys of a local user pool: they sign what the pool does not issue, such as expired tokens."""

from __future__ import annotations

from typing import Literal

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from local_stage.cognito.directory.signing_key import read_signing_key
from tests.http_session import new_http_session
from tests.stage_process import StageProcess
from tests.tokens import TokenSigner, encode_number


def read_pool_signer(
    stage: StageProcess, user_pool_id: str, kind: Literal["id", "access"], client_id: str
) -> TokenSigner:
    """Return the half of a pool of the stage's local AWS that signs its ID tokens or its access tokens."""
    published = _fetch_keys(stage, user_pool_id)  # a pool makes its keys when it is first asked for them
    key = read_signing_key(stage.state_folder, user_pool_id, kind)
    return TokenSigner(issuer_of(user_pool_id), _find_kid(published, key), client_id=client_id, key=key)


def issuer_of(user_pool_id: str) -> str:
    """Return the `iss` of a pool's tokens, on AWS and locally alike."""
    return f"https://cognito-idp.{user_pool_id.partition('_')[0]}.amazonaws.com/{user_pool_id}"


def _fetch_keys(stage: StageProcess, user_pool_id: str) -> list[dict[str, str]]:
    url = f"{stage.aws_endpoint_url}/{user_pool_id}/.well-known/jwks.json"
    keys: list[dict[str, str]] = new_http_session(url).get(url, timeout=30).json()["keys"]
    return keys


def _find_kid(published: list[dict[str, str]], key: RSAPrivateKey) -> str:
    modulus = encode_number(key.public_key().public_numbers().n)
    (kid,) = (jwk["kid"] for jwk in published if jwk["n"] == modulus)
    return kid
