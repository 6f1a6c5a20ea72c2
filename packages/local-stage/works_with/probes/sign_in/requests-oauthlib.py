"""requests-oauthlib: the code flow of a client with a secret.

Set: OAUTHLIB_INSECURE_TRANSPORT=1, since the local AWS has no TLS
"""

import os

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

from given import given, log_in, require
from requests_oauthlib import OAuth2Session

session = OAuth2Session(given["web_client"], redirect_uri=given["callback"], scope=["openid", "email"])
url, _ = session.authorization_url(f"{given['aws']}/oauth2/authorize")
tokens = session.fetch_token(
    f"{given['aws']}/oauth2/token", authorization_response=log_in(url), client_secret=given["web_secret"]
)
require(tokens["id_token"])
