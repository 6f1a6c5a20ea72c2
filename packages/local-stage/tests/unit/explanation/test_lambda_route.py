"""What is said of a call whose Lambda authorizer is not asked: its identity, and the policy that is kept."""

from __future__ import annotations

import asyncio

from local_stage.api_gateway.api import Surroundings
from local_stage.api_gateway.authorizers.authorizer import Authorizer
from local_stage.explanation.explain import explain_call
from local_stage.explanation.explained_api import ExplainedApi
from local_stage.explanation.explanation import Explanation, Outcome, StepName, Verdict
from local_stage.explanation.pasted import read_pasted
from tests.unit.api_gateway.authorized_stage import (
    ACCOUNT,
    ARN,
    AUTHORIZER_ARN,
    BEARER,
    AuthorizedStage,
    answer_of,
    grant,
    read_api,
)
from tests.unit.api_gateway.sam_api import REGION, auth

API = read_api(
    auth({"Tok": {"FunctionArn": AUTHORIZER_ARN}}, "Tok"),
    {"Hello": {"Path": "/hello", "Method": "get"}, "Item": {"Path": "/item", "Method": "get"}},
)
PASSED, FAILED = Outcome.PASSED, Outcome.FAILED


def explain(stage: AuthorizedStage | None, route: str, caller: str | None = "alice") -> Explanation:
    authorizers: dict[str, Authorizer] | None = None if stage is None else {**stage.authorizers}
    api = ExplainedApi(API, authorizers, {}, Surroundings(ACCOUNT, REGION, "", 0))
    pasted = None if caller is None else read_pasted(f"Authorization: Bearer {caller}")
    return asyncio.run(explain_call(api, route, pasted, now=1_795_000_000))


def outcomes(explanation: Explanation) -> list[tuple[StepName, Outcome]]:
    return [(step.name, step.outcome) for step in explanation.steps]


def test_the_function_is_not_asked() -> None:
    stage = AuthorizedStage(API)
    for served in (stage, None):
        explanation = explain(served, "GET /hello")
        assert explanation.verdict is Verdict.UNKNOWN
        assert outcomes(explanation) == [
            (StepName.ROUTE, PASSED),
            (StepName.HEADER, PASSED),
            (StepName.POLICY, Outcome.NOT_CHECKED),
        ]
        assert explanation.route.wants == (
            "what the function of the Lambda authorizer Tok asks for, by the header Authorization"
        )
    assert stage.asked.events == []


def test_without_the_identity_nothing_is_asked_either() -> None:
    explanation = explain(AuthorizedStage(API), "GET /hello", None)
    assert explanation.verdict is Verdict.REFUSED
    assert explanation.failed_step is not None
    assert explanation.failed_step.name is StepName.HEADER
    assert explanation.response is not None
    assert (explanation.response.status, explanation.response.body) == (401, '{"message":"Unauthorized"}')


def test_a_kept_policy_tells_which_path_it_opens() -> None:
    stage = AuthorizedStage(API, grant(f"{ARN}/GET/hello"))
    assert stage.status(BEARER) == 200
    assert explain(stage, "GET /hello").verdict is Verdict.PASSES
    explanation = explain(stage, "GET /item")
    assert outcomes(explanation)[-1] == (StepName.POLICY, FAILED)
    assert explanation.remedy is not None
    assert explanation.remedy.startswith("The policy is kept by identity, not by path")
    refused = answer_of(stage.call(BEARER, path="/item"))
    assert explanation.response is not None
    answer = explanation.response
    assert (answer.status, answer.error_type, answer.body) == refused
    assert len(stage.asked.events) == 1
