"""boto3: USER_PASSWORD_AUTH, and the refresh of its tokens.

Set: AWS_ENDPOINT_URL, or endpoint_url of the client
"""

import boto3
from given import given, require

cognito = boto3.client("cognito-idp", endpoint_url=given["aws"], region_name=given["region"])
client = {"ClientId": given["public_client"]}
password = {"USERNAME": given["username"], "PASSWORD": given["password"]}
signed_in = cognito.initiate_auth(AuthFlow="USER_PASSWORD_AUTH", AuthParameters=password, **client)
tokens = signed_in["AuthenticationResult"]
refresh = {"REFRESH_TOKEN": tokens["RefreshToken"]}
again = cognito.initiate_auth(AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=refresh, **client)
require(again["AuthenticationResult"]["IdToken"])
