"""joserfc: the signature by the key set, and the claims.

Set: the key set, fetched by yourself
"""

from given import fetch_keys, given, require_verifier
from joserfc import jwt
from joserfc.jwk import KeySet

keys = KeySet.import_key_set(fetch_keys())
claims = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": given["issuer"]},
    aud={"essential": True, "value": given["public_client"]},
)
require_verifier(lambda token: claims.validate(jwt.decode(token, keys, algorithms=["RS256"]).claims))
