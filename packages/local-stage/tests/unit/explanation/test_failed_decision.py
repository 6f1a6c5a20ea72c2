"""Every reason for which a token is refused has its place among the decisions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_stage.api_gateway.authorizers.cognito import IdentitySourceError
from local_stage.explanation.explanation import Answer, Outcome, StepName
from local_stage.explanation.failed_decision import find_failed_step
from local_stage.jwt import token_error
from local_stage.jwt.jwks import KeysUnavailableError
from local_stage.jwt.token_error import TokenError
from tests.manual_clock import ManualClock
from tests.tokens import TokenSigner
from tests.unit.explanation.explained_api import GET_HELLO, ExplainedStage, outcomes

REASONS: list[tuple[TokenError | KeysUnavailableError, StepName]] = [
    (IdentitySourceError("x"), StepName.HEADER),
    (token_error.MalformedTokenError("x"), StepName.FORM),
    (token_error.MalformedTokenError("x", "header"), StepName.FORM),
    (token_error.MalformedTokenError("x", "payload"), StepName.CONTENTS),
    (token_error.MalformedTokenError("x", "signature"), StepName.CONTENTS),
    (token_error.UnsupportedHeaderError("alg", "none", "RS256"), StepName.ALGORITHM),
    (token_error.InvalidClaimError("iss", 1, "a text"), StepName.ISSUER),
    (token_error.UnknownIssuerError("x", ["y"]), StepName.ISSUER),
    (KeysUnavailableError("x", None), StepName.KEY),
    (token_error.UnknownKeyError("x", "y", None), StepName.KEY),
    (token_error.InvalidSignatureError("x"), StepName.SIGNATURE),
    (token_error.UnknownTokenUseError("refresh"), StepName.KIND),
    (token_error.WrongTokenUseError("id", ["x"]), StepName.KIND),
    (token_error.InvalidClaimError("sub", 1, "a text"), StepName.SUBJECT),
    *(
        (token_error.InvalidClaimError(claim, 1, "x"), StepName.START)
        for claim in ("iat", "nbf", "auth_time")
    ),
    (token_error.NotYetValidError("nbf", 1), StepName.START),
    *((token_error.InvalidClaimError(claim, 1, "x"), StepName.CLIENT) for claim in ("aud", "client_id")),
    (token_error.WrongAudienceError(None, "x"), StepName.CLIENT),
    (token_error.InvalidClaimError("scope", 1, "a text"), StepName.SCOPES),
    (token_error.MissingScopeError("x", ["y"]), StepName.SCOPES),
    (token_error.InvalidClaimError("exp", "x", "seconds"), StepName.EXPIRY),
    (token_error.ExpiredTokenError(1), StepName.EXPIRY),
]


@pytest.mark.parametrize(("error", "step"), REASONS, ids=str)
def test_a_reason_is_placed(error: TokenError, step: StepName) -> None:
    assert find_failed_step(error) is step


def test_no_kind_of_reason_is_left_out() -> None:
    placed = {type(error) for error, _ in REASONS}
    assert {*subclasses(TokenError)} <= placed


def test_a_pool_without_keys_is_told_as_what_keeps_everybody_out() -> None:
    stage = ExplainedStage(signer := TokenSigner(clock=ManualClock()))
    stage.key_server.answer = OSError("no route to host")
    explanation = stage.explain(GET_HELLO, signer.id_token())
    assert outcomes(explanation)[StepName.KEY] is Outcome.FAILED
    body = '{"message": "Internal server error"}'
    assert explanation.answer == Answer("API Gateway", 500, "AuthorizerConfigurationException", body)
    assert explanation.remedy == "See that the user pool exists and that its address answers."


def subclasses(kind: type[TokenError]) -> Iterator[type[TokenError]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from subclasses(subclass)
