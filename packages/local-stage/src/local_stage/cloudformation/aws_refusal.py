"""The errors of AWS, each in one sentence that says what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from local_stage.errors import MachineError, UsageError, spell_command

_CREDENTIALS: Final = "sign in to AWS again, or name another profile with AWS_PROFILE"
_NOT_ASKED: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "TooManyRequestsException",
        "UnrecognizedClientException",
    }
)
"""Error codes that depend on the caller, not on the content of the call."""
_ADVICE: Final[Mapping[str, str]] = {
    "AccessDenied": "ask for the right to do it, or name another profile with AWS_PROFILE",
    "AccessDeniedException": "ask for the right to do it, or name another profile with AWS_PROFILE",
    "ExpiredToken": _CREDENTIALS,
    "ExpiredTokenException": _CREDENTIALS,
    "InvalidClientTokenId": _CREDENTIALS,
    "TooManyRequestsException": "wait a moment and try again",
    "UnrecognizedClientException": _CREDENTIALS,
    "UserNotFoundException": f"`{spell_command('users')}` lists all",
    "UsernameExistsException": f"`{spell_command('users set-password')}` gives the user another password",
}


class AwsRefusalError(MachineError):
    """An error that AWS returned; `code` is AWS's error code, such as `InvalidPasswordException`."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code

    @property
    def is_verdict(self) -> bool:
        """Whether AWS refuses the content of the call, and not merely the caller."""
        return self.code not in _NOT_ASKED


@contextmanager
def explaining_refusals() -> Iterator[None]:
    """Raise AwsRefusalError for an error that AWS returns, and StartError where AWS cannot be called."""
    from botocore.exceptions import (  # noqa: PLC0415 - half a second that only some commands need
        BotoCoreError,
        ClientError,
        NoCredentialsError,
        NoRegionError,
        ProfileNotFound,
    )

    try:
        yield
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        advice = f"; {_ADVICE[code]}" if code in _ADVICE else ""
        raise AwsRefusalError(code, f"{message.rstrip('.') or code}{advice}") from None
    except NoCredentialsError:
        why = (
            "there are no AWS credentials; run `aws configure`, or set AWS_PROFILE to a profile that has some"
        )
        raise MachineError(why) from None
    except NoRegionError:
        raise UsageError("no AWS region is known; pass --region REGION or set AWS_REGION") from None
    except ProfileNotFound as error:
        raise UsageError(f"{error}; unset AWS_PROFILE, or set it to a profile that exists") from None
    except BotoCoreError as error:
        raise MachineError(f"AWS does not answer: {error}") from None
