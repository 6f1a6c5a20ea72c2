"""The hostile matrix, tokens: every forged, bent or broken token that must be refused, by name.

A name stands for a function that makes the token with a `Forger`, so that a test can be parametrized by name,
at the authorizer's unit and over the wire alike: `FORGERIES[name](Forger(signer, "id"))`; that table
is in `tests.forged_claims`. What the pool's own key signs here shows that a signature alone lets nobody in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import zlib
from collections.abc import Callable
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, AsymmetricPadding, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.tokens import ABSENT, TokenSigner, decode_part, encode_base64url, encode_json

SCOPE = "hello/read"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
PKCS1 = PKCS1v15()
PSS_SHA256 = PSS(MGF1(SHA256()), 32)
SPKI = PublicFormat.SubjectPublicKeyInfo
PKCS1_KEY = PublicFormat.PKCS1

type Forgery = Callable[[Forger], str]


class Forger:
    """Makes bad tokens from a pool's good ones, of the kind that the method under attack asks for."""

    def __init__(self, signer: TokenSigner, kind: Literal["id", "access"], scope: str = SCOPE) -> None:
        self.signer = signer
        self.kind = kind
        self.scope = scope
        self.attacker = TokenSigner(signer.issuer, "attacker-key", clock=signer.clock)

    def good(self, **claims: Any) -> str:
        """Return a token that the pool itself signed, good but for these claims."""
        if self.kind == "id":
            return self.signer.id_token(**claims)
        return self.signer.access_token(**{"scope": self.scope} | claims)

    def payload(self, **claims: Any) -> dict[str, Any]:
        return decode_part(self.good(**claims), 1)

    def with_header(self, **header: Any) -> str:
        """Return a good token but for its header, signed by the pool."""
        return self.signer.sign(self.payload(), **header)

    def with_header_bytes(self, header: bytes) -> str:
        return self.signer.sign_parts(encode_json(header), encode_json(self.payload()))

    def with_payload(self, rewrite: Callable[[bytes], bytes]) -> str:
        """Return a token signed by the pool over another text of a good payload."""
        return self.signer.sign(rewrite(json.dumps(self.payload()).encode()))

    def with_member(self, json_text: str) -> str:
        """Return a token signed by the pool with one more member, as JSON text, at the payload's end."""
        return self.with_payload(lambda payload: payload[:-1] + f", {json_text}}}".encode())

    def by_attacker(self, **header: Any) -> str:
        """Return a good token but for its key: the attacker's, under the pool's `kid` or another."""
        return self.attacker.sign(self.payload(), **{"kid": self.signer.kid} | header)

    def unsigned(self, alg: Any, signature: str = "") -> str:
        header = {"kid": self.signer.kid, "alg": alg}
        return f"{encode_json(header)}.{encode_json(self.payload())}.{signature}"

    def signed_with(self, alg: str, sign: Callable[[bytes], bytes]) -> str:
        signing_input = self.unsigned(alg).rpartition(".")[0]
        return f"{signing_input}.{encode_base64url(sign(signing_input.encode()))}"

    def hmac_keyed_with(self, secret: bytes, alg: str = "HS256") -> str:
        digest = f"sha{alg[2:]}"
        return self.signed_with(alg, lambda data: hmac.new(secret, data, digest).digest())

    def public_bytes(self, encoding: Encoding, form: PublicFormat) -> bytes:
        return self.signer.public_key.public_bytes(encoding, form)

    def signed_by_pool_as(self, alg: str, hashing: HashAlgorithm, padding: AsymmetricPadding = PKCS1) -> str:
        return self.signed_with(alg, lambda data: self.signer.key.sign(data, padding, hashing))

    def signed_by_attacker_as(
        self, alg: str, hashing: HashAlgorithm, padding: AsymmetricPadding = PKCS1
    ) -> str:
        return self.signed_with(alg, lambda data: self.attacker.key.sign(data, padding, hashing))

    def edited(self, edit: Callable[[str, str, str], str]) -> str:
        """Return what becomes of a good token's header, payload and signature."""
        header, payload, signature = self.good().split(".")
        return edit(header, payload, signature)


