"""python-jose: the signature by the key set, and the claims.

Set: the key set, fetched by yourself
"""

from given import fetch_keys, given, require_verifier
from jose import jwt

keys = fetch_keys()
claims = {"audience": given["public_client"], "issuer": given["issuer"], "algorithms": ["RS256"]}
require_verifier(lambda token: jwt.decode(token, keys, options={"verify_at_hash": False}, **claims))
