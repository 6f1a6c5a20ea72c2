"""Judges a call of an HTTP API as its stage does, and says why it is let in or refused.

What passes here and not with a REST API, and the other way round, is said beside it: the one asks for the
token's audience, the other for its kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import quote as quote_url
from urllib.parse import urlsplit

from local_stage.api_gateway.api import Surroundings
from local_stage.api_gateway.authorizers.authorizer import AuthorizationRequest, Authorizer
from local_stage.api_gateway.authorizers.jwt import (
    JwtAuthorizer,
    JwtAuthorizerSettings,
    judge_without_keys,
    refusal_of,
)
from local_stage.api_gateway.http.http_api import HttpApi, HttpRoute
from local_stage.api_gateway.http.lambda_authorizer import HttpLambdaAuthorizerSettings
from local_stage.api_gateway.http.router import Match, Router
from local_stage.api_gateway.http_error import as_http_error, build_error_response, not_found
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.deployment.required_groups import RequiredGroups
from local_stage.errors import UsageError
from local_stage.explanation.decoded_token import DecodedToken
from local_stage.explanation.explanation import Explanation, Outcome, Route, Step, StepName, Verdict
from local_stage.explanation.header_rejection import reject_headers, warn_of_size
from local_stage.explanation.http_authorizer_route import (
    ANYWHERE,
    describe_http_response,
    explain_lambda_call,
)
from local_stage.explanation.http_decision_text import (
    HttpScene,
    compare_pass,
    compare_refusal,
    describe_step,
)
from local_stage.explanation.lambda_route import describe_sources
from local_stage.explanation.pasted import Pasted
from local_stage.explanation.route import find_query
from local_stage.explanation.verdicts import NO_ROUTE, SIGNATURE, blame_paste, explain_signed, judge_groups
from local_stage.jwt.checks import list_some
from local_stage.jwt.judgement import Judgement

_HOST: Final = ("Host", "127.0.0.1")
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_VERBS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_NOT_CHECKED: Final = (
    "Issuer, key and signature were not checked: the issuer's keys are not known here."
    " Start the stage, or name a deployed stack."
)


@dataclass(frozen=True, slots=True)
class ExplainedHttpApi:
    """An HTTP API, its authorizers by name, and the groups that its functions ask for by verb and path.

    `authorizers` is None where the keys of the issuers are not known. `surroundings` are the stage's where
    one runs.
    """

    http_api: HttpApi
    authorizers: Mapping[str, Authorizer] | None
    groups: RequiredGroups = field(default_factory=dict)
    surroundings: Surroundings = ANYWHERE

    def match(self, request: HttpRequest) -> Match | None:
        """Return the route that a request reaches, or None."""
        path = self.http_api.path_in_stage(request.path)
        return None if path is None else Router(self.http_api.http_routes).match(request.method, path)

    async def judge(
        self, request: HttpRequest, route: HttpRoute, settings: JwtAuthorizerSettings, *, now: float
    ) -> Judgement:
        """Return what came of the checks on the request's token for a route that has a JWT authorizer."""
        asked = AuthorizationRequest(request, route.scopes)
        authorizer = self.find_authorizer(route)
        if authorizer is None:
            return await judge_without_keys(asked, settings, now)
        return await authorizer.judge(asked)

    def find_authorizer(self, route: HttpRoute) -> JwtAuthorizer | None:
        """Return the route's authorizer, or None where the keys of its issuer are not known."""
        found = (self.authorizers or {}).get(route.authorizer or "")
        return found if isinstance(found, JwtAuthorizer) else None


async def explain_http_call(
    api: ExplainedHttpApi, route: str, pasted: Pasted | None, *, now: float
) -> Explanation:
    """Explain a call with what was pasted as its token, or without one, at `now` in Unix seconds.

    `route` is `GET /hello`, with or without the stage, or `GET` and a URL. Raises UsageError where it is
    none.
    """
    request = _find_request(api.http_api, route)
    if pasted is None:
        return await _explain(api, request, now)
    explanation = await _explain(api, _with_token(api, request, pasted.header_value, pasted.header_name), now)
    if pasted.as_it_stands == pasted.header_value or explanation.failed_step is not None:
        return explanation
    literal = await _explain(api, _with_token(api, request, pasted.as_it_stands, pasted.header_name), now)
    return blame_paste(explanation, literal, pasted)