def _sign_es256(data: bytes) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _sign_eddsa(data: bytes) -> bytes:
    return ed25519.Ed25519PrivateKey.generate().sign(data)


def _in_standard_base64(forger: Forger) -> str:
    tokens = iter(forger.good, "")
    header, payload, signature = next(t for t in tokens if {"-", "_"} & set(t.rpartition(".")[2])).split(".")
    return f"{header}.{payload}.{signature.replace('-', '+').replace('_', '/')}"


def _with_unused_bits(text: str) -> str:
    """Return another text that Python decodes to the same bytes: an RSA signature leaves four bits unused."""
    return text[:-1] + ALPHABET[ALPHABET.index(text[-1]) + 1]


def _deflated(forger: Forger) -> str:
    compressor = zlib.compressobj(wbits=-15)
    payload = json.dumps(forger.payload()).encode()
    return forger.signer.sign(compressor.compress(payload) + compressor.flush(), zip="DEF")


ALGORITHMS: dict[str, Forgery] = {
    "alg none": lambda f: f.unsigned("none"),
    "alg None": lambda f: f.unsigned("None"),
    "alg NONE with the signature of a good token": lambda f: f.unsigned("NONE", f.good().rpartition(".")[2]),
    "alg RS256 without a signature": lambda f: f.unsigned("RS256"),
    "alg empty": lambda f: f.with_header(alg=""),
    "alg absent": lambda f: f.with_header(alg=ABSENT),
    "alg null": lambda f: f.with_header(alg=None),
    "alg list": lambda f: f.with_header(alg=["RS256"]),
    "alg rs256": lambda f: f.with_header(alg="rs256"),
    "alg with a blank": lambda f: f.with_header(alg="RS256 "),
    "HS256 keyed with the public key's PEM": lambda f: f.hmac_keyed_with(f.public_bytes(Encoding.PEM, SPKI)),
    "HS256 keyed with the PKCS 1 PEM": lambda f: f.hmac_keyed_with(f.public_bytes(Encoding.PEM, PKCS1_KEY)),
    "HS256 keyed with the public key's DER": lambda f: f.hmac_keyed_with(f.public_bytes(Encoding.DER, SPKI)),
    "HS256 keyed with the JWK": lambda f: f.hmac_keyed_with(json.dumps(f.signer.jwk()).encode()),
    "HS256 keyed with n": lambda f: f.hmac_keyed_with(f.signer.jwk()["n"].encode()),
    "HS256 keyed with nothing": lambda f: f.hmac_keyed_with(b""),
    "HS512 keyed with the public key's PEM": lambda f: f.hmac_keyed_with(
        f.public_bytes(Encoding.PEM, SPKI), "HS512"
    ),
    "HMAC with the public key's PEM called RS256": lambda f: f.signed_with(
        "RS256", lambda data: hmac.new(f.public_bytes(Encoding.PEM, SPKI), data, "sha256").digest()
    ),
    "RS384 by the pool's key": lambda f: f.signed_by_pool_as("RS384", SHA384()),
    "RS512 by the pool's key": lambda f: f.signed_by_pool_as("RS512", SHA512()),
    "PS256 by the pool's key": lambda f: f.signed_by_pool_as("PS256", SHA256(), PSS_SHA256),
    "RS384 by the attacker": lambda f: f.signed_by_attacker_as("RS384", SHA384()),
    "RS512 by the attacker": lambda f: f.signed_by_attacker_as("RS512", SHA512()),
    "PS256 by the attacker": lambda f: f.signed_by_attacker_as("PS256", SHA256(), PSS_SHA256),
    "PS256 by the pool's key called RS256": lambda f: f.signed_by_pool_as("RS256", SHA256(), PSS_SHA256),
    "RS512 by the pool's key called RS256": lambda f: f.signed_by_pool_as("RS256", SHA512()),
    "SHA-1 by the pool's key called RS256": lambda f: f.signed_by_pool_as("RS256", SHA1()),  # noqa: S303 - a forgery
    "ES256 by the attacker": lambda f: f.signed_with("ES256", _sign_es256),
    "EdDSA by the attacker": lambda f: f.signed_with("EdDSA", _sign_eddsa),
    "RS256 by the attacker under the pool's kid": lambda f: f.by_attacker(),
    "RS256 by the attacker under his own kid": lambda f: f.by_attacker(kid=f.attacker.kid),
    "a hash called a signature": lambda f: f.signed_with("RS256", lambda data: hashlib.sha256(data).digest()),
    "zeroes called a signature": lambda f: f.signed_with("RS256", lambda _: bytes(256)),
    "ones called a signature": lambda f: f.signed_with("RS256", lambda _: b"\xff" * 256),
}

