"""What SSM and Secrets Manager of the local AWS hold of what a template refers to.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any


def find_local_values(client: Callable[[str], Any], references: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the values that are there, by `service:key`; `references` are (service, key) pairs.

    `client` gives boto3 clients of the local AWS.
    """
    found = {}
    for service, key in references:
        read = _read_secret if service == "secretsmanager" else _read_parameter
        value = read(client, key) if service in {"secretsmanager", "ssm", "ssm-secure"} else None
        if value is not None:
            found[f"{service}:{key}"] = value
    return found


def _read_parameter(client: Callable[[str], Any], key: str) -> str | None:
    ssm = client("ssm")
    try:
        answer = ssm.get_parameter(Name=key, WithDecryption=True)
    except (ssm.exceptions.ParameterNotFound, ssm.exceptions.ParameterVersionNotFound):
        return None
    return str(answer["Parameter"]["Value"])


def _read_secret(client: Callable[[str], Any], key: str) -> str | None:
    """Return a secret, or a value of its JSON; the key is `id:SecretString:json-key:stage:version`."""
    name, _, rest = key.partition(":SecretString")
    secrets = client("secretsmanager")
    try:
        text = str(secrets.get_secret_value(SecretId=name).get("SecretString", ""))
    except secrets.exceptions.ResourceNotFoundException:
        return None
    json_key = rest.removeprefix(":").partition(":")[0]
    if not json_key:
        return text
    try:
        return str(json.loads(text)[json_key])
    except (ValueError, LookupError, TypeError):
        return None
