"""A route with a Lambda authorizer: what can be said of a call without asking its function."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from local_stage.api_gateway.authorizers.function_authorizer import FunctionAuthorizerSettings
from local_stage.api_gateway.authorizers.lambda_authorizer import LambdaAuthorizerSettings
from local_stage.api_gateway.gateway_error import GatewayError, GatewayResponseType
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.rest.admission import Admission
from local_stage.api_gateway.rest.router import Match
from local_stage.errors import spell_command
from local_stage.explanation.explained_api import ExplainedApi
from local_stage.explanation.explanation import Explanation, Outcome, Route, Step, StepName, Verdict
from local_stage.explanation.gateway_response import new_context, refuse, set_match

_NOT_ASKED: Final = "the function decides, and explain does not call it"
_KEY: Final = "The method also asks for an API key in the header x-api-key, which is not looked at here."
_POLICY_UNKNOWN: Final = "The API's resource policy was not asked: no stage runs whose ARNs it could name."
_REMEDY: Final = "Change the API's resource policy, or pass --source-ip to see a call from another address."
_KEPT: Final = "the policy that is kept for this identity allows the call; the function is not asked"
_TRAP: Final = (
    "The policy is kept by identity, not by path: one that allows only the first path called refuses all"
    " others until it is forgotten. Have the function allow every path of the stage, or set"
    " ReauthorizeEvery: 0."
)


def describe_sources(settings: FunctionAuthorizerSettings) -> str:
    """Say in words what a Lambda authorizer judges a caller by."""
    sources = " and ".join(f"the {source}" for source in settings.sources) or "the request"
    return f"what the function of the Lambda authorizer {settings.name} asks for, by {sources}"


def explain_lambda_call(  # noqa: PLR0917 - what a call of a method is
    api: ExplainedApi, route: Route, match: Match, request: HttpRequest, path: str, now: float
) -> Explanation:
    """Explain a call of a method with a Lambda authorizer; `path` is the request's without the stage."""
    settings = api.rest_api.find_authorizer(match.method)
    if not isinstance(settings, LambdaAuthorizerSettings):
        raise TypeError(settings)
    context = new_context(api.rest_api, request, now)
    set_match(context, match)
    admission = Admission(api.rest_api, api.authorizers or {}, api.surroundings)
    try:
        is_kept = admission.foresee(match.method, request, context, path)
    except GatewayError as refusal:
        response = refuse(api.rest_api, request, refusal, now, match)
        return replace(explain_function(route, settings, refusal, is_kept=True), response=response)
    return explain_function(route, settings, None, is_kept=is_kept)


def explain_policy(  # noqa: PLR0917 - what a call of a method is
    passed: Explanation, api: ExplainedApi, match: Match, request: HttpRequest, path: str, now: float
) -> Explanation:
    """Explain what resource policy and API key make of a call that the authorizer lets through, if any.

    Where no stage runs, nobody knows the ARNs that the policy names. The key is not looked at.
    """
    if match.method.api_key_required:
        passed = replace(passed, verdict=Verdict.UNKNOWN, notes=(*passed.notes, _KEY))
    if api.rest_api.resource_policy is None:
        return passed
    if not api.surroundings.region:
        return replace(passed, verdict=Verdict.UNKNOWN, notes=(*passed.notes, _POLICY_UNKNOWN))
    context = new_context(api.rest_api, request, now)
    set_match(context, match)
    admission = Admission(api.rest_api, api.authorizers or {}, api.surroundings)
    try:
        admission.foresee_policy(match.method, request, context, path)
    except GatewayError as refusal:
        response = refuse(api.rest_api, request, refusal, now, match)
        steps = (*passed.steps, Step(StepName.POLICY, Outcome.FAILED, refusal.reason))
        return replace(passed, verdict=Verdict.REFUSED, steps=steps, response=response, remedy=_REMEDY)
    step = Step(StepName.POLICY, Outcome.PASSED, "the API's resource policy allows the call")
    return replace(passed, steps=(*passed.steps, step))


def explain_function(
    route: Route,
    settings: FunctionAuthorizerSettings,
    refusal: GatewayError | None,
    *,
    is_kept: bool,
    remedy: str = _TRAP,
) -> Explanation:
    """Explain a call from its refusal, None where nothing is known to speak against it.

    `is_kept` says that the function's result is known already, and `remedy` what helps where that refuses.
    """
    found = Step(StepName.ROUTE, Outcome.PASSED, f"the Lambda authorizer {settings.name} asks its function")
    passed = Step(StepName.HEADER, Outcome.PASSED, _describe_identity(settings))
    if refusal is None:
        outcome, detail = (Outcome.PASSED, _KEPT) if is_kept else (Outcome.NOT_CHECKED, _NOT_ASKED)
        verdict = Verdict.PASSES if is_kept else Verdict.UNKNOWN
        steps = (found, passed, Step(StepName.POLICY, outcome, detail))
        then = None if is_kept else f"Call the route, and read `{spell_command('logs')}`."
        return Explanation(route, verdict, steps, remedy=then)
    if refusal.response_type is GatewayResponseType.UNAUTHORIZED:
        failed = Step(StepName.HEADER, Outcome.FAILED, refusal.reason)
        later = Step(StepName.POLICY, Outcome.NOT_REACHED, "")
        then = "Send what the identity sources ask for; until then the function is not called."
        return Explanation(route, Verdict.REFUSED, (found, failed, later), remedy=then)
    failed = Step(StepName.POLICY, Outcome.FAILED, refusal.reason)
    return Explanation(route, Verdict.REFUSED, (found, passed, failed), remedy=remedy)


def _describe_identity(settings: FunctionAuthorizerSettings) -> str:
    return ", ".join(f"the {source} is there" for source in settings.sources) or "no identity source is named"
