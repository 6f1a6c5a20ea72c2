"""What a pool refuses of a file is told with the field that it concerns, where it concerns one."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_stage.cloudformation.aws_refusal import AwsRefusalError
from local_stage.cognito.directory.pool_stack import PoolStack
from local_stage.cognito.directory.user_import import import_users
from local_stage.cognito.directory.users import Users
from local_stage.cognito.directory.users_file import UserEntry

ALICE = UserEntry("users.yaml:2", "alice", "Correct-Horse-7", "alice@example.com", ("admins",))


class RefusingCognito:
    """A pool that knows the user and refuses every change of him with one code."""

    def __init__(self, code: str) -> None:
        self._code = code

    def describe_user_pool(self, **_: Any) -> dict[str, Any]:
        """Return a pool that asks for nothing."""
        return {"UserPool": {}}

    def admin_get_user(self, **asked: Any) -> dict[str, Any]:
        """Return the user."""
        return {"Username": asked["Username"]}

    def admin_update_user_attributes(self, **_: Any) -> dict[str, Any]:
        """Refuse it."""
        raise ClientError({"Error": {"Code": self._code, "Message": "Not now"}}, "AdminUpdateUserAttributes")


def refusal(code: str) -> AwsRefusalError:
    """Return what an import raises whose change of the address is refused with this code."""
    stack = PoolStack("hello-api", "p", {}, is_local=False, cognito=RefusingCognito(code))
    with pytest.raises(AwsRefusalError) as refused:
        import_users(Users(stack), [ALICE])
    return refused.value


def test_a_refused_value_is_told_with_line_user_and_field() -> None:
    assert str(refusal("InvalidParameterException")) == "users.yaml:2: alice.email: Not now"


@pytest.mark.parametrize(
    "code",
    ["AccessDeniedException", "ExpiredTokenException", "InvalidClientTokenId", "NotAuthorizedException"],
)
def test_where_the_asking_identity_is_refused_no_field_is_blamed(code: str) -> None:
    assert str(refusal(code)).startswith("users.yaml:2: alice: Not now")
