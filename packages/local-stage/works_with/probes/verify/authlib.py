"""authlib: JsonWebToken with the key set.

Set: the key set, fetched by yourself; joserfc is its successor for this
"""

from authlib.jose import JsonWebKey, JsonWebToken
from given import fetch_keys, given, require_verifier

keys = JsonWebKey.import_key_set(fetch_keys())
options = {
    name: {"essential": True, "value": given[key]}
    for name, key in (("iss", "issuer"), ("aud", "public_client"))
}


def verify(token):
    JsonWebToken(["RS256"]).decode(token, keys, claims_options=options).validate()


require_verifier(verify)
