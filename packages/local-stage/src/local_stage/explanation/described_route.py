"""Which route a request is for, what opens it, and why there may be none."""

from __future__ import annotations

from collections.abc import Sequence

from local_stage.api_gateway.exchange import RequestContext
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.rest.rest_api import ANY, Method, Resource, RestApi
from local_stage.api_gateway.rest.router import VERBS, Router, split_path
from local_stage.explanation.decoded_token import name_user_pool


def find_method(rest_api: RestApi, context: RequestContext) -> tuple[Resource, Method] | None:
    """Return resource and method that a request has reached, or None where it has reached none."""
    for resource in rest_api.resources:
        if resource.resource_id == context.resource_id:
            method = resource.methods.get(context.http_method) or resource.methods.get(ANY)
            return (resource, method) if method else None
    return None


def path_in_stage(rest_api: RestApi, path: str) -> str | None:
    """Return a path without the stage in front of it, or None where another name is there."""
    stage, _, rest = path.lstrip("/").partition("/")
    return f"/{rest.lstrip('/')}" if stage == rest_api.stage_name else None


def describe_wanted(rest_api: RestApi, method: Method, groups: Sequence[str], issuers: Sequence[str]) -> str:
    """Say in words what opens a method."""
    if method.authorizer is None:
        return "no token: it is open to all"
    pools = " or ".join(map(name_user_pool, issuers))
    kind = "an access token" if method.scopes else "an ID token"
    header = rest_api.authorizers[method.authorizer].identity_source
    return "".join(
        (
            kind,
            f" with {'one of the scopes' if method.scopes[1:] else 'the scope'} {', '.join(method.scopes)}"
            if method.scopes
            else "",
            f" of the user pool {pools}" if pools else "",
            f", of a user in the group {' or '.join(groups)}" if groups else "",
            f", in the header {header}",
        )
    )


def describe_unknown_route(rest_api: RestApi, request: HttpRequest) -> tuple[str, str]:
    """Return why no method of the API is reached, and the remedy."""
    stage = rest_api.stage_name
    path = path_in_stage(rest_api, request.path)
    if path is None:
        first = split_path(request.path)[:1]
        return (
            f"the first part of the path names the stage: this one is {stage}, not {''.join(first)!a}",
            f"Call the URL with /{stage} in front of the path.",
        )
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
