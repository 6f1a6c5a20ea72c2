"""Explains what the stage decides on a request. It decides nothing: the stage has, and here is why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizer
from local_stage.api_gateway.exchange import Exchange
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.api_gateway.integrations.lambda_proxy import LambdaProxyIntegration
from local_stage.api_gateway.rest.rest_api import Method, RestApi
from local_stage.deployment.required_groups import RequiredGroups
from local_stage.explanation.decoded_token import DecodedToken
from local_stage.explanation.described_failure import describe_failure
from local_stage.explanation.described_route import (
    describe_unknown_route,
    describe_wanted,
    find_method,
    path_in_stage,
)
from local_stage.explanation.described_step import Scene, describe_groups, describe_step, find_steps
from local_stage.explanation.dry_run import rehearse
from local_stage.explanation.explanation import Answer, Explanation, Outcome, Route, Step, StepName, Verdict
from local_stage.explanation.failed_decision import find_failed_step
from local_stage.explanation.header_rejection import HeaderRejection, turn_away, warn_of_size
from local_stage.jwt.jwks import KeysUnavailableError
from local_stage.jwt.token_error import TokenError


@dataclass(frozen=True, slots=True)
class ExplainedApi:
    """An API, its authorizers by name, and the groups that its functions ask for by verb and path."""

    rest_api: RestApi
    authorizers: Mapping[str, CognitoAuthorizer]
    groups: RequiredGroups = field(default_factory=dict)
    has_pools: bool = True
    """Whether the authorizers are those of the API's own user pools."""

    def find_issuers(self, method: Method) -> Sequence[str]:
        """Return the `iss` of each user pool whose tokens the method takes, none where they are not known."""
        authorizer = self.authorizers.get(method.authorizer or "")
        return authorizer.issuers if authorizer and self.has_pools else ()


async def explain_request(api: ExplainedApi, request: HttpRequest, *, now: float) -> Explanation:
    """Explain what the stage decides on a request at `now`, in Unix seconds; its path has the stage in it.

    The real gateway decides on it, and it is sent nowhere: no function is asked, so `answer` is None
    where it is the function's to give.
    """
    turned_away = turn_away(request)
    if turned_away is not None:
        unread = await _explain_read(api, replace(request, headers=()), now=now)
        return _explain_turned_away(unread, turned_away)
    explanation = await _explain_read(api, request, now=now)
    return replace(explanation, notes=(*explanation.notes, *warn_of_size(request)))


async def _explain_read(api: ExplainedApi, request: HttpRequest, *, now: float) -> Explanation:
    answered = await rehearse(api.rest_api, api.authorizers, request, now=now)
    found = find_method(api.rest_api, answered.context)
    if found is None:
        return _explain_no_route(api, answered)
    resource, method = found
    groups = api.groups.get((method.http_method, resource.path), ())
    wants = describe_wanted(api.rest_api, method, groups, api.find_issuers(method))
    route = Route(answered.request.method, resource.path, wants)
    if method.authorizer is None:
        steps = (Step(StepName.ROUTE, Outcome.PASSED, "the route has no authorizer: it is open to all"),)
        passed = Explanation(route, Verdict.PASSES, steps)
        return _add_answer(passed, method, answered)
    scene = _set_scene(api, method, groups, answered.request, now)
    outcome = answered.context.authorizer
    if outcome is None or outcome.status != HTTPStatus.OK:
        return _explain_refusal(route, scene, answered)
    passed = _explain_passed(route, scene)
    if groups and not set(groups).intersection(scene.token.groups):
        return _explain_wrong_group(passed, scene)
    return _add_answer(_with_group(passed, scene), method, answered)


def _explain_turned_away(unread: Explanation, turned_away: HeaderRejection) -> Explanation:
    """Return the explanation of a request whose headers are not read, from that of one without headers."""
    route = [step for step in unread.steps if step.name is StepName.ROUTE and step.outcome is Outcome.PASSED]
    later = [step for step in unread.steps if step.name not in {StepName.ROUTE, StepName.HEADER}]
    failed = Step(StepName.HEADER, Outcome.FAILED, turned_away.why)
    return Explanation(
        unread.route,
        Verdict.REFUSED,
        (*route, failed, *later),
        turned_away.answer,
        turned_away.remedy,
    )


