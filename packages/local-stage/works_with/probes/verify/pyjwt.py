"""pyjwt: its key client, with audience and issuer.

Set: PyJWKClient with the address of the key set
"""

import jwt
from given import given, require_verifier

keys = jwt.PyJWKClient(given["jwks"])


def verify(token):
    key = keys.get_signing_key_from_jwt(token).key
    jwt.decode(token, key, algorithms=["RS256"], audience=given["public_client"], issuer=given["issuer"])


require_verifier(verify)
