"""The errors of AWS, each in one sentence that says what to do next."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from local_stage.errors import MachineError, StartError, UsageError, spell_command

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


def make_refusal(code: str, message: str) -> AwsRefusalError:
    """Return the error of a code and message of AWS, with what to do next where that is known."""
    advice = f"; {_ADVICE[code]}" if code in _ADVICE else ""
    return AwsRefusalError(code, f"{message.rstrip('.') or code}{advice}")


@contextmanager
def explaining_refusals() -> Iterator[None]:
    """Raise AwsRefusalError for an error that AWS returns, and StartError where AWS cannot be called."""
    try:
        yield
    except StartError:
        raise
    except Exception as error:
        # Half a second that only commands need which call AWS by boto3, and then it is imported.
        if "botocore" not in sys.modules or (explained := _explain(error)) is None:
            raise
        raise explained from None


def _explain(error: Exception) -> StartError | None:
    """Return the error of ours for one of botocore's, None for any other."""
    from botocore.exceptions import (  # noqa: PLC0415 - as above
        BotoCoreError,
        ClientError,
        NoCredentialsError,
        NoRegionError,
        ProfileNotFound,
    )

    match error:
        case ClientError():
            told = error.response["Error"]
            return make_refusal(told["Code"], told.get("Message", ""))
        case NoCredentialsError():
            return MachineError(
                "there are no AWS credentials; run `aws configure`, or set AWS_PROFILE to a profile that has"
                " some"
            )
        case NoRegionError():
            return UsageError("no AWS region is known; pass --region REGION or set AWS_REGION")
        case ProfileNotFound():
            return UsageError(f"{error}; unset AWS_PROFILE, or set it to a profile that exists")
        case BotoCoreError():
            return MachineError(f"AWS does not answer: {error}")
    return None