HEADERS: dict[str, Forgery] = {
    "kid absent": lambda f: f.with_header(kid=ABSENT),
    "kid null": lambda f: f.with_header(kid=None),
    "kid empty": lambda f: f.with_header(kid=""),
    "kid list": lambda f: f.with_header(kid=[f.signer.kid]),
    "kid object": lambda f: f.with_header(kid={"kid": f.signer.kid}),
    "kid number": lambda f: f.with_header(kid=1),
    "kid path": lambda f: f.with_header(kid="../../../../dev/null"),
    "kid SQL": lambda f: f.with_header(kid="' UNION SELECT 'key'; --"),
    "kid of another pool": lambda f: f.with_header(kid=TokenSigner(kid="other-pool-key").kid),
    "kid with a newline": lambda f: f.with_header(kid=f.signer.kid + "\n"),
    "kid in another case": lambda f: f.with_header(kid=f.signer.kid.upper()),
    "kid of 257 characters": lambda f: f.with_header(kid="k" * 257),
    "kid of 100 kB": lambda f: f.with_header(kid="k" * 100_000),
    "the attacker's key in jwk": lambda f: f.by_attacker(jwk=f.attacker.jwk()),
    "the attacker's key at jku": lambda f: f.by_attacker(jku="https://attacker.example/jwks.json"),
    "the attacker's key at x5u": lambda f: f.by_attacker(x5u="https://attacker.example/chain.pem"),
    "the attacker's key in x5c": lambda f: f.by_attacker(x5c=["MIIB"]),
    "jwk in a token of the pool": lambda f: f.with_header(jwk=f.signer.jwk()),
    "jku in a token of the pool": lambda f: f.with_header(jku=f"{f.signer.issuer}/.well-known/jwks.json"),
    "crit": lambda f: f.with_header(crit=["exp"], exp=0),
    "crit empty": lambda f: f.with_header(crit=[]),
    "b64 false": lambda f: f.with_header(b64=False),
    "compressed": _deflated,
    "zip without compression": lambda f: f.with_header(zip="DEF"),
    "enc": lambda f: f.with_header(enc="A256GCM"),
    "header with alg twice": lambda f: f.with_header_bytes(
        json.dumps({"kid": f.signer.kid}).encode()[:-1] + b', "alg": "none", "alg": "RS256"}'
    ),
    "header that is a list": lambda f: f.with_header_bytes(b'["RS256"]'),
    "header that is no JSON": lambda f: f.with_header_bytes(b"alg=RS256"),
    "header empty": lambda f: f.with_header_bytes(b""),
}

JSON: dict[str, Forgery] = {
    "a claim twice": lambda f: f.with_member('"exp": 9999999999'),
    "a claim twice, once escaped": lambda f: f.with_member('"s\\u0075b": "admin"'),
    "a name twice deep inside": lambda f: f.with_member('"x": [{"a": 1, "a": 2}]'),
    "NaN": lambda f: f.with_member('"x": NaN'),
    "Infinity": lambda f: f.with_member('"x": Infinity'),
    "a float beyond bounds": lambda f: f.with_member('"x": 1e400'),
    "an integer of 5,000 digits": lambda f: f.with_member('"x": ' + "9" * 5000),
    "lists 3,000 deep": lambda f: f.with_member('"x": ' + "[" * 3000 + "]" * 3000),
    "objects 17 deep": lambda f: f.with_member('"x": ' + '{"a":' * 17 + "1" + "}" * 17),
    "a lone surrogate": lambda f: f.with_member('"x": "\\ud800"'),
    "a lone surrogate in a name": lambda f: f.with_member('"\\udfff": 1'),
    "a byte that is no UTF-8": lambda f: f.with_payload(lambda p: p[:-1] + b', "x": "\xff"}'),
    "a surrogate in UTF-8": lambda f: f.with_payload(lambda p: p[:-1] + b', "x": "\xed\xa0\x80"}'),
    "a raw newline in a text": lambda f: f.with_member('"x": "a\nb"'),
    "a byte order mark": lambda f: f.with_payload(lambda p: b"\xef\xbb\xbf" + p),
    "UTF-16": lambda f: f.with_payload(lambda p: p.decode().encode("utf-16")),
    "text after the object": lambda f: f.with_payload(lambda p: p + b"{}"),
    "a comma too many": lambda f: f.with_payload(lambda p: p[:-1] + b",}"),
    "a payload that is a list": lambda f: f.with_payload(lambda p: b"[" + p + b"]"),
    "a payload that is a text": lambda f: f.with_payload(lambda _: b'"claims"'),
    "a payload that is null": lambda f: f.with_payload(lambda _: b"null"),
    "a payload that is empty": lambda f: f.with_payload(lambda _: b""),
    "a payload without claims": lambda f: f.with_payload(lambda _: b"{}"),
}

