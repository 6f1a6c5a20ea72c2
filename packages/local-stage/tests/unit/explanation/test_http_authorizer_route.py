"""What is said of a call of an HTTP API that a function judges, without asking the function."""

from __future__ import annotations

import asyncio
from typing import Any

from local_stage.api_gateway.api import Surroundings
from local_stage.explanation.explanation import Explanation, Verdict
from local_stage.explanation.http_call import ExplainedHttpApi, explain_http_call
from local_stage.explanation.pasted import read_pasted
from tests.http_api import ServedHttpApi
from tests.tokens import REGION
from tests.unit.api_gateway.http.asked_api import ARN, IDENTITY, answer, grant, policies, simple

KEPT: dict[str, Any] = {**IDENTITY, "ReauthorizeEvery": 60}


def explain(api: ServedHttpApi, route: str) -> Explanation:
    surroundings = Surroundings("123456789012", REGION, domain_name="", port=3000)
    explained = ExplainedHttpApi(api.http_api, api.authorizers, {}, surroundings)
    called = len(api.asked.events)
    told = asyncio.run(explain_http_call(explained, route, read_pasted("alice"), now=api.clock()))
    assert len(api.asked.events) == called
    return told


def call_as_pasted(api: ServedHttpApi, route: str) -> int:
    """Return the status of a call with the header in which `alice` is pasted."""
    value = read_pasted("alice").header_value
    return answer(api, route, headers=(("Authorization", value),))[0]


def test_a_kept_policy_for_one_route_is_told_on_the_others() -> None:
    api = policies(grant(f"{ARN}/GET/hello"), Identity=KEPT)
    assert explain(api, "GET /hello").verdict is Verdict.UNKNOWN
    assert call_as_pasted(api, "GET /hello") == 200
    assert explain(api, "GET /hello").verdict is Verdict.PASSES
    refused = explain(api, "POST /hello")
    assert refused.verdict is Verdict.REFUSED
    assert refused.response is not None
    assert (refused.response.status, refused.response.body) == (403, '{"message":"Forbidden"}')
    assert "kept by identity, not by path" in (refused.remedy or "")
    assert call_as_pasted(api, "POST /hello") == 403


def test_a_kept_simple_response_is_told_to_cover_all_routes() -> None:
    api = simple({"isAuthorized": False}, Identity=KEPT)
    assert call_as_pasted(api, "GET /hello") == 403
    refused = explain(api, "POST /hello")
    assert refused.verdict is Verdict.REFUSED
    assert any("Add routeKey to Identity.Context" in note for note in refused.notes)
    by_route = simple(Identity={**KEPT, "Context": ["routeKey"]})
    assert explain(by_route, "POST /hello").notes == ()
