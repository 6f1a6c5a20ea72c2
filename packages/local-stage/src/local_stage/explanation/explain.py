"""Judges a request as the stage does, and says why it is let in or refused; no function is invoked."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from local_stage.api_gateway.api import find_target_fault
from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizerSettings, refusal_of
from local_stage.api_gateway.authorizers.lambda_authorizer import LambdaAuthorizerSettings
from local_stage.api_gateway.exchange import stamp
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.integrations.mock import MockIntegration
from local_stage.api_gateway.rest.request_validator import validate_request
from local_stage.api_gateway.rest.rest_api import Method
from local_stage.api_gateway.rest.router import Match, Router
from local_stage.explanation.decision_text import Scene, describe_failure, describe_step
from local_stage.explanation.decoded_token import DecodedToken
from local_stage.explanation.explained_api import ExplainedApi
from local_stage.explanation.explanation import Explanation, Outcome, Route, Step, StepName, Verdict
from local_stage.explanation.gateway_response import describe_response, new_context, refuse
from local_stage.explanation.header_rejection import HeaderRejection, reject_headers, warn_of_size
from local_stage.explanation.lambda_route import explain_lambda_call, explain_policy
from local_stage.explanation.pasted import Pasted
from local_stage.explanation.route import (
    describe_wanted,
    find_call,
    find_header,
    find_query,
    path_in_stage,
    refuse_route,
)
from local_stage.explanation.verdicts import NO_ROUTE, blame_paste, explain_signed, judge_groups
from local_stage.jwt.judgement import FailureKind, Judgement

_HOST: Final = ("Host", "127.0.0.1")
_HTTP_API: Final = (
    "An HTTP API is otherwise: its JWT authorizer takes access tokens there too, by their client_id."
)
_NOT_CHECKED: Final = (
    "Issuer, key and signature were not checked: the user pool and its keys are not known here."
    " Start the stage, or name a deployed stack."
)


async def explain_call(api: ExplainedApi, route: str, pasted: Pasted | None, *, now: float) -> Explanation:
    """Explain a call with what was pasted in its header, or without the header, at `now` in Unix seconds.

    `route` is `GET /hello`, with or without the stage, or `GET` and a URL. Where a paste is refused only for
    what stands around the token, the explanation is of the paste as it stands, and its verdict says that it
    passes once mended. Raises StartError where `route` is none.
    """
    verb, path = find_call(api.rest_api, route)
    request = HttpRequest(verb, path, find_query(route), headers=(_HOST,))
    if pasted is None:
        return await explain_request(api, request, now=now)
    header = pasted.header_name or find_header(api.rest_api, verb, path)
    mended = replace(request, headers=(_HOST, (header, pasted.header_value)))
    explanation = await explain_request(api, mended, now=now)
    if pasted.as_it_stands == pasted.header_value or explanation.failed_step is not None:
        return explanation
    literal = replace(request, headers=(_HOST, (header, pasted.as_it_stands)))
    return blame_paste(explanation, await explain_request(api, literal, now=now), pasted)


async def explain_request(api: ExplainedApi, request: HttpRequest, *, now: float) -> Explanation:
    """Explain what the stage decides on a request at `now`, in Unix seconds; its path has the stage in it.

    No function is invoked, so `response` is None where the response is the function's to give.
    """
    rejection = reject_headers(request)
    if rejection is not None:
        unread = await _explain_read(api, replace(request, headers=()), now=now)
        return _explain_rejection(unread, rejection)
    explanation = await _explain_read(api, request, now=now)
    return replace(explanation, notes=(*explanation.notes, *warn_of_size(request)))


async def _explain_read(api: ExplainedApi, request: HttpRequest, *, now: float) -> Explanation:
    path = path_in_stage(api.rest_api, request.path)
    is_unreadable = find_target_fault(request.path, request.query) is not None
    match = (
        None if path is None or is_unreadable else Router(api.rest_api.resources).match(request.method, path)
    )
    if match is None:
        return _explain_no_route(api, request, now)
    method = match.method
    settings = api.rest_api.find_authorizer(method)
    wants = describe_wanted(api.rest_api, method, api.find_groups(match), api.find_issuers(method))
    route = Route(request.method, match.resource.path, wants)
    if method.authorizer is None:
        explanation = _explain_open(route, method)
        explanation = explain_policy(explanation, api, match, request, path or "", now)
        is_known = explanation.verdict is Verdict.PASSES
        return _add_response(explanation, match, api, request, now) if is_known else explanation
    if isinstance(settings, LambdaAuthorizerSettings):
        explanation = explain_lambda_call(api, route, match, request, path or "", now)
        is_known = explanation.verdict is Verdict.PASSES
        return _add_response(explanation, match, api, request, now) if is_known else explanation
    if settings is not None and not isinstance(settings, CognitoAuthorizerSettings):
        return explain_signed(route, settings.name)
    judgement = await api.judge(request, method, now=now)
    explanation = _explain_judgement(route, _set_scene(api, match, request, judgement, now), judgement)
    if judgement.failure is None or judgement.failure.kind is not FailureKind.CLOSED:
        explanation = replace(explanation, notes=(*explanation.notes, *api.find_pool_notes(method)))
    if judgement.failure is not None:
        refusal = refusal_of(judgement)
        response = refuse(api.rest_api, request, refusal, now, match)
        explanation = replace(explanation, response=response)
    elif explanation.verdict is not Verdict.REFUSED:
        explanation = explain_policy(explanation, api, match, request, path or "", now)
        if explanation.response is None and not method.api_key_required:
            explanation = _add_response(explanation, match, api, request, now)
    if judgement.not_checked:
        explanation = replace(explanation, notes=(*explanation.notes, _NOT_CHECKED))
    return explanation


def _explain_open(route: Route, method: Method) -> Explanation:
    """Explain a call of a method without authorizer, for which an API key may be asked all the same."""
    said = "the route has no authorizer: it is open to all"
    if method.api_key_required:
        said = "the route has no authorizer, and asks for an API key"
    verdict = Verdict.UNKNOWN if method.api_key_required else Verdict.PASSES
    return Explanation(route, verdict, (Step(StepName.ROUTE, Outcome.PASSED, said),))


def _explain_rejection(unread: Explanation, rejection: HeaderRejection) -> Explanation:
    """Return the explanation of a request whose headers are not read, from that of one without headers."""
    route = [step for step in unread.steps if step.name is StepName.ROUTE and step.outcome is Outcome.PASSED]
    later = [step for step in unread.steps if step.name not in {StepName.ROUTE, StepName.HEADER}]
    failed = Step(StepName.HEADER, Outcome.FAILED, rejection.why)
    return Explanation(
        unread.route,
        Verdict.REFUSED,
        (*route, failed, *later),
        rejection.response,
        rejection.remedy,
    )


def _explain_no_route(api: ExplainedApi, request: HttpRequest, now: float) -> Explanation:
    error, remedy = refuse_route(api.rest_api, request)
    path = path_in_stage(api.rest_api, request.path)
    return Explanation(
        Route(request.method, request.path if path is None else path, "no token: there is no such route"),
        Verdict.REFUSED,
        (Step(StepName.ROUTE, Outcome.FAILED, error.reason),),
        refuse(api.rest_api, request, error, now),
        remedy,
        (NO_ROUTE,),
    )


def _explain_judgement(route: Route, scene: Scene, judgement: Judgement) -> Explanation:
    steps = [_route_step(scene)]
    remedy = None
    for name in judgement.names:
        if name == judgement.failed and judgement.failure is not None:
            why, remedy = describe_failure(judgement.failure, scene)
            steps.append(Step(StepName(name), Outcome.FAILED, why))
        elif name != StepName.SCOPES or scene.scopes:
            steps.append(describe_step(StepName(name), _outcome_of(name, judgement), scene))
    if judgement.failure is None:
        verdict = Verdict.UNKNOWN if judgement.not_checked else Verdict.PASSES
        passed = Explanation(route, verdict, tuple(steps))
        return judge_groups(passed, scene.groups, scene.token.groups)
    if scene.groups:
        steps.append(describe_step(StepName.GROUP, Outcome.NOT_REACHED, scene))
    takes_ids = judgement.failure.kind is FailureKind.WRONG_KIND and not scene.scopes
    notes = (_HTTP_API,) if takes_ids else ()
    return Explanation(route, Verdict.REFUSED, tuple(steps), remedy=remedy, notes=notes)


def _outcome_of(name: str, judgement: Judgement) -> Outcome:
    if name in judgement.not_checked:
        return Outcome.NOT_CHECKED
    return Outcome.NOT_REACHED if name in judgement.not_reached else Outcome.PASSED


def _add_response(
    passed: Explanation, match: Match, api: ExplainedApi, request: HttpRequest, now: float
) -> Explanation:
    """Add a mock's response; a function's is its own to give, and an incomplete request has none yet."""
    if not isinstance(match.method.integration, MockIntegration):
        return passed
    try:
        validate_request(match, request)
    except GatewayError:
        return passed
    response = match.method.integration.build_response()
    stamp(response, new_context(api.rest_api, request, now), lambda: now)
    return replace(passed, response=describe_response(response))


def _set_scene(
    api: ExplainedApi, match: Match, request: HttpRequest, judgement: Judgement, now: float
) -> Scene:
    method = match.method
    settings = api.find_settings(method)
    return Scene(
        authorizer=settings,
        issuers=api.find_issuers(method),
        scopes=method.scopes,
        groups=api.find_groups(match),
        sent=[*request.header_values(settings.identity_source)],
        token=DecodedToken.of(judgement.token),
        now=now,
    )


def _route_step(scene: Scene) -> Step:
    detail = f"the authorizer {scene.authorizer.name} asks for {scene.wanted_kind}"
    return Step(StepName.ROUTE, Outcome.PASSED, detail)
