"""What is served for each kind of API, what is judged of them, and what their peer is told."""

from __future__ import annotations

import pytest

from benchmarks import kinds, sources
from benchmarks.figure import Measurement, Samples
from benchmarks.serverless_offline import build_configuration
from tests.tokens import TokenSigner


def test_what_a_call_costs_is_judged_beside_a_cognito_authorizer() -> None:
    samples = Samples()
    for kind, cpu in ((kinds.REST, 0.4), (kinds.HTTP, 0.4), (kinds.LAMBDA_AUTHORIZER, 0.5)):
        samples.add(kind, kinds.GATEWAY_CPU, "ms", cpu)
    goals = kinds.judge(Measurement("", "", samples.figures()))
    assert [(goal.value, goal.verdict) for goal in goals] == [(1.0, "reached"), (1.25, "missed")]


@pytest.mark.parametrize("has_node", [True, False])
def test_a_nodejs_function_is_there_where_node_is(has_node: bool) -> None:  # noqa: FBT001 - a table
    assert ("NodeFunction" in kinds.build_resources(has_node=has_node)) is has_node


def test_a_function_has_ten_sources_beside_its_route() -> None:
    events = sources.build_resources(has_sources=True)["HelloFunction"]["Properties"]["Events"]
    assert [event["Type"] for event in events.values()].count("Api") == 1
    assert len(events) == 11


def test_the_cost_of_sources_is_judged_beside_a_stage_without_one() -> None:
    samples = Samples()
    for name, cpu, p50 in ((sources.WITHOUT, 0.1, 2.0), (sources.WITH, 0.5, 2.5)):
        samples.add(name, sources.AT_REST, "%", cpu)
        samples.add(name, sources.CALL, "ms", p50)
    at_rest, call, start = sources.judge(Measurement("", "", samples.figures()))
    assert (at_rest.value, at_rest.verdict) == (0.5, "reached")
    assert (call.value, call.verdict) == (1.25, "missed")
    assert start.verdict == "not measured"


def test_serverless_offline_takes_tokens_of_the_same_issuer_and_client() -> None:
    token = TokenSigner("https://issuer", "key").sign({"iss": "https://issuer", "aud": "client"})
    provider = build_configuration(token)["provider"]
    assert isinstance(provider, dict)
    authorizer = provider["httpApi"]["authorizers"]["pool"]
    assert (authorizer["issuerUrl"], authorizer["audience"]) == ("https://issuer", ["client"])
