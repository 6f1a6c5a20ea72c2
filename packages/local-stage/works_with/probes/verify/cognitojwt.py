"""cognitojwt: decode with the app client's id.

Set: AWS_COGNITO_JWKS_PATH to a file with the key set, since it looks below AWS's issuer; its extra `sync`
"""

import json
import os
import pathlib

from given import fetch_keys, given, require_verifier

pathlib.Path("keys.json").write_text(json.dumps(fetch_keys()))
os.environ["AWS_COGNITO_JWKS_PATH"] = str(pathlib.Path("keys.json").absolute())

import cognitojwt

require_verifier(
    lambda token: cognitojwt.decode(
        token, given["region"], given["pool"], app_client_id=given["public_client"]
    )
)
