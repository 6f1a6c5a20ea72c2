"""authlib: the code flow with PKCE on the pool's login page.

Set: the endpoints /oauth2/authorize and /oauth2/token of the local AWS
"""

from authlib.integrations.requests_client import OAuth2Session
from given import given, log_in, require

session = OAuth2Session(
    given["public_client"],
    redirect_uri=given["callback"],
    scope="openid email",
    code_challenge_method="S256",
    token_endpoint_auth_method="none",
)
verifier = "v" * 48
url, _ = session.create_authorization_url(f"{given['aws']}/oauth2/authorize", code_verifier=verifier)
tokens = session.fetch_token(
    f"{given['aws']}/oauth2/token", authorization_response=log_in(url), code_verifier=verifier
)
require(tokens["id_token"])
