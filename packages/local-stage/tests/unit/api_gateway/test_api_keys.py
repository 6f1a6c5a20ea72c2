"""API keys and usage plans: which keys open a method, how often, and in which order they are asked for."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.api_gateway.throttle import Throttle
from local_stage.api_gateway.usage_plan import ApiKey, Quota, UsagePlan, find_period
from tests.unit.api_gateway.authorized_stage import (
    AUTHORIZER_ARN,
    BEARER,
    AuthorizedStage,
    answer_of,
    grant,
    read_api,
)
from tests.unit.api_gateway.sam_api import auth
from tests.unit.api_gateway.served_stage import API_ID

FORBIDDEN = (403, "ForbiddenException", '{"message":"Forbidden"}')
THROTTLED = (429, "TooManyRequestsException", '{"message":"Too Many Requests"}')
USED_UP = (429, "LimitExceededException", '{"message":"Limit Exceeded"}')
VALUE = "local-key-of-the-first-client"
KEY = ApiKey("abc123", "FirstKey", "first", VALUE, is_enabled=True)
OFF = ApiKey("off123", "OffKey", "off", "a-key-that-is-switched-off", is_enabled=False)
ALONE = ApiKey("alo123", "LonelyKey", "alone", "a-key-that-is-in-no-plan", is_enabled=True)
SECOND = ApiKey("sec123", "SecondKey", "second", "local-key-of-the-second-client", is_enabled=True)
STAGE: dict[tuple[str, str], dict[tuple[str, str], Throttle]] = {(API_ID, "dev"): {}}
SENT = (("x-API-key", VALUE),)
EVENTS = {
    "Hello": {"Path": "/hello", "Method": "get"},
    "Free": {"Path": "/free", "Method": "get", "Auth": {"ApiKeyRequired": False}},
}


def plan(**settings: Any) -> UsagePlan:
    return UsagePlan(**{"logical_id": "Plan", "keys": (KEY, OFF, SECOND), "stages": STAGE, **settings})


def keyed_stage(*plans: UsagePlan, api: dict[str, Any] | None = None, result: Any = None) -> AuthorizedStage:
    rest_api = read_api({"Auth": {"ApiKeyRequired": True}} if api is None else api, EVENTS)
    return AuthorizedStage(rest_api, result, plans=plans or (plan(),), keys=(KEY, OFF, ALONE, SECOND))


class TestKeys:
    @pytest.mark.rule("api-key.identity")
    def test_a_key_opens_the_method_and_is_told_to_the_function(self) -> None:
        stage = keyed_stage()
        assert stage.status(SENT) == 200
        identity = stage.integration_event["requestContext"]["identity"]
        assert (identity["apiKey"], identity["apiKeyId"]) == (VALUE, "abc123")
        assert stage.integration_event["headers"]["x-API-key"] == VALUE

    @pytest.mark.rule("api-key.refused", "gateway.api-key")
    @pytest.mark.parametrize(
        ("value", "why"),
        [
            (None, "the method asks for an API key, and there is none; send x-api-key"),
            ("", "the method asks for an API key, and there is none; send x-api-key"),
            (VALUE.upper(), "no API key has this value; `local-stage api-keys` lists those that there are"),
            ("abc123", "no API key has this value; `local-stage api-keys` lists those that there are"),
            (OFF.value, "the API key OffKey is not enabled; set Enabled: true"),
            (ALONE.value, "the API key LonelyKey is in no usage plan with the stage dev"),
        ],
    )
    def test_every_other_is_403(self, value: str | None, why: str) -> None:
        stage = keyed_stage()
        assert answer_of(stage.call(() if value is None else (("x-api-key", value),))) == FORBIDDEN
        assert stage.reason == why
        assert stage.integration.events == []

    @pytest.mark.parametrize("stages", [{}, {("other", "dev"): {}}, {(API_ID, "prod"): {}}])
    def test_a_plan_without_the_stage_opens_nothing(self, stages: dict[Any, Any]) -> None:
        assert answer_of(keyed_stage(plan(stages=stages)).call(SENT)) == FORBIDDEN

    @pytest.mark.rule("api-key.not-required")
    def test_a_method_that_asks_for_none_counts_nothing(self) -> None:
        stage = keyed_stage(plan(quota=Quota(1, "DAY")))
        assert [stage.status(headers, path="/free") for headers in ((), SENT, SENT)] == [200, 200, 200]
        assert "apiKey" not in stage.integration_event["requestContext"]["identity"]
        assert stage.status(SENT) == 200

    def test_without_any_plan_every_call_is_403(self) -> None:
        stage = AuthorizedStage(read_api({"Auth": {"ApiKeyRequired": True}}, EVENTS))
        assert answer_of(stage.call(SENT)) == FORBIDDEN


class TestOrder:
    API = auth({"Tok": {"FunctionArn": AUTHORIZER_ARN}}, "Tok", ApiKeyRequired=True)

    @pytest.mark.rule("api-key.after-authorizer")
    def test_the_authorizer_is_asked_first(self) -> None:
        stage = keyed_stage(api=self.API)
        assert [stage.status(headers) for headers in ((), SENT, BEARER, (*BEARER, *SENT))] == [
            401,
            401,
            403,
            200,
        ]
        assert answer_of(stage.call(BEARER)) == FORBIDDEN

    def test_a_denied_caller_uses_nothing_up(self) -> None:
        stage = keyed_stage(plan(quota=Quota(1, "DAY")), api=self.API, result=grant(effect="Deny"))
        assert stage.status((*BEARER, *SENT)) == 403
        stage.result = grant()
        assert stage.status((("Authorization", "other"), *SENT)) == 200

    @pytest.mark.rule("api-key.source-authorizer")
    def test_the_authorizer_may_name_the_key(self) -> None:
        api = {**self.API, "ApiKeySourceType": "AUTHORIZER"}
        stage = keyed_stage(api=api, result=grant(usageIdentifierKey=VALUE))
        assert stage.status(BEARER) == 200
        assert stage.integration_event["requestContext"]["identity"]["apiKeyId"] == "abc123"
        assert answer_of(keyed_stage(api=api).call((*BEARER, *SENT))) == FORBIDDEN
        wrong = keyed_stage(api=api, result=grant(usageIdentifierKey="wrong"))
        assert answer_of(wrong.call((*BEARER, *SENT))) == FORBIDDEN

    def test_otherwise_what_it_names_is_ignored(self) -> None:
        stage = keyed_stage(api=self.API, result=grant(usageIdentifierKey=VALUE))
        assert answer_of(stage.call(BEARER)) == FORBIDDEN


class TestLimits:
    @pytest.mark.rule("api-key.throttle")
    def test_the_throttle_counts_for_each_key(self) -> None:
        stage = keyed_stage(plan(throttle=Throttle(1.0, 2)))
        assert [stage.status(SENT) for _ in range(2)] == [200, 200]
        assert answer_of(stage.call(SENT)) == THROTTLED
        assert stage.reason == "Plan throttles the API key FirstKey (rate 1/s, burst 2)"
        assert stage.status((("x-api-key", SECOND.value),)) == 200
        stage.clock.advance(1)
        assert stage.status(SENT) == 200

    def test_a_methods_own_throttle_goes_before_it(self) -> None:
        stages = {(API_ID, "dev"): {("GET", "/hello"): Throttle(0.0, 1)}}
        stage = keyed_stage(plan(throttle=Throttle(0.0, 100), stages=stages))
        assert [stage.status(SENT), stage.status(SENT)] == [200, 429]

    @pytest.mark.rule("api-key.quota", "gateway.quota")
    def test_the_quota_counts_for_each_key_until_its_period_ends(self) -> None:
        stage = keyed_stage(plan(quota=Quota(2, "DAY")))
        assert [stage.status(SENT) for _ in range(2)] == [200, 200]
        refused = stage.call(SENT)
        assert (answer_of(refused), refused.header("Retry-After")) == (USED_UP, None)
        assert stage.status((("x-api-key", SECOND.value),)) == 200
        stage.clock.advance(86_400)
        assert stage.status(SENT) == 200

    def test_an_offset_is_taken_from_the_first_period_alone(self) -> None:
        stage = keyed_stage(plan(quota=Quota(2, "DAY", 1)))
        assert [stage.status(SENT), stage.status(SENT)] == [200, 429]
        stage.clock.advance(86_400)
        assert [stage.status(SENT), stage.status(SENT)] == [200, 200]

    def test_what_is_throttled_uses_no_quota_up(self) -> None:
        stage = keyed_stage(plan(quota=Quota(2, "DAY"), throttle=Throttle(1.0, 1)))
        assert [stage.status(SENT), stage.status(SENT)] == [200, 429]
        stage.clock.advance(1)
        assert stage.status(SENT) == 200

    def test_periods_begin_at_midnight_on_monday_and_on_the_first(self) -> None:
        monday = 1_795_392_000.0  # 23 November 2026, 00:00 UTC
        assert find_period("DAY", monday) != find_period("DAY", monday - 1)
        assert find_period("WEEK", monday) != find_period("WEEK", monday - 1)
        assert find_period("WEEK", monday) == find_period("WEEK", monday + 7 * 86_400 - 1)
        assert find_period("MONTH", monday) == (2026, 11)
