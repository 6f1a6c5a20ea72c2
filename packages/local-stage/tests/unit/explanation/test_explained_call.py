"""Beside the token: groups, routes, answers, what is told without the pool."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizerSettings
from local_stage.api_gateway.rest.gateway_response import GatewayResponse, GatewayResponseType
from local_stage.explanation.explanation import Outcome, Response, Step, StepName, Verdict
from tests.manual_clock import ManualClock
from tests.tokens import POOL_ARN, POOL_ID, TokenSigner, read_article_token
from tests.unit.explanation.explained_api import (
    GET_ADMIN,
    GET_HELLO,
    GET_MACHINE,
    ExplainedStage,
    build_rest_api,
    describe,
    outcomes,
)

CLOCK = ManualClock()
SIGNER = TokenSigner(clock=CLOCK)
STAGE = ExplainedStage(SIGNER, clock=CLOCK)


def test_the_group_is_told_where_the_template_says_it() -> None:
    explanation = STAGE.explain(GET_ADMIN, SIGNER.id_token(**{"cognito:groups": ["users"]}))
    assert explanation.verdict is Verdict.REFUSED
    assert explanation.failed_step == Step(
        StepName.GROUP,
        Outcome.FAILED,
        "the token's groups: users; the function asks for admins and refuses by itself,"
        " as API Gateway knows no groups",
    )
    assert explanation.response == Response("function", 403)
    assert explanation.remedy is not None
    assert explanation.remedy.startswith("Add the user to the group admins and sign in again")


def test_a_member_of_the_group_passes() -> None:
    explanation = STAGE.explain(GET_ADMIN, SIGNER.id_token(**{"cognito:groups": ["users", "admins"]}))
    assert explanation.verdict is Verdict.PASSES
    assert outcomes(explanation)[StepName.GROUP] is Outcome.PASSED


def test_where_no_group_is_named_a_note_says_that_the_function_may_refuse() -> None:
    (note,) = STAGE.explain(GET_HELLO, SIGNER.id_token()).notes
    assert "may refuse" in note


def test_a_route_without_authorizer_is_open() -> None:
    explanation = STAGE.explain("GET /dev/open/7")
    assert explanation.verdict is Verdict.PASSES
    assert [step.name for step in explanation.steps] == [StepName.ROUTE]
    assert explanation.route.wants == "no token: it is open to all"


def test_a_mocks_answer_is_told() -> None:
    assert STAGE.explain("OPTIONS /dev/hello").response == Response("API Gateway", 200, body="{}\n")


def test_a_body_that_is_not_there_keeps_no_token_from_passing() -> None:
    assert STAGE.explain("POST /dev/hello", SIGNER.id_token()).verdict is Verdict.PASSES


@pytest.mark.parametrize(
    ("route", "why", "remedy"),
    [
        ("PUT /dev/hello", "'/hello' has GET, POST, and no PUT", "Call it with GET or POST."),
        (
            "GET /dev/Hello",
            "the API has no path '/Hello'",
            "Write /hello: upper and lower case are not the same.",
        ),
        (
            "GET /dev/nothing",
            "the API has no path '/nothing'; it has /admin, /hello, /machine, /open/{id}",
            "Call one of these paths.",
        ),
        (
            "GET /hello",
            "the first part of the path names the stage: this one is dev, not 'hello'",
            "Call the URL with /dev in front of the path.",
        ),
    ],
)
def test_no_such_route_is_told_with_what_there_is(route: str, why: str, remedy: str) -> None:
    token = SIGNER.id_token()
    explanation = STAGE.explain(route, token)
    assert explanation.steps == (Step(StepName.ROUTE, Outcome.FAILED, why),)
    assert explanation.remedy == remedy
    assert explanation.response == describe(STAGE.answer(route, token))


def test_an_answer_is_told_as_the_apis_gateway_responses_make_it() -> None:
    custom = GatewayResponse(418, {}, {"application/json": '{"error":$context.error.messageString}'})
    stage = ExplainedStage(SIGNER, build_rest_api({GatewayResponseType.UNAUTHORIZED: custom}), CLOCK)
    assert stage.explain(GET_HELLO).response == Response(
        "API Gateway", 418, "UnauthorizedException", '{"error":"Unauthorized"}'
    )


@pytest.mark.parametrize(
    ("route", "wants"),
    [
        (GET_HELLO, f"an ID token of the user pool {POOL_ID}"),
        (GET_MACHINE, f"an access token with the scope hello/read of the user pool {POOL_ID}"),
        (GET_ADMIN, f"an ID token of the user pool {POOL_ID}, of a user in the group admins"),
    ],
)
def test_a_route_says_what_it_wants(route: str, wants: str) -> None:
    assert STAGE.explain(route).route.wants == f"{wants}, in the header Authorization"


def test_json_has_the_documented_members() -> None:
    told = STAGE.explain(GET_HELLO, SIGNER.access_token()).to_json()
    assert json.loads(json.dumps(told)) == told
    assert [*told] == ["route", "verdict", "steps", "response", "remedy", "notes"]
    assert [*told["route"]] == ["method", "path", "wants"]
    assert {tuple(step) for step in told["steps"]} == {("name", "outcome", "detail")}
    assert [*told["response"]] == ["by", "status", "error_type", "body"]
    assert (told["verdict"], told["steps"][9]["outcome"]) == ("refused", "not reached")


def test_no_part_of_a_token_stands_in_an_explanation() -> None:
    token = SIGNER.access_token()
    told = json.dumps(STAGE.explain(GET_HELLO, token).to_json())
    assert [part for part in token.split(".") if part in told] == []


def test_without_the_pool_only_the_pools_part_is_left_open() -> None:
    explanation = STAGE.explain_without_pool(GET_HELLO, SIGNER.id_token())
    assert explanation.verdict is Verdict.UNKNOWN
    assert [name for name, outcome in outcomes(explanation).items() if outcome is Outcome.NOT_CHECKED] == [
        StepName.ISSUER,
        StepName.KEY,
        StepName.SIGNATURE,
    ]
    assert explanation.route.wants == "an ID token, in the header Authorization"


def test_without_the_pool_a_header_without_a_token_names_no_pool() -> None:
    rest_api = build_rest_api()
    other = CognitoAuthorizerSettings("OtherAuthorizer", (POOL_ARN,), identity_source="X-Token")
    rest_api = replace(rest_api, authorizers={**rest_api.authorizers, other.name: other})
    stage = ExplainedStage(SIGNER, rest_api, CLOCK)
    (issuer,) = (
        step
        for step in stage.explain_without_pool(GET_HELLO, SIGNER.id_token()).steps
        if step.name is StepName.ISSUER
    )
    assert issuer.detail == f"the token says: user pool {POOL_ID}; which one is accepted is not known here"


def test_without_the_pool_what_no_pool_would_save_is_refused() -> None:
    explanation = STAGE.explain_without_pool(GET_HELLO, read_article_token("access"))
    assert explanation.verdict is Verdict.REFUSED
    assert explanation.failed_step is not None
    assert explanation.failed_step.name is StepName.KIND
    assert "were not checked" in explanation.notes[-1]


def test_without_the_pool_an_issuer_that_is_no_pool_is_refused() -> None:
    step = STAGE.explain_without_pool(GET_HELLO, SIGNER.id_token(iss="https://evil.example/x")).failed_step
    assert step == Step(
        StepName.ISSUER, Outcome.FAILED, "the issuer 'https://evil.example/x' is no user pool's"
    )
