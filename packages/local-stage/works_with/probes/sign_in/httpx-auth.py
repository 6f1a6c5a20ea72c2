"""httpx-auth: a machine's token by client credentials.

Set: token_url
"""

import httpx
from given import given, require_machine
from httpx_auth import OAuth2ClientCredentials

auth = OAuth2ClientCredentials(
    f"{given['aws']}/oauth2/token",
    client_id=given["machine_client"],
    client_secret=given["machine_secret"],
    scope="api/read",
)
request = next(auth.sync_auth_flow(httpx.Request("GET", "http://localhost/")))
require_machine(request.headers["Authorization"].removeprefix("Bearer "))
