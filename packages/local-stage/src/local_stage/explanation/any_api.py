"""What is asked about an API, whatever its kind: which calls it has, why one passes, which event it makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from local_stage.api_gateway.api import Surroundings
from local_stage.api_gateway.authorizers.authorizer import Authorizer
from local_stage.api_gateway.http.http_api import HttpApi
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.deployment.required_groups import RequiredGroups
from local_stage.deployment.served_api import DefinedApi
from local_stage.explanation import explain, http_call, route
from local_stage.explanation.explained_api import ExplainedApi
from local_stage.explanation.explanation import Explanation
from local_stage.explanation.http_sample_event import HttpSampleEvents
from local_stage.explanation.pasted import Pasted
from local_stage.explanation.sample_event import SampleEvents


def has_route(api: DefinedApi, named: str, *, port: int | None = None) -> bool:
    """Say whether an API has what a person calls a route; a URL's port has to be the API's `port`, if known.

    Raises StartError for what is neither a path nor a URL.
    """
    if isinstance(api, HttpApi):
        return http_call.has_route(api, named, port=port)
    return route.has_route(api, named, port=port)


def matches(api: DefinedApi, request: HttpRequest) -> bool:
    """Say whether an API has a route for a request whose path is without the stage."""
    return http_call.matches(api, request) if isinstance(api, HttpApi) else route.matches(api, request)


async def explain_call(
    api: DefinedApi,
    authorizers: Mapping[str, Authorizer] | None,
    groups: RequiredGroups,
    named: str,
    pasted: Pasted | None,
    *,
    now: float,
    around: Surroundings | None = None,
) -> Explanation:
    """Explain a call with what was pasted in its header, or without any, at `now` in Unix seconds.

    `authorizers` is None where the keys of the issuers are not known, and `around` where no stage runs.
    Raises StartError where `named` is no route.
    """
    if isinstance(api, HttpApi):
        http_api = http_call.ExplainedHttpApi(api, authorizers, groups, *([] if around is None else [around]))
        return await http_call.explain_http_call(http_api, named, pasted, now=now)
    rest_api = ExplainedApi(api, authorizers, groups, *([] if around is None else [around]))
    return await explain.explain_call(rest_api, named, pasted, now=now)


def name_calls(api: DefinedApi) -> Iterator[str]:
    """Yield each route but for preflights, as a verb and a URL, whose path needs no stage to be guessed."""
    for each in api.routes:
        if each.http_method != "OPTIONS":
            verb = "GET" if each.http_method == "ANY" else each.http_method
            yield f"{verb} http://127.0.0.1{api.base_path}/{each.path.lstrip('/')}"


def sample_events(api: DefinedApi, region: str, **fixed: Any) -> SampleEvents | HttpSampleEvents:
    """Return what makes the events of an API; `fixed` are `clock` and `random_bytes`, where they are."""
    if isinstance(api, HttpApi):
        return HttpSampleEvents(api, region, **fixed)
    return SampleEvents(api, region, **fixed)
