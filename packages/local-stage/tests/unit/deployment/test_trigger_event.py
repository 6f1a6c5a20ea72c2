"""The event of a trigger is that of the source that is named, and of its first where none is."""

from __future__ import annotations

import pytest

from local_stage.deployment.source_events import Origin
from local_stage.deployment.trigger_event import COGNITO_TRIGGERS, build_cognito_event, find_trigger

ORIGIN = Origin("eu-west-1", "123456789012", {"email": "ann@example.com"})


@pytest.mark.parametrize("trigger", COGNITO_TRIGGERS)
def test_a_triggers_own_name_gives_its_first_source(trigger: str) -> None:
    event = build_cognito_event(ORIGIN, trigger, "pool", "client")
    assert find_trigger(event["triggerSource"]) == trigger
    assert build_cognito_event(ORIGIN, event["triggerSource"], "pool", "client").keys() == event.keys()


@pytest.mark.parametrize(
    ("source", "username"),
    [("CustomMessage_Authentication", None), ("CustomMessage_AdminCreateUser", "{username}")],
)
def test_a_source_has_its_own_request(source: str, username: str | None) -> None:
    event = build_cognito_event(ORIGIN, source, "pool", "client")
    request = event["request"]
    assert (event["triggerSource"], request["usernameParameter"]) == (source, username)
    assert (request["codeParameter"], request["userAttributes"]["email"]) == ("{####}", "ann@example.com")


@pytest.mark.parametrize("named", ["CustomMessage_", "CustomMessage_Kafka", "PreSignUp_Authentication", ""])
def test_another_name_is_none(named: str) -> None:
    assert find_trigger(named) is None
    with pytest.raises(KeyError):
        build_cognito_event(ORIGIN, named, "pool", "client")
