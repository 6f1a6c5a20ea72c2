"""warrant-lite: sign-in by SRP.

Set: a boto3 client with endpoint_url, as client=; the locale en_US.UTF-8 on the machine
"""

import boto3
from given import given, require
from warrant_lite import WarrantLite

cognito = boto3.client("cognito-idp", endpoint_url=given["aws"], region_name=given["region"])
user = WarrantLite(
    username=given["username"],
    password=given["password"],
    pool_id=given["pool"],
    client_id=given["public_client"],
    client=cognito,
)
require(user.authenticate_user()["AuthenticationResult"]["IdToken"])
