"""pycognito: sign-in by SRP.

Set: AWS_ENDPOINT_URL and no endpoint_url, which it would take for the tokens' issuer; COGNITO_JWKS to the key set
"""

import json
import os

from given import fetch_keys, given, require

os.environ["COGNITO_JWKS"] = json.dumps(fetch_keys())

from pycognito import Cognito

user = Cognito(given["pool"], given["public_client"], username=given["username"])
user.authenticate(password=given["password"])
require(user.id_token)
