"""requests-oauth2client: a machine's token by client credentials.

Set: token_endpoint, with testing=True since the local AWS has no TLS
"""

from given import given, require_machine
from requests_oauth2client import OAuth2Client

client = OAuth2Client(
    f"{given['aws']}/oauth2/token",
    client_id=given["machine_client"],
    client_secret=given["machine_secret"],
    testing=True,
)
require_machine(str(client.client_credentials(scope="api/read").access_token))
