"""IAM authorization: who has signed a request, and what they may call.

https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from local_stage.api_gateway.authorizers.authorizer import Authorization, AuthorizationRequest
from local_stage.api_gateway.authorizers.signature import verify_signature
from local_stage.api_gateway.exchange import Clock
from local_stage.api_gateway.policy.policy import Policy
from local_stage.api_gateway.policy.principal import Caller

_EVERYTHING: Final = Policy.parse(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"},
    }
)


@dataclass(frozen=True, slots=True)
class IamAuthorizerSettings:
    """IAM authorization as a template asks for it, under the name of its security scheme."""

    name: str

    @property
    def identity_source(self) -> str | None:
        """None: the signature is of the whole request, and not in one header."""
        return None


@dataclass(frozen=True, slots=True)
class RootUser:
    """The root user of the local AWS, by the one pair of keys that it gives out; it may call everything."""

    account_id: str
    access_key: str
    secret_key: str

    @property
    def arn(self) -> str:
        """The ARN by which events and policies name it."""
        return f"arn:aws:iam::{self.account_id}:root"


def describe_root(root: RootUser) -> dict[str, str]:
    """Return who has signed a request, members of `requestContext.identity`."""
    return {
        "accountId": root.account_id,
        "caller": root.account_id,
        "accessKey": root.access_key,
        "userArn": root.arn,
        "user": root.account_id,
    }


class IamAuthorizer:
    """Lets through what the root user has signed; every other key is unknown here, and stays out."""

    def __init__(self, root: RootUser, region: str, clock: Clock) -> None:
        self._root = root
        self._region = region
        self._clock = clock

    async def authorize(self, asked: AuthorizationRequest) -> Authorization:
        """Return who has signed a request. Raises GatewayError (403) unless it is signed as it should be."""
        verify_signature(asked.request, self._find_secret, self._region, self._clock())
        root = self._root
        return Authorization(
            root.account_id,
            {},
            {},
            policies=(_EVERYTHING,),
            origin="the root user's policy",
            identity=describe_root(root),
            caller=Caller(root.account_id, frozenset({root.arn}), is_root=True),
            condition_keys=self._condition_keys(),
        )

    def _find_secret(self, access_key: str) -> str | None:
        return self._root.secret_key if access_key == self._root.access_key else None

    def _condition_keys(self) -> Mapping[str, str]:
        root = self._root
        return {
            "aws:principalaccount": root.account_id,
            "aws:principalarn": root.arn,
            "aws:principaltype": "Account",
            "aws:userid": root.account_id,
        }
