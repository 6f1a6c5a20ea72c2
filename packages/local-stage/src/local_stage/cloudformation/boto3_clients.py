"""boto3's clients of the local AWS, and the credentials that it has for everybody."""

from __future__ import annotations

import os
import threading
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, override

ACCESS_KEY: Final = "test"
SECRET_KEY: Final = "test"  # noqa: S105 - the well-known local credentials, printed in every command

_making_client: Final = threading.Lock()


@cache
def new_session(region: str) -> Any:
    """Return a boto3 session that reads neither AWS configuration nor credentials of the developer.

    Otherwise an AWS_PROFILE that no longer exists would stop every client. There is one session for each
    region: another one would read the descriptions of AWS's services again.
    """
    import boto3  # noqa: PLC0415 - half a second that only some commands need
    from botocore.loaders import Loader  # noqa: PLC0415
    from botocore.session import Session  # noqa: PLC0415

    class Descriptions(Loader):
        """Finds AWS's services by their folders, without a look into each of the four hundred."""

        @override
        def list_available_services(self, type_name: str) -> list[str]:
            return sorted(service.name for place in self.search_paths for service in Path(place).glob("*"))

    # name in the configuration file, environment variable, default, conversion
    unread = (None, None, None, None)
    empty = (None, None, os.devnull, None)
    settings: Any = {"profile": unread, "ca_bundle": unread, "config_file": empty, "credentials_file": empty}
    botocore_session = Session(settings)
    botocore_session.register_component("data_loader", Descriptions())
    return boto3.Session(
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        region_name=region,
        botocore_session=botocore_session,
    )


def find_client(region: str, service: str, endpoint_url: str, *, is_patient: bool = True) -> Any:
    """Return the boto3 client of a service of a local AWS, whatever profile or proxy the developer has.

    A patient client tries again what fails, as boto3 does by default. There is one client for the same
    arguments: threads may share clients, but not the session that makes them
    (https://boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html).
    """
    with _making_client:
        return _make_client(region, service, endpoint_url, is_patient)


@lru_cache(maxsize=32)
def _make_client(region: str, service: str, endpoint_url: str, is_patient: bool) -> Any:  # noqa: FBT001 - a cache's key
    from botocore.config import Config  # noqa: PLC0415 - slow to import

    # A proxy of the environment cannot reach this machine's loopback.
    patience: Any = {} if is_patient else {"retries": {"total_max_attempts": 1}, "read_timeout": 30}
    config = Config(proxies={}, **patience)
    return new_session(region).client(service, endpoint_url=endpoint_url, config=config)
