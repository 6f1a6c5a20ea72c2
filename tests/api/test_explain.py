"""Each refusal of this suite is explained rightly: the stage's own answer, and the decision behind it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from http.client import HTTPResponse
from pathlib import Path

import pytest
import requests

from local_stage.api_gateway.authorizers.registry import build_authorizers
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.cloudformation.deployed_stack import DeployedStack as FoundStack
from local_stage.commands.explain_template import find_deployed_apis
from local_stage.explanation.explain import explain_request
from local_stage.explanation.explained_api import ExplainedApi
from local_stage.explanation.explanation import Explanation, Response, StepName, Verdict
from local_stage.jwt.fetcher import Fetcher
from local_stage.state import RunningStage
from tests.api.api_caller import ApiCaller
from tests.api.bad_authorizations import CASES, MAKE, tamper_with_signature
from tests.api.callers import ADMINS, Callers
from tests.api.deployed_stack import DeployedStack
from tests.api.locally_signed import LocalSigners
from tests.api.routes import MACHINE_HELLO, METHODS, ROUTES, Route
from tests.api.temporary import random_name, temporary_group, temporary_user
from tests.api.test_forged_tokens import ROUTES as FORGED_ROUTES
from tests.api.test_forged_tokens import Kind, send_raw
from tests.api.test_locally_signed_tokens import OTHER_SCOPES, PREFIXES
from tests.api.test_unknown_routes import PATHS_OF_NO_STAGE, UNKNOWN_PATHS, WRONG_VERBS
from tests.forged_claims import FORGERIES
from tests.forged_decisions import DECISIONS, TURNED_AWAY
from tests.forged_tokens import Forger
from tests.stage_process import StageProcess

type Explain = Callable[[str, str, str | None], Explanation]

STEPS: Mapping[str, StepName] = {
    "no token": StepName.HEADER,
    "an empty header": StepName.HEADER,
    "Bearer and no token": StepName.FORM,
    "no JWT": StepName.FORM,
    "a tampered header": StepName.SIGNATURE,
    "tampered groups": StepName.SIGNATURE,
    "a tampered scope": StepName.SIGNATURE,
    "a tampered signature": StepName.SIGNATURE,
    "a token of another pool": StepName.ISSUER,
    "the article's ID token": StepName.ISSUER,
    "the article's access token": StepName.ISSUER,
    "a refresh token": StepName.FORM,
    "a person's access token": StepName.KIND,
    "a machine's token": StepName.KIND,
    "an ID token": StepName.KIND,
}
"""The decision that goes against each bad header, on routes for ID tokens."""
WITH_SCOPES = {"a person's access token": StepName.SCOPES}
"""What differs on routes with scopes."""


@pytest.fixture(scope="module")
def explain(stage: StageProcess, explain_path: Explain) -> Explain:
    """Explain a request to a path of the stage, which begins with a slash."""
    stage_name = stage.api_url.rpartition("/")[2]
    return lambda method, path, authorization: explain_path(method, f"/{stage_name}{path}", authorization)


@pytest.fixture(scope="module")
def explain_path(stage: StageProcess) -> Explain:
    """Explain a request as `local-stage explain` does for the stage's stack; the stage is in its path."""
    running = RunningStage.find(stage.state_folder)
    assert running is not None
    apis = find_deployed_apis(Path(running.template), FoundStack.of_running_stage(running))
    found = apis.choose(None, "GET /hello")

    async def build() -> ExplainedApi:
        async with Fetcher() as fetcher:
            authorizers = await build_authorizers(
                found.definitions, found.aws_endpoint_url, fetcher.fetch, time.time
            )
        assert isinstance(found.api, RestApi)
        return ExplainedApi(found.api, authorizers, found.groups)

    explained = asyncio.run(build())

    def explain(method: str, path: str, authorization: str | None) -> Explanation:
        headers = () if authorization is None else (("Authorization", authorization),)
        request = HttpRequest(method, path, headers=headers)
        return asyncio.run(explain_request(explained, request, now=time.time()))

    return explain


@pytest.fixture(scope="module")
def other_signers(callers: Callers, stage: StageProcess, stack: DeployedStack) -> LocalSigners:
    """The private keys of the pool that the stranger is in."""
    return LocalSigners.read(stage, callers.stranger.user_pool_id, stack.outputs["UserPoolClientId"])


def describe(response: requests.Response) -> Response:
    """Return a refusal of the gateway's as an explanation tells it."""
    error_type = response.headers["x-amzn-ErrorType"]
    return Response("API Gateway", response.status_code, error_type, response.text)


def describe_raw(response: HTTPResponse) -> Response:
    return Response(
        "API Gateway", response.status, response.getheader("x-amzn-ErrorType"), response.read().decode()
    )


def failed_step(explanation: Explanation) -> StepName | None:
    return explanation.failed_step.name if explanation.failed_step else None


def test_every_bad_header_is_paired_with_a_decision() -> None:
    assert STEPS.keys() == MAKE.keys()


@pytest.mark.parametrize(("route", "name"), CASES, ids=str)
def test_a_refused_header_is_explained(
    api: ApiCaller, callers: Callers, explain: Explain, route: Route, name: str
) -> None:
    authorization = MAKE[name](callers, route)
    explanation = explain(route.method, route.path, authorization)
    assert explanation.response == describe(api.send(route.method, route.path, authorization))
    expected = WITH_SCOPES.get(name, STEPS[name]) if route.kind == "access" else STEPS[name]
    assert failed_step(explanation) is expected
    assert explanation.remedy


