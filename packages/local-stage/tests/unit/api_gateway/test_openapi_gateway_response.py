"""The gateway responses of an API's definition."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.api_gateway.rest.gateway_response import GatewayResponse, GatewayResponseType
from tests.unit.api_gateway.sam_api import (
    BOTH_FORMS,
    read,
    refusal,
)


@pytest.mark.rule("sam.gateway-responses")
@BOTH_FORMS
def test_gateway_responses_are_read(form: dict[str, Any]) -> None:
    responses = {
        "DEFAULT_4XX": {"ResponseParameters": {"Headers": {"Access-Control-Allow-Origin": "'*'"}}},
        "UNAUTHORIZED": {
            "StatusCode": 418,
            "ResponseTemplates": {"application/json": '{"message":$context.error.messageString}'},
            "ResponseParameters": {
                "Headers": {"X-Path": "context.path", "X-Q": "method.request.querystring.q"}
            },
        },
        "DEFAULT_5XX": {"StatusCode": "500"},
    }
    rest_api, _ = read({**form, "GatewayResponses": responses})
    assert rest_api.gateway_responses == {
        GatewayResponseType.DEFAULT_4XX: GatewayResponse(headers={"Access-Control-Allow-Origin": "'*'"}),
        GatewayResponseType.UNAUTHORIZED: GatewayResponse(
            status=418,
            headers={"X-Path": "context.path", "X-Q": "method.request.querystring.q"},
            templates={"application/json": '{"message":$context.error.messageString}'},
        ),
        GatewayResponseType.DEFAULT_5XX: GatewayResponse(status=500),
    }


@pytest.mark.rule("gateway.illegal-header-mapping")
@pytest.mark.parametrize(
    ("responses", "line"),
    [
        (
            {"UNATHORIZED": {"StatusCode": 401}},
            "GatewayResponses.UNATHORIZED: there is no gateway response UNATHORIZED",
        ),
        (
            {"THROTTLED": {"ResponseParameters": {"Headers": {"X": "v"}}}},
            "gatewayresponse.header.X: v is no mapping expression; a constant is written \"'v'\"",
        ),
        (
            {"THROTTLED": {"ResponseParameters": {"Paths": {"x": "'v'"}}}},
            "gatewayresponse.path.x: only gatewayresponse.header.NAME is run locally",
        ),
        ({"THROTTLED": {"StatusCode": 42}}, "statusCode: 42 is no status code"),
    ],
)
def test_a_gateway_response_that_cannot_be_given_is_refused(responses: dict[str, Any], line: str) -> None:
    assert refusal({"GatewayResponses": responses}).endswith(line)
