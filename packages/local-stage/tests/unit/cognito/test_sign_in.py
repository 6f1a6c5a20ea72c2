"""A refused sign-in says whether the pool refuses the user, or AWS refuses the program that asks."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_stage.cloudformation.aws_refusal import AwsRefusalError
from local_stage.cognito.directory.app_client import Flow
from local_stage.cognito.directory.pool_stack import PoolStack
from local_stage.cognito.directory.sign_in import Credentials, SignInRefusedError, sign_in
from tests.unit.cognito.memory_clients import MemoryClients

POOL_ID = "ap-northeast-1_Memory"
CLIENT = {
    "ClientId": "6exampleclient0example1234",
    "ClientName": "people",
    "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH"],
}
ALICE = Credentials("alice", "Correct-Horse-7")


class RefusingCognito(MemoryClients):
    """Cognito that refuses every sign-in with one code."""

    def __init__(self, code: str) -> None:
        super().__init__(CLIENT)
        self._code = code

    def initiate_auth(self, **_: Any) -> dict[str, Any]:
        """Refuse it."""
        raise ClientError({"Error": {"Code": self._code, "Message": "Not now"}}, "InitiateAuth")


def refusal(code: str, flow: Flow) -> Exception:
    """Return what a sign-in raises at a deployed stack whose Cognito refuses with this code."""
    stack = PoolStack("hello-api", POOL_ID, {}, is_local=False, cognito=RefusingCognito(code))
    with pytest.raises((AwsRefusalError, SignInRefusedError)) as refused:
        sign_in(stack, ALICE, flow)
    return refused.value


@pytest.mark.parametrize("flow", ["srp", "password"])
@pytest.mark.parametrize(
    "code", ["NotAuthorizedException", "UserNotFoundException", "UserNotConfirmedException"]
)
def test_what_the_pool_refuses_is_its_verdict(code: str, flow: Flow) -> None:
    assert isinstance(refusal(code, flow), SignInRefusedError)


@pytest.mark.parametrize("flow", ["srp", "password"])
@pytest.mark.parametrize(
    "code", ["TooManyRequestsException", "AccessDeniedException", "ExpiredTokenException"]
)
def test_where_the_asking_identity_is_refused_the_pool_has_not_been_asked(code: str, flow: Flow) -> None:
    """The command's exit code tells the two apart: 1 and 2."""
    refused = refusal(code, flow)
    assert isinstance(refused, AwsRefusalError)
    assert not refused.is_verdict
