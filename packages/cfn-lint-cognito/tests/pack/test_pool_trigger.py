"""Functions that a user pool calls."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pack.found import find_paths


def with_trigger(kind: str, trigger: Any) -> dict[str, Any]:
    event = {"Type": kind, "Properties": {"UserPool": {"Ref": "Pool"}, "Trigger": trigger}}
    function = {"Type": "AWS::Serverless::Function", "Properties": {"Events": {"Trigger": event}}}
    return {"Resources": {"Function": function}}


@pytest.mark.parametrize(
    "trigger", ["CustomEmailSender", "CustomSMSSender", ["PreSignUp", "CustomSMSSender"]]
)
def test_a_custom_sender_as_an_event_is_found(trigger: Any) -> None:
    assert len(find_paths("E9506", with_trigger("Cognito", trigger))) == 1


@pytest.mark.parametrize(
    ("kind", "trigger"), [("Cognito", "PreSignUp"), ("Cognito", ["PreSignUp"]), ("SQS", "CustomSMSSender")]
)
def test_other_events_are_right(kind: str, trigger: Any) -> None:
    assert find_paths("E9506", with_trigger(kind, trigger)) == []
