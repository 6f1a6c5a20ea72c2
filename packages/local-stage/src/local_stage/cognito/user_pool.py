"""A user pool as an authorizer sees it: whose tokens are its own, and the keys that sign them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from local_stage.errors import TemplateError
from local_stage.jwt.jwks import LOCAL_FETCH_TIMEOUT, Clock, Fetch, JsonWebKeySet

DNS_SUFFIXES = {"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}
"""The partitions with user pools, and what their issuers end in; other partitions are refused."""

MAX_POOL_ID_LENGTH = 55

REMEDY_OF_CLOSED: Final = (
    "start with --stand-in-pool for a local user pool in its place, or pass the ARN of another one with"
    " --parameter-overrides"
)
"""What lets tokens in where a pool is closed, as a clause without a full stop."""

REMEDY_OF_UNKNOWN: Final = "pass the value with --parameter-overrides"
"""What lets tokens in where something else of the authorizer is not known."""

_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):cognito-idp:(?P<region>[a-z0-9-]+):(?P<account_id>[0-9]{12})"
    r":userpool/(?P<pool_id>(?P=region)_[0-9A-Za-z]+)"
)


_ISSUER = re.compile(
    r"https://cognito-idp\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?"
    r"/(?P<pool_id>(?P=region)_[0-9A-Za-z]{1,54})"
)


@dataclass(frozen=True, slots=True)
class UserPoolArn:
    """`arn:<partition>:cognito-idp:<region>:<account id>:userpool/<pool id>`, taken apart.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncognitouserpools.html
    """

    partition: str
    region: str
    account_id: str
    pool_id: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the ARN in its parts.

        Raises:
            StartError: no user pool's ARN, a pool id of another region than the ARN's, or a partition whose
                issuers are unknown.
        """
        match = _ARN.fullmatch(text)
        if match is None or len(match["pool_id"]) > MAX_POOL_ID_LENGTH:
            raise TemplateError(
                f"{text!a} is no user pool's ARN; write"
                " arn:aws:cognito-idp:<region>:<account id>:userpool/<region>_<id>"
            )
        if match["partition"] != _partition_of(match["region"]):
            raise TemplateError(
                f"{text!a}: there are no user pools of {match['region']} in {match['partition']}"
            )
        return cls(**match.groupdict())

    @property
    def text(self) -> str:
        """The ARN in one piece."""
        return f"arn:{self.partition}:cognito-idp:{self.region}:{self.account_id}:userpool/{self.pool_id}"

    @property
    def issuer(self) -> str:
        """The `iss` of the pool's tokens, to the letter."""
        return f"https://cognito-idp.{self.region}.{DNS_SUFFIXES[self.partition]}/{self.pool_id}"

    @property
    def attributes(self) -> dict[str, str]:
        """What `Fn::GetAtt` gives for the pool.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpool.html
        """
        return {
            "Arn": self.text,
            "ProviderName": self.issuer.removeprefix("https://"),
            "ProviderURL": self.issuer,
            "UserPoolId": self.pool_id,
        }

    @classmethod
    def find(cls, text: str) -> Self | None:
        """Return the ARN in its parts, or None for what `parse` refuses."""
        try:
            return cls.parse(text)
        except TemplateError:
            return None


@dataclass(frozen=True, slots=True)
class UserPool:
    """A user pool and the keys that sign its tokens."""

    arn: UserPoolArn
    keys: JsonWebKeySet
    stands_in_for: str | None = None
    """What the template names in place of this local pool, where it is another one."""

    @classmethod
    def on_aws(cls, arn: str, fetch: Fetch, clock: Clock) -> Self:
        """Return the pool as it is on AWS: its keys come from its issuer, over HTTPS.

        Raises:
            StartError: as `UserPoolArn.parse` does.
        """
        parsed = UserPoolArn.parse(arn)
        return cls(parsed, JsonWebKeySet(f"{parsed.issuer}/.well-known/jwks.json", fetch, clock))

    @classmethod
    def on_local_aws(
        cls, arn: str, endpoint_url: str, fetch: Fetch, clock: Clock, *, stands_in_for: str | None = None
    ) -> Self:
        """Return a pool of the local AWS at `endpoint_url`; its tokens name the same issuer as on AWS.

        Raises:
            StartError: as `UserPoolArn.parse` does.
        """
        parsed = UserPoolArn.parse(arn)
        url = f"{endpoint_url.rstrip('/')}/{parsed.pool_id}/.well-known/jwks.json"
        return cls(parsed, JsonWebKeySet(url, fetch, clock, timeout=LOCAL_FETCH_TIMEOUT), stands_in_for)

    @property
    def issuer(self) -> str:
        """The `iss` of the pool's tokens, to the letter."""
        return self.arn.issuer


@dataclass(frozen=True, slots=True)
class ClosedPool:
    """A user pool none of whose tokens passes, since its keys were not known when the stage started.

    `arn` is as the template has it, which may be no ARN at all. `why` is a clause without a full stop. `pool`
    is there where the keys may still come: they are asked for again when a token of it is sent.
    """

    arn: str
    why: str
    pool: UserPool | None = None
    remedy: str = REMEDY_OF_CLOSED


def find_user_pool_id(issuer: str) -> str | None:
    """Return the id of the user pool that an issuer is of, or None for what is no user pool's issuer."""
    found = _ISSUER.fullmatch(issuer)
    return found["pool_id"] if found else None


def _partition_of(region: str) -> str | None:
    if region.startswith("cn-"):
        return "aws-cn"
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return None if region.startswith(("us-iso", "eu-isoe", "eusc-")) else "aws"