def _explain_no_route(api: ExplainedApi, answered: Exchange) -> Explanation:
    why, remedy = describe_unknown_route(api.rest_api, answered.request)
    path = path_in_stage(api.rest_api, answered.request.path)
    return Explanation(
        Route(
            answered.request.method,
            answered.request.path if path is None else path,
            "no token: there is no such route",
        ),
        Verdict.REFUSED,
        (Step(StepName.ROUTE, Outcome.FAILED, why),),
        _gateway_answer(answered.response),
        remedy,
        ("Whether there is such a route is asked first: no token changes this answer.",),
    )


def _explain_refusal(route: Route, scene: Scene, answered: Exchange) -> Explanation:
    cause = answered.error.__cause__ if answered.error else None
    if not isinstance(cause, TokenError | KeysUnavailableError):
        raise TypeError(f"{cause!r} is no reason of an authorizer's")
    why, remedy = describe_failure(cause, scene)
    steps = [_route_step(scene), *_build_steps(scene, find_failed_step(cause), why)]
    return Explanation(route, Verdict.REFUSED, tuple(steps), _gateway_answer(answered.response), remedy)


def _build_steps(scene: Scene, failed: StepName, why: str) -> list[Step]:
    names = find_steps(scene)
    place = names.index(failed)
    return [
        *(describe_step(name, Outcome.PASSED, scene) for name in names[:place]),
        Step(failed, Outcome.FAILED, why),
        *(describe_step(name, Outcome.NOT_REACHED, scene) for name in names[place + 1 :]),
    ]


def _explain_passed(route: Route, scene: Scene) -> Explanation:
    names = [name for name in find_steps(scene) if name is not StepName.GROUP]
    steps = (_route_step(scene), *(describe_step(name, Outcome.PASSED, scene) for name in names))
    return Explanation(route, Verdict.PASSES, steps)


def _explain_wrong_group(passed: Explanation, scene: Scene) -> Explanation:
    wanted = " or ".join(scene.groups)
    why = f"{describe_groups(scene)} and refuses by itself, as API Gateway knows no groups"
    return replace(
        passed,
        verdict=Verdict.REFUSED,
        steps=(*passed.steps, Step(StepName.GROUP, Outcome.FAILED, why)),
        answer=Answer("function", HTTPStatus.FORBIDDEN),
        remedy=f"Add the user to the group {wanted} and sign in again: a token keeps its sign-in's groups.",
    )


def _with_group(passed: Explanation, scene: Scene) -> Explanation:
    if scene.groups:
        return replace(passed, steps=(*passed.steps, describe_step(StepName.GROUP, Outcome.PASSED, scene)))
    note = "What the function itself asks for, such as a group, API Gateway does not know: it may refuse yet."
    return replace(passed, notes=(note,))


def _add_answer(passed: Explanation, method: Method, answered: Exchange) -> Explanation:
    """Add a mock's answer; a function's is its own to give, and a request that is not whole has none yet."""
    if answered.error is not None or isinstance(method.integration, LambdaProxyIntegration):
        return passed
    return replace(passed, answer=_gateway_answer(answered.response))


def _set_scene(
    api: ExplainedApi, method: Method, groups: Sequence[str], request: HttpRequest, now: float
) -> Scene:
    assert method.authorizer is not None  # noqa: S101 - the caller has asked
    settings = api.rest_api.authorizers[method.authorizer]
    sent = [*request.header_values(settings.identity_source)]
    return Scene(
        authorizer=settings,
        issuers=api.find_issuers(method),
        scopes=method.scopes,
        groups=groups,
        sent=sent,
        token=DecodedToken.read(sent[0]) if len(sent) == 1 else DecodedToken(),
        now=now,
    )


def _route_step(scene: Scene) -> Step:
    detail = f"the authorizer {scene.authorizer.name} asks for {scene.wanted_kind}"
    return Step(StepName.ROUTE, Outcome.PASSED, detail)


def _gateway_answer(response: HttpResponse) -> Answer:
    return Answer("API Gateway", response.status, response.header("x-amzn-ErrorType"), _read_body(response))


def _read_body(response: HttpResponse) -> str:
    return response.body.decode("utf-8", "replace")