@pytest.mark.parametrize("prefix", PREFIXES.values(), ids=PREFIXES)
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_an_expired_token_is_explained(
    api: ApiCaller, signers: LocalSigners, explain: Explain, route: Route, prefix: str
) -> None:
    token = prefix + signers.token_for(route, exp=int(time.time()) - 1)
    explanation = explain(route.method, route.path, token)
    assert explanation.response == describe(api.send(route.method, route.path, token))
    assert failed_step(explanation) is StepName.EXPIRY


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_an_expired_token_that_was_tampered_with_is_explained_by_its_signature(
    api: ApiCaller, signers: LocalSigners, explain: Explain, route: Route
) -> None:
    token = tamper_with_signature(signers.token_for(route, exp=int(time.time()) - 1))
    explanation = explain(route.method, route.path, token)
    assert explanation.response == describe(api.send(route.method, route.path, token))
    assert failed_step(explanation) is StepName.SIGNATURE


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_another_pools_token_is_explained_whatever_its_groups_and_scopes(
    api: ApiCaller, other_signers: LocalSigners, explain: Explain, route: Route
) -> None:
    token = other_signers.token_for(route)
    explanation = explain(route.method, route.path, token)
    assert explanation.response == describe(api.send(route.method, route.path, token))
    assert failed_step(explanation) is StepName.ISSUER


@pytest.mark.parametrize("scope", OTHER_SCOPES)
def test_a_missing_scope_is_explained(
    api: ApiCaller, signers: LocalSigners, explain: Explain, scope: str
) -> None:
    token = signers.token_for(MACHINE_HELLO, scope=scope)
    explanation = explain("GET", MACHINE_HELLO.path, token)
    assert explanation.response == describe(api.send("GET", MACHINE_HELLO.path, token))
    assert failed_step(explanation) is StepName.SCOPES


@pytest.mark.parametrize("kind", FORGED_ROUTES)
def test_a_forgery_is_explained(
    api: ApiCaller, signers: LocalSigners, explain: Explain, kind: Kind, subtests: pytest.Subtests
) -> None:
    route = FORGED_ROUTES[kind]
    forger = Forger(signers.id if kind == "id" else signers.access, kind)
    for name, forge in FORGERIES.items():
        with subtests.test(name):
            token = forge(forger)
            explanation = explain(route.method, route.path, token)
            assert explanation.response == describe_raw(send_raw(api.api_url, route.path, token.encode()))
            assert explanation.response.status == TURNED_AWAY.get(name, 401)
            assert failed_step(explanation) in DECISIONS[name]
            assert explanation.remedy


@pytest.mark.parametrize("prefix", [None, *PREFIXES.values()], ids=["no token", *PREFIXES])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", path) for path in UNKNOWN_PATHS),
        *WRONG_VERBS,
        *(("HEAD", path) for path in METHODS),
    ],
)
def test_no_such_route_is_explained(
    api: ApiCaller, callers: Callers, explain: Explain, *, method: str, path: str, prefix: str | None
) -> None:
    authorization = None if prefix is None else prefix + callers.admin.session.id_token
    explanation = explain(method, path, authorization)
    assert explanation.response == describe(api.send(method, path, authorization))
    assert failed_step(explanation) is StepName.ROUTE
    assert explanation.remedy


@pytest.mark.parametrize("path", PATHS_OF_NO_STAGE)
def test_an_unknown_stage_is_explained(api: ApiCaller, explain_path: Explain, path: str) -> None:
    other_stage = ApiCaller(f"{api.api_url.rpartition('/')[0]}/no-such-stage")
    explanation = explain_path("GET", f"/no-such-stage{path}", None)
    assert explanation.response == describe(other_stage.send("GET", path))
    assert failed_step(explanation) is StepName.ROUTE


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_token_in_the_query_is_explained_as_no_token(
    api: ApiCaller, callers: Callers, explain: Explain, route: Route
) -> None:
    response = api.send(route.method, f"{route.path}?Authorization={callers.token_for(route)}")
    explanation = explain(route.method, route.path, None)
    assert explanation.response == describe(response)
    assert failed_step(explanation) is StepName.HEADER


def test_the_functions_own_refusal_is_explained_by_the_group(
    api: ApiCaller, callers: Callers, explain: Explain
) -> None:
    token = callers.person.session.id_token
    explanation = explain("GET", "/admin/hello", token)
    assert explanation.response == Response("function", api.send("GET", "/admin/hello", token).status_code)
    assert failed_step(explanation) is StepName.GROUP


def test_the_functions_refusal_of_another_group_is_explained(
    api: ApiCaller, stack: DeployedStack, explain: Explain
) -> None:
    pool = (stack.cognito, stack.user_pool_id)
    with (
        temporary_group(*pool, random_name(f"{ADMINS}-not")) as group,
        temporary_user(*pool, stack.password_client_id, groups=[group]) as user,
    ):
        token = user.session.id_token
        explanation = explain("GET", "/admin/hello", token)
        assert explanation.response == Response(
            "function", api.send("GET", "/admin/hello", token).status_code
        )
    assert explanation.failed_step is not None
    assert explanation.failed_step.detail.startswith(f"the token's groups: {group}; ")


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_token_that_opens_a_route_is_explained_to_pass(
    api: ApiCaller, callers: Callers, explain: Explain, route: Route
) -> None:
    token = callers.token_for(route)
    assert api.send(route.method, route.path, token).status_code == 200
    assert explain(route.method, route.path, token).verdict is Verdict.PASSES