def has_route(http_api: HttpApi, route: str, *, port: int | None = None) -> bool:
    """Say whether an API has what a person calls a route; a URL's port has to be the API's `port`, if known.

    Raises UsageError for what is neither a path nor a URL.
    """
    request = _find_request(http_api, route)
    url = urlsplit(route.rsplit(maxsplit=1)[-1])
    if port is not None and url.hostname in _LOOPBACK and not url.netloc.endswith(f":{port}"):
        return False
    return ExplainedHttpApi(http_api, None).match(request) is not None


def matches(http_api: HttpApi, request: HttpRequest) -> bool:
    """Say whether an API has a route for a request whose path is without the stage."""
    return Router(http_api.http_routes).match(request.method, request.path) is not None


def _find_request(http_api: HttpApi, route: str) -> HttpRequest:
    *verbs, target = route.split() or [""]
    verb = verbs[0].upper() if verbs else _VERBS[0]
    if "://" in target and len(verbs) <= 1:
        return HttpRequest(verb, urlsplit(target).path or "/", find_query(target), headers=(_HOST,))
    if not target.startswith("/") or len(verbs) > 1:
        keys = ", ".join(one.key for one in http_api.http_routes)
        raise UsageError(f"{route!a} is no route; write 'GET /hello'. The API has {keys}")
    path = target.partition("?")[0]
    is_inside = http_api.path_in_stage(path) is not None
    path = path if is_inside else http_api.base_path + path
    return HttpRequest(verb, path, find_query(target), headers=(_HOST,))


def _with_token(api: ExplainedHttpApi, request: HttpRequest, value: str, header: str | None) -> HttpRequest:
    match = api.match(request)
    settings = api.http_api.authorizers.get(match.route.authorizer or "") if match else None
    if isinstance(settings, JwtAuthorizerSettings) and settings.identity_source is None:
        return replace(request, query=f"{settings.token_source.name}={quote_url(value)}")
    name = header or (settings.identity_source if settings else None) or "Authorization"
    return replace(request, headers=(_HOST, (name, value)))


async def _explain(api: ExplainedHttpApi, request: HttpRequest, now: float) -> Explanation:
    rejection = reject_headers(request)
    if rejection is not None:
        step = Step(StepName.HEADER, Outcome.FAILED, rejection.why)
        route = Route(request.method, request.path, "headers that can be read")
        return Explanation(route, Verdict.REFUSED, (step,), rejection.response, rejection.remedy)
    match = api.match(request)
    if match is None:
        return _explain_no_route(api, request)
    groups = api.groups.get((match.route.http_method, match.route.path), ())
    route = Route(request.method, match.route.path, _describe_wanted(api.http_api, match.route, groups))
    if match.route.authorizer is None:
        steps = (Step(StepName.ROUTE, Outcome.PASSED, "the route has no authorizer: it is open to all"),)
        return Explanation(route, Verdict.PASSES, steps)
    settings = api.http_api.authorizers[match.route.authorizer]
    if isinstance(settings, HttpLambdaAuthorizerSettings):
        authorizers = api.authorizers or {}
        return explain_lambda_call(
            api.http_api, authorizers, api.surroundings, settings, route, match, request, now
        )
    if not isinstance(settings, JwtAuthorizerSettings):
        return explain_signed(route, settings.name)
    return await _explain_token(api, route, match, request, settings, now)


