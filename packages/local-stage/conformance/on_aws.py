"""AWS itself as a target: stacks that were deployed there by `sam deploy`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import boto3
from botocore.auth import SigV4Auth

from conformance.case import Api
from conformance.target import Stack, Target
from conformance.tokens import Tokens
from conformance.wire import Address

HTTPS = 443


@contextmanager
def aws(stack_name: str) -> Iterator[Target]:
    """Find the stacks: template.yaml's has the name, customised.yaml's is `<name>-customised`, and so on."""
    session = boto3.Session()
    names = {
        Api.DEFAULTS: stack_name,
        Api.CUSTOMISED: f"{stack_name}-customised",
        Api.HTTP: f"{stack_name}-http-api",
        Api.CALLERS: f"{stack_name}-callers",
    }
    with ExitStack() as opened:
        stacks = {api: _find_stack(session, name, opened) for api, name in names.items()}
        yield Target("AWS", str(session.region_name), stacks)


def _find_stack(session: boto3.Session, name: str, opened: ExitStack) -> Stack:
    (described,) = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    tokens = Tokens(session.client("cognito-idp"), outputs, outputs.get("TokenEndpoint", ""), keys=None)
    opened.callback(tokens.close)
    host = str(urlsplit(outputs["ApiUrl"]).hostname)
    credentials = session.get_credentials()
    assert credentials is not None  # noqa: S101 - the call above needed them
    signer = SigV4Auth(credentials, "execute-api", session.region_name)
    return Stack(Address(host, (host, HTTPS), tls=True), outputs, tokens, signer)
