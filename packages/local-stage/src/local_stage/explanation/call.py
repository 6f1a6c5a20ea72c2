"""A call as a person names it: `GET /hello` and what was pasted of a token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.api_gateway.rest.router import VERBS, Router
from local_stage.errors import UsageError
from local_stage.explanation.described_route import describe_routes, path_in_stage
from local_stage.explanation.dry_run import HOST
from local_stage.explanation.explanation import Explanation, Verdict
from local_stage.explanation.pasted import Pasted

_DEFAULT_VERB: Final = "GET"
_DEFAULT_HEADER: Final = "Authorization"

type Explain = Callable[[HttpRequest], Awaitable[Explanation]]


async def explain_call(rest_api: RestApi, route: str, pasted: Pasted | None, explain: Explain) -> Explanation:
    """Explain a call with what was pasted in its header, or without the header.

    `route` is `GET /hello`, with or without the stage, or `GET` and a URL. `explain` explains the request
    that becomes of it. Where a paste is refused only for what stands around the token, the explanation is of
    the paste as it stands, and its verdict says that it passes once mended. Raises StartError where `route`
    is none.
    """
    verb, path = find_call(rest_api, route)
    request = HttpRequest(verb, path, headers=(HOST,))
    if pasted is None:
        return await explain(request)
    header = pasted.header_name or _find_header(rest_api, verb, path)
    explanation = await explain(replace(request, headers=(HOST, (header, pasted.header_value))))
    if pasted.as_it_stands == pasted.header_value or explanation.failed_step is not None:
        return explanation
    literally = await explain(replace(request, headers=(HOST, (header, pasted.as_it_stands))))
    return _blame_paste(explanation, literally, pasted)


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


def _find_header(rest_api: RestApi, verb: str, path: str) -> str:
    match = Router(rest_api.resources).match(verb, path_in_stage(rest_api, path) or "")
    authorizer = rest_api.authorizers.get(match.method.authorizer or "") if match else None
    return authorizer.identity_source if authorizer else _DEFAULT_HEADER


def _blame_paste(mended: Explanation, literally: Explanation, pasted: Pasted) -> Explanation:
    """Return why a paste is refused as it stands, although nothing is wrong with the token in it."""
    if literally.failed_step is None:
        return mended
    faults = " and ".join(dict.fromkeys(pasted.notes))
    return replace(
        literally,
        verdict=Verdict.MENDED if mended.verdict is Verdict.PASSES else literally.verdict,
        remedy=f"What was pasted has {faults}: send the token alone, or behind one Bearer and a blank.",
        notes=mended.notes,
    )