async def _explain_token(  # noqa: PLR0917 - what a call of a route is
    api: ExplainedHttpApi,
    route: Route,
    match: Match,
    request: HttpRequest,
    settings: JwtAuthorizerSettings,
    now: float,
) -> Explanation:
    judgement = await api.judge(request, match.route, settings, now=now)
    authorizer = api.find_authorizer(match.route)
    scene = HttpScene(
        authorizer.issuers if authorizer else (settings.issuer,),
        settings.audience,
        match.route.scopes,
        api.groups.get((match.route.http_method, match.route.path), ()),
        DecodedToken.of(judgement.token),
        now,
    )
    explanation = _explain_judgement(route, match.route, judgement, scene)
    notes = (
        *(authorizer.pool_notes if authorizer else ()),
        *([_NOT_CHECKED] if judgement.not_checked else []),
        *warn_of_size(request),
    )
    return replace(explanation, notes=(*explanation.notes, *notes))


def _explain_no_route(api: ExplainedHttpApi, request: HttpRequest) -> Explanation:
    stage = api.http_api.stage_name
    path = api.http_api.path_in_stage(request.path)
    keys = [route.key for route in api.http_api.http_routes]
    if path is None:
        why = f"the first part of the path names the stage: this one is {stage}"
        remedy = f"Call the URL with /{stage} in front of the path."
    else:
        router = Router(api.http_api.http_routes)
        verbs = [verb for verb in _VERBS if router.match(verb, path)]
        cut = path.rstrip("/")
        has_slash = path != cut and any(router.match(verb, cut) for verb in _VERBS)
        why = f"the API has no {request.method} {path!a}; it has {', '.join(keys)}"
        remedy = f"Call it with {' or '.join(verbs)}." if verbs else "Call one of these routes."
        remedy = f"Write {cut}: a slash at the end is another path for an HTTP API." if has_slash else remedy
    return Explanation(
        Route(request.method, request.path, "no token: there is no such route"),
        Verdict.REFUSED,
        (Step(StepName.ROUTE, Outcome.FAILED, why),),
        describe_http_response(build_error_response(not_found(why))),
        remedy,
        (NO_ROUTE,),
    )


def _describe_wanted(http_api: HttpApi, route: HttpRoute, groups: Sequence[str]) -> str:
    """Say in words what opens a route."""
    if route.authorizer is None:
        return "no token: it is open to all"
    settings = http_api.authorizers[route.authorizer]
    if isinstance(settings, HttpLambdaAuthorizerSettings):
        return describe_sources(settings)
    if not isinstance(settings, JwtAuthorizerSettings):
        return SIGNATURE
    source = settings.token_source
    place = f"the header {source.name}" if settings.identity_source else f"the query's {source.name}"
    several = "one of the scopes" if route.scopes[1:] else "the scope"
    scopes = f" with {several} {', '.join(route.scopes)}" if route.scopes else ""
    asked = f", of a user in the group {' or '.join(groups)}" if groups else ""
    return f"a token{scopes} of {settings.issuer} for {list_some(settings.audience)}{asked}, in {place}"


def _explain_judgement(route: Route, found: HttpRoute, judgement: Judgement, scene: HttpScene) -> Explanation:
    steps = [Step(StepName.ROUTE, Outcome.PASSED, f"the authorizer {found.authorizer} asks for a token")]
    for name in map(StepName, judgement.names):
        if name == judgement.failed and judgement.failure is not None:
            steps.append(Step(name, Outcome.FAILED, judgement.failure.reason))
        elif name is not StepName.SCOPES or scene.scopes:
            steps.append(describe_step(name, judgement, scene))
    failure = judgement.failure
    if failure is None:
        verdict = Verdict.UNKNOWN if judgement.not_checked else Verdict.PASSES
        passed = Explanation(route, verdict, tuple(steps), notes=(*compare_pass(scene),))
        return judge_groups(passed, scene.groups, scene.token.groups)
    response = build_error_response(as_http_error(refusal_of(judgement, scene.scopes)))
    notes = (
        f"www-authenticate: {response.header('www-authenticate')}",
        *compare_refusal(failure.kind, scene),
    )
    remedy = f"{failure.remedy[:1].upper()}{failure.remedy[1:]}."
    return Explanation(route, Verdict.REFUSED, tuple(steps), describe_http_response(response), remedy, notes)
