"""What a user pool's ARN says: the issuer of its tokens, to the letter, and where its keys are."""

from __future__ import annotations

import asyncio

import pytest

from local_stage.cognito.user_pool import UserPool, UserPoolArn
from local_stage.errors import StartError
from tests.key_server import KeyServer
from tests.manual_clock import ManualClock
from tests.tokens import ISSUER, POOL_ARN, POOL_ID, TokenSigner

ARN = "arn:{partition}:cognito-idp:{region}:123456789012:userpool/{region}_AbCdEf123"


@pytest.mark.rule("token.issuer")
@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws", "ap-northeast-1", "cognito-idp.ap-northeast-1.amazonaws.com"),
        ("aws", "us-east-1", "cognito-idp.us-east-1.amazonaws.com"),
        ("aws-us-gov", "us-gov-west-1", "cognito-idp.us-gov-west-1.amazonaws.com"),
        ("aws-cn", "cn-north-1", "cognito-idp.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_the_issuer_follows_region_and_partition(partition: str, region: str, host: str) -> None:
    arn = UserPoolArn.parse(ARN.format(partition=partition, region=region))
    assert arn.issuer == f"https://{host}/{region}_AbCdEf123"


def test_an_arn_is_taken_apart() -> None:
    assert UserPoolArn.parse(POOL_ARN) == UserPoolArn("aws", "ap-northeast-1", "123456789012", POOL_ID)


@pytest.mark.parametrize(
    "arn",
    [
        "",
        POOL_ID,
        POOL_ARN + "\n",
        POOL_ARN + "/client/abc",
        POOL_ARN.replace("userpool/", "identitypool/"),
        POOL_ARN.replace("cognito-idp", "cognito-identity"),
        POOL_ARN.replace("123456789012", ""),
        POOL_ARN.replace("123456789012", "12345678901²"),
        POOL_ARN.replace("userpool/ap-northeast-1", "userpool/us-east-1"),
        POOL_ARN.replace("userpool/", "userpool/../"),
        POOL_ARN.replace("ap-northeast-1", "evil.example/"),
        POOL_ARN.replace("_AbCdEf123", "_"),
        POOL_ARN.replace("_AbCdEf123", "_" + "a" * 41),
        POOL_ARN.replace("_AbCdEf123", "_${stageVariables.pool}"),
        "arn:aws:cognito-idp:*:123456789012:userpool/*",
    ],
)
def test_what_is_no_user_pools_arn_keeps_the_stage_from_starting(arn: str) -> None:
    with pytest.raises(StartError, match="is no user pool's ARN; write arn:aws:cognito-idp:"):
        UserPoolArn.parse(arn)


@pytest.mark.parametrize(
    ("partition", "region"),
    [
        ("aws", "cn-north-1"),
        ("aws-cn", "us-east-1"),
        ("aws", "us-gov-west-1"),
        ("aws-us-gov", "us-east-1"),
        ("aws-iso", "us-iso-east-1"),
        ("aws-other", "us-east-1"),
    ],
)
def test_a_region_in_another_partition_keeps_the_stage_from_starting(partition: str, region: str) -> None:
    with pytest.raises(StartError, match=f"no user pools of {region} in {partition}"):
        UserPoolArn.parse(ARN.format(partition=partition, region=region))


@pytest.mark.rule("token.key-set")
def test_the_keys_of_a_pool_on_aws_come_from_its_issuer_over_https() -> None:
    server = KeyServer(TokenSigner().jwks())
    asyncio.run(UserPool.on_aws(POOL_ARN, server, ManualClock()).keys.refresh())
    assert server.urls == [f"{ISSUER}/.well-known/jwks.json"]


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:4566", "http://127.0.0.1:4566/"])
def test_the_keys_of_a_local_pool_come_from_the_local_aws(endpoint: str) -> None:
    server = KeyServer(TokenSigner().jwks())
    asyncio.run(UserPool.on_local_aws(POOL_ARN, endpoint, server, ManualClock()).keys.refresh())
    assert server.urls == [f"http://127.0.0.1:4566/{POOL_ID}/.well-known/jwks.json"]


def test_the_tokens_of_a_local_pool_name_the_issuer_on_aws() -> None:
    pool = UserPool.on_local_aws(POOL_ARN, "http://127.0.0.1:4566", KeyServer(b""), ManualClock())
    assert pool.issuer == ISSUER
