"""The decisions that an explanation names are the checks that the authorizer makes, in their order."""

from __future__ import annotations

from local_stage.cognito.token_checks import CHECKS
from local_stage.explanation.explanation import Outcome, Response, StepName
from tests.manual_clock import ManualClock
from tests.tokens import TokenSigner
from tests.unit.explanation.explained_api import GET_HELLO, ExplainedStage, outcomes


def test_the_decisions_on_a_token_are_the_checks_of_the_authorizer() -> None:
    others = {StepName.ROUTE, StepName.POLICY, StepName.GROUP}
    assert [check.name for check in CHECKS] == [name for name in StepName if name not in others]


def test_a_pool_without_keys_is_told_as_what_keeps_everybody_out() -> None:
    stage = ExplainedStage(signer := TokenSigner(clock=ManualClock()))
    stage.key_server.answer = OSError("no route to host")
    explanation = stage.explain(GET_HELLO, signer.id_token())
    assert outcomes(explanation)[StepName.KEY] is Outcome.FAILED
    body = '{"message":null}'
    assert explanation.response == Response("API Gateway", 500, "AuthorizerConfigurationException", body)
    assert explanation.remedy == "See that the user pool exists and that its address answers."
