"""A route as a person names it, what opens it, and why there may be none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.api import find_target_fault
from local_stage.api_gateway.authorizers.iam import IamAuthorizerSettings
from local_stage.api_gateway.authorizers.lambda_authorizer import LambdaAuthorizerSettings
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.rest.rest_api import Method, RestApi
from local_stage.api_gateway.rest.router import VERBS, Router, split_path
from local_stage.errors import UsageError
from local_stage.explanation.decoded_token import name_user_pool
from local_stage.explanation.lambda_route import describe_sources
from local_stage.explanation.verdicts import SIGNATURE

_DEFAULT_VERB: Final = "GET"
_DEFAULT_HEADER: Final = "Authorization"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def find_call(rest_api: RestApi, route: str) -> tuple[str, str]:
    """Return verb and path, with the stage in front, of what a person calls a route.

    Raises StartError, with the routes that there are, for what is neither a path nor a URL.
    """
    *verbs, target = route.split() or [""]
    verb = verbs[0].upper() if verbs else _DEFAULT_VERB
    if "://" in target and len(verbs) <= 1:
        return verb, urlsplit(target).path or "/"
    if not target.startswith("/") or len(verbs) > 1:
        raise UsageError(
            f"{route!a} is no route; write 'GET /hello'. The API has {describe_routes(rest_api)}"
        )
    target = target.partition("?")[0]
    router = Router(rest_api.resources)
    inner = path_in_stage(rest_api, target)
    has_stage = inner is not None and any(router.match(other, inner) for other in VERBS)
    if has_stage and not any(router.match(other, target) for other in VERBS):
        return verb, target
    return verb, f"/{rest_api.stage_name}{target}"


def has_route(rest_api: RestApi, route: str, *, port: int | None = None) -> bool:
    """Say whether an API has what a person calls a route; a URL's port has to be the API's `port`, if known.

    Raises StartError for what is neither a path nor a URL.
    """
    verb, path = find_call(rest_api, route)
    url = urlsplit(route.rsplit(maxsplit=1)[-1])
    if port is not None and url.hostname in _LOOPBACK and not url.netloc.endswith(f":{port}"):
        return False
    inner = path_in_stage(rest_api, path)
    return inner is not None and Router(rest_api.resources).match(verb, inner) is not None


def matches(rest_api: RestApi, request: HttpRequest) -> bool:
    """Say whether an API has a method for a request whose path is without the stage."""
    return Router(rest_api.resources).match(request.method, request.path) is not None


def find_query(route: str) -> str:
    """Return the query of what a person calls a route, as it stands there."""
    return route.partition("?")[2].partition("#")[0]


def find_header(rest_api: RestApi, verb: str, path: str) -> str:
    """Return the name of the header in which a call's token is sent."""
    match = Router(rest_api.resources).match(verb, path_in_stage(rest_api, path) or "")
    authorizer = rest_api.find_authorizer(match.method) if match else None
    return (authorizer.identity_source if authorizer else None) or _DEFAULT_HEADER


def path_in_stage(rest_api: RestApi, path: str) -> str | None:
    """Return a path without the stage in front of it, or None where another name is there."""
    stage, _, rest = path.lstrip("/").partition("/")
    is_here = path.startswith("/") and stage == rest_api.stage_name
    return f"/{rest.lstrip('/')}" if is_here else None


def describe_wanted(rest_api: RestApi, method: Method, groups: Sequence[str], issuers: Sequence[str]) -> str:
    """Say in words what opens a method."""
    settings = rest_api.find_authorizer(method)
    if settings is None:
        return (
            "an API key, in the header x-api-key"
            if method.api_key_required
            else "no token: it is open to all"
        )
    if isinstance(settings, LambdaAuthorizerSettings):
        return describe_sources(settings)
    if isinstance(settings, IamAuthorizerSettings):
        return SIGNATURE
    pools = " or ".join(map(name_user_pool, issuers))
    kind = "an access token" if method.scopes else "an ID token"
    return "".join(
        (
            kind,
            f" with {'one of the scopes' if method.scopes[1:] else 'the scope'} {', '.join(method.scopes)}"
            if method.scopes
            else "",
            f" of the user pool {pools}" if pools else "",
            f", of a user in the group {' or '.join(groups)}" if groups else "",
            f", in the header {settings.identity_source}",
        )
    )


def refuse_route(rest_api: RestApi, request: HttpRequest) -> tuple[GatewayError, str]:
    """Return the refusal of a request that reaches no method, with its reason, and the remedy."""
    if fault := find_target_fault(request.path, request.query):
        why, _, remedy = fault.partition("; ")
        return gateway_error.bad_request(why), f"{remedy[0].upper()}{remedy[1:]}."
    stage = rest_api.stage_name
    path = path_in_stage(rest_api, request.path)
    if path is None:
        first = split_path(request.path)[:1]
        why = f"the first part of the path names the stage: this one is {stage}, not {''.join(first)!a}"
        return gateway_error.unknown_stage(why), f"Call the URL with /{stage} in front of the path."
    why, remedy = _describe_unknown_route(rest_api, request, path)
    return gateway_error.unknown_route(request.header("Authorization"), why), remedy


def _describe_unknown_route(rest_api: RestApi, request: HttpRequest, path: str) -> tuple[str, str]:
    verbs = [verb for verb in sorted(VERBS - {"OPTIONS"}) if Router(rest_api.resources).match(verb, path)]
    if verbs:
        return (
            f"{path!a} has {', '.join(verbs)}, and no {request.method}",
            f"Call it with {' or '.join(verbs)}.",
        )
    known = sorted(resource.path for resource in rest_api.resources)
    alike = [other for other in known if other.lower() == path.lower().rstrip("/")]
    if alike:
        return f"the API has no path {path!a}", f"Write {alike[0]}: upper and lower case are not the same."
    return f"the API has no path {path!a}; it has {', '.join(known)}", "Call one of these paths."


def describe_routes(rest_api: RestApi) -> str:
    """List the routes of an API but for preflights, by path; `none` where there are none."""
    calls = [
        f"{method.http_method} {resource.path}"
        for resource, method in rest_api.methods
        if method.http_method != "OPTIONS"
    ]
    return ", ".join(calls) or "none"
