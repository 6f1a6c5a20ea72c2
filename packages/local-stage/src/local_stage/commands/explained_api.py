"""`local-stage explain`: what an API, running or not, decides on a token that somebody has pasted."""

from __future__ import annotations

from local_stage.api_gateway.http_message import HttpRequest
from local_stage.commands.found_api import FoundApi
from local_stage.explanation.call import explain_call
from local_stage.explanation.explain import ExplainedApi, explain_request
from local_stage.explanation.explanation import Explanation
from local_stage.explanation.pasted import Pasted
from local_stage.explanation.unchecked import explain_without_pool
from local_stage.jwt.fetcher import Fetcher
from local_stage.serving.authorizers import build_authorizers


async def explain_found(found: FoundApi, route: str, pasted: Pasted | None) -> Explanation:
    """Explain a call of the API, with what was pasted in its header or without any.

    The token goes nowhere: the pools' public keys are fetched, and the decision is made here. Raises
    StartError where the keys cannot be had, or `route` is none.
    """
    if not found.has_pools:

        async def explain_unchecked(request: HttpRequest) -> Explanation:
            return await explain_without_pool(found.rest_api, found.groups, request, now=found.now)

        return await explain_call(found.rest_api, route, pasted, explain_unchecked)
    async with Fetcher() as fetcher:
        authorizers = await build_authorizers(
            found.definitions, found.aws_endpoint_url, fetcher.fetch, lambda: found.now
        )
    api = ExplainedApi(found.rest_api, authorizers, found.groups)

    async def explain(request: HttpRequest) -> Explanation:
        return await explain_request(api, request, now=found.now)

    return await explain_call(found.rest_api, route, pasted, explain)
