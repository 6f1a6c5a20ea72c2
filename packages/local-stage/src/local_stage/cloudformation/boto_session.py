"""A boto3 session for the local AWS, whatever AWS profile the developer has."""

from __future__ import annotations

import os
from typing import Any, Final

ACCESS_KEY: Final = "test"
SECRET_KEY: Final = "test"  # noqa: S105 - the well-known local credentials, printed in every command


def new_session(region: str) -> Any:
    """Return a boto3 session that reads neither the developer's AWS configuration nor his credentials.

    AWS_PROFILE alone would otherwise stop every client where that profile is gone.
    """
    import boto3  # noqa: PLC0415 - half a second that only some commands need
    from botocore.session import Session  # noqa: PLC0415

    # name in the configuration file, environment variable, default, conversion
    unread = (None, None, None, None)
    empty = (None, None, os.devnull, None)
    settings: Any = {"profile": unread, "ca_bundle": unread, "config_file": empty, "credentials_file": empty}
    return boto3.Session(
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        region_name=region,
        botocore_session=Session(settings),
    )
