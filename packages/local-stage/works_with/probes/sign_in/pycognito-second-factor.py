"""pycognito: an authenticator app's code after the password, and a refresh token that is good once.

Set: AWS_ENDPOINT_URL and COGNITO_JWKS; the app is set up by boto3, since pycognito does not know MFA_SETUP
"""

import base64
import hmac
import os
import time
import urllib.request

from given import given, read_claims

pool, client, name = given["guarded_pool"], given["guarded_client"], "python"
with urllib.request.urlopen(given["jwks"].replace(given["pool"], pool)) as keys:
    os.environ["COGNITO_JWKS"] = keys.read().decode()

from pycognito import Cognito
from pycognito.aws_srp import AWSSRP
from pycognito.exceptions import SoftwareTokenMFAChallengeException


def make_code(secret, later):
    digest = hmac.digest(base64.b32decode(secret), (int(time.time()) // 30 + later).to_bytes(8), "sha1")
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF) % 10**6:06}"


user = Cognito(pool, client, username=name)
cognito = user.client
srp = AWSSRP(username=name, password=given["password"], pool_id=pool, client_id=client, client=cognito)
challenge = srp.authenticate_user()
assert challenge["ChallengeName"] == "MFA_SETUP", challenge
app = cognito.associate_software_token(Session=challenge["Session"])
cognito.verify_software_token(Session=app["Session"], UserCode=make_code(app["SecretCode"], 0))
try:
    user.authenticate(password=given["password"])
except SoftwareTokenMFAChallengeException:
    user.respond_to_software_token_mfa_challenge(make_code(app["SecretCode"], 1))
else:
    raise AssertionError("tokens without the second factor")
assert read_claims(user.id_token)["cognito:username"] == name
exchange = {"RefreshToken": user.refresh_token, "ClientId": client}
renewed = cognito.get_tokens_from_refresh_token(**exchange)["AuthenticationResult"]
assert renewed["RefreshToken"] != user.refresh_token
try:
    cognito.get_tokens_from_refresh_token(**exchange)
except cognito.exceptions.RefreshTokenReuseException:
    pass
else:
    raise AssertionError("a refresh token is good twice")
