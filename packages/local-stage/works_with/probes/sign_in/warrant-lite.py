"""warrant-lite: sign-in by SRP.

Set: a boto3 client with endpoint_url, as client=; the locale en_US.UTF-8, by localedef and LOCPATH where it is not there
"""

import os
import subprocess
from pathlib import Path

import boto3
from given import given, require
from warrant_lite import WarrantLite

subprocess.run(["localedef", "-i", "en_US", "-f", "UTF-8", "./en_US.UTF-8"], check=False)
os.environ["LOCPATH"] = str(Path.cwd())
cognito = boto3.client("cognito-idp", endpoint_url=given["aws"], region_name=given["region"])
user = WarrantLite(
    username=given["username"],
    password=given["password"],
    pool_id=given["pool"],
    client_id=given["public_client"],
    client=cognito,
)
require(user.authenticate_user()["AuthenticationResult"]["IdToken"])
