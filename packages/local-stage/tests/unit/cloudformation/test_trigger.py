"""A pool's trigger has five seconds and three attempts, and its failures read as Cognito's."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from local_stage.cloudformation.function_forwarder import describe_failure
from local_stage.cloudformation.pool_front.accounts import RefusalError
from local_stage.cloudformation.pool_front.triggers.issued_changes import IssuedChanges, tell_changes
from local_stage.cloudformation.pool_front.triggers.token_generation import PROTECTED, TokenChanges, override
from local_stage.cloudformation.pool_front.triggers.trigger import ATTEMPTS, TIMEOUT, fire

_UNRECOGNIZABLE = "Unrecognizable lambda output"


class SlowFunction:
    """A function that is too slow at its first invocations."""

    def __init__(self, slow_times: int) -> None:
        self.slow_times = slow_times
        self.timeouts: list[float] = []

    def invoke(self, name: str, event: Any, timeout: float) -> Mapping[str, Any]:
        assert name == "arn"
        self.timeouts.append(timeout)
        if len(self.timeouts) <= self.slow_times:
            raise TimeoutError
        return {"payload": json.dumps({**event, "response": {"ok": True}}), "error_type": "", "log": []}


def test_a_slow_function_is_asked_three_times() -> None:
    function = SlowFunction(ATTEMPTS - 1)
    assert fire(function.invoke, "PreSignUp", "arn", {"a": 1}) == {"a": 1, "response": {"ok": True}}
    assert function.timeouts == [TIMEOUT] * 3 == [5.0] * 3


def test_a_function_that_is_always_slow_fails_the_call() -> None:
    function = SlowFunction(ATTEMPTS)
    with pytest.raises(RefusalError, match="invocation failed due to error Socket timeout") as caught:
        fire(function.invoke, "PreSignUp", "arn", {})
    assert (caught.value.kind, len(function.timeouts)) == ("UnexpectedLambdaException", 3)


@pytest.mark.parametrize(
    ("told", "error_type", "message"),
    [
        (
            {"payload": '{"errorType": "E", "errorMessage": "no"}', "error_type": "E"},
            "UserLambdaValidationException",
            "PreSignUp failed with error no.",
        ),
        (
            {"payload": '{"errorType": "E"}', "error_type": "E"},
            "UserLambdaValidationException",
            "PreSignUp failed with error null.",
        ),
        (
            describe_failure("there is no such function"),
            "UnexpectedLambdaException",
            "PreSignUp invocation failed due to error ResourceNotFoundException.",
        ),
        (
            {"payload": "null", "error_type": ""},
            "InvalidLambdaResponseException",
            "Unrecognizable lambda output",
        ),
        (
            {"payload": "{}", "error_type": ""},
            "InvalidLambdaResponseException",
            "Unrecognizable lambda output",
        ),
    ],
)
def test_a_failure_is_told_as_cognito_tells_it(
    told: Mapping[str, Any], error_type: str, message: str
) -> None:
    with pytest.raises(RefusalError) as caught:
        fire(lambda *_: told, "PreSignUp", "arn", {})
    assert (caught.value.kind, caught.value.message) == (error_type, message)


def test_no_protected_claim_is_set_or_dropped() -> None:
    details = {
        "claimsToAddOrOverride": dict.fromkeys([*PROTECTED, "cognito:roles", "mine"], "forged"),
        "claimsToSuppress": [*PROTECTED, "cognito:username", "email", 7],
    }
    both = {"idTokenGeneration": details, "accessTokenGeneration": details}
    response, changes = override("2", {"claimsAndScopeOverrideDetails": both}, "client")
    for section in response["claimsAndScopeOverrideDetails"].values():
        assert section["claimsToAddOrOverride"] == {"mine": "forged"}
        assert section["claimsToSuppress"] == ["email"]
    assert (changes.set["access"], changes.dropped["id"]) == (("mine",), ("email",))


@pytest.mark.parametrize(("audience", "taken"), [("client", {"aud": "client"}), ("another", {})])
def test_an_access_tokens_audience_is_the_app_client_alone(audience: str, taken: dict[str, str]) -> None:
    details = {"accessTokenGeneration": {"claimsToAddOrOverride": {"aud": audience}}}
    response, _ = override("3", {"claimsAndScopeOverrideDetails": details}, "client")
    sections = response["claimsAndScopeOverrideDetails"]
    assert sections["accessTokenGeneration"]["claimsToAddOrOverride"] == taken


@pytest.mark.parametrize("response", [{}, {"claimsOverrideDetails": None}, {"claimsOverrideDetails": "x"}])
def test_a_trigger_that_says_nothing_changes_nothing(response: dict[str, Any]) -> None:
    changed, changes = override("1", response, "client")
    assert changed == {"claimsOverrideDetails": {"claimsToAddOrOverride": {}, "claimsToSuppress": []}}
    assert changes.set == {"id": ()}


def test_groups_that_are_overridden_by_nothing_are_dropped() -> None:
    response, _ = override("1", {"claimsOverrideDetails": {"groupOverrideDetails": None}}, "client")
    dropped = response["claimsOverrideDetails"]["claimsToSuppress"]
    assert dropped == ["cognito:groups", "cognito:roles", "cognito:preferred_role"]


def test_what_was_changed_of_a_token_is_told_as_long_as_it_is_remembered(tmp_path: Path) -> None:
    file = tmp_path / "changes.json"
    tokens = {"IdToken": _token("one"), "AccessToken": _token("two")}
    changes = TokenChanges({"id": ("plan",), "access": ()}, {"id": ("email", "\x1b[1m")})
    IssuedChanges(file).record(changes, {"AuthenticationResult": tokens})
    told = tell_changes(file, tokens["IdToken"])
    assert told is not None
    assert told.endswith("changed the claims of this token: set plan; dropped email, \\x1b[1m.")
    assert tell_changes(file, tokens["AccessToken"]) is None
    assert tell_changes(tmp_path / "none", tokens["IdToken"]) is None


def _token(jti: str) -> str:
    payload = base64.urlsafe_b64encode(json.dumps({"jti": jti}).encode()).decode().rstrip("=")
    return f"e30.{payload}.x"