ENCODINGS: dict[str, Forgery] = {
    "signature truncated": lambda f: f.good()[:-4],
    "signature by a letter too short": lambda f: f.good()[:-1],
    "signature extended": lambda f: f.good() + "AAAA",
    "signature doubled": lambda f: f.edited(lambda h, p, s: f"{h}.{p}.{s}{s}"),
    "signature empty": lambda f: f.edited(lambda h, p, _: f"{h}.{p}."),
    "signature absent": lambda f: f.edited(lambda h, p, _: f"{h}.{p}"),
    "signature of another token": lambda f: f.edited(
        lambda h, p, _: f"{h}.{p}.{f.good().rpartition('.')[2]}"
    ),
    "signature with unused bits": lambda f: f.edited(lambda h, p, s: f"{h}.{p}.{_with_unused_bits(s)}"),
    "signature in standard base64": _in_standard_base64,
    "signature with padding": lambda f: f.good() + "==",
    "header with padding": lambda f: f.edited(lambda h, p, s: f"{h}=.{p}.{s}"),
    "payload with padding": lambda f: f.edited(lambda h, p, s: f"{h}.{p}=.{s}"),
    "padding before": lambda f: "=" + f.good(),
    "payload of another caller": lambda f: f.edited(
        lambda h, _, s: f"{h}.{encode_json(f.payload(sub='admin'))}.{s}"
    ),
    "header and payload exchanged": lambda f: f.edited(lambda h, p, s: f"{p}.{h}.{s}"),
    "a part too many": lambda f: f.good() + ".AAAA",
    "five parts": lambda f: f.good() + ".AAAA.AAAA",
    "a dot before": lambda f: "." + f.good(),
    "a dot after": lambda f: f.good() + ".",
    "two dots": lambda f: f.good().replace(".", "..", 1),
    "only dots": lambda _: "..",
    "a blank inside": lambda f: f.edited(lambda h, p, s: f"{h}.{p[:9]} {p[9:]}.{s}"),
    "a newline inside": lambda f: f.edited(lambda h, p, s: f"{h}.{p[:9]}\n{p[9:]}.{s}"),
    "a newline after": lambda f: f.good() + "\n",
    "NUL after": lambda f: f.good() + "\x00",
    "a terminal's escape inside": lambda f: f.edited(lambda h, p, s: f"{h}.{p[:9]}\x1b[0m{p[9:]}.{s}"),
    "a letter outside ASCII": lambda f: f.good().replace("e", "\u0435", 1),
    "a fullwidth dot": lambda f: f.good().replace(".", "\uff0e", 1),
    "a letter outside the alphabet": lambda f: f.edited(lambda h, p, s: f"{h}.{p[:9]}!{p[9:]}.{s}"),
    "percent-encoded": lambda f: f.good().replace(".", "%2E"),
    "in lower case": lambda f: f.good().lower(),
    "in quotes": lambda f: f'"{f.good()}"',
    "base64 around the token": lambda f: base64.b64encode(f.good().encode()).decode(),
    "12 kB": lambda f: f.good(x="x" * 9000),
}
