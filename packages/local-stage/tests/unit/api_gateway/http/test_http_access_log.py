"""The access log of an HTTP API, whose variables are not all those of a REST API."""

from __future__ import annotations

import pytest

from local_stage.api_gateway.access_log import AccessLog
from local_stage.api_gateway.http.stage import LOG_VARIABLES
from tests.http_api import JWT, ServedHttpApi, event, events
from tests.manual_clock import NOW
from tests.signed_request import sign
from tests.tokens import SUB
from tests.unit.api_gateway.http.asked_api import auth


@pytest.fixture(scope="module")
def api() -> ServedHttpApi:
    return ServedHttpApi(JWT, events("GET /hello"), {"statusCode": 201})


def log(api: ServedHttpApi, line_format: str) -> str:
    lines: list[str] = []
    AccessLog(line_format, lines.append, LOG_VARIABLES).record(api.recorded[-1])
    return lines[0].removesuffix("\n")


def test_a_route_is_logged_by_its_key_and_time_in_seconds(api: ServedHttpApi) -> None:
    api.call(token=api.signer.id_token())
    assert (
        log(api, "$context.routeKey $context.requestTimeEpoch $context.stage") == f"GET /hello {NOW} $default"
    )
    assert log(api, "$context.status $context.integration.status $context.integrationStatus") == "201 201 200"
    assert log(api, "$context.authorizer.claims.sub $context.authorizer.error") == f"{SUB} -"


def test_both_ids_are_one(api: ServedHttpApi) -> None:
    response = api.call()
    told = response.header("apigw-requestid")
    assert log(api, "$context.requestId $context.extendedRequestId") == f"{told} {told}"


def test_why_a_token_is_refused_is_logged_as_the_client_learns_it(api: ServedHttpApi) -> None:
    api.call(token=api.signer.id_token(aud="other"))
    assert log(api, "$context.authorizer.error") == (
        "invalid_token: the token does not have a valid audience"
    )
    assert log(api, "$context.error.message $context.error.messageString") == 'Unauthorized "Unauthorized"'


def test_who_has_signed_and_what_a_function_says_are_logged() -> None:
    routes = {
        "Signed": event("GET /signed", Auth={"Authorizer": "AWS_IAM"}),
        "Asked": event("GET /asked", Auth={"Authorizer": "Mine"}),
    }
    asks = auth(EnableSimpleResponses=True)["Auth"]["Authorizers"]
    given = {"isAuthorized": True, "context": {"tenant": "t", "isAdmin": False}}
    served = ServedHttpApi({"Auth": {"EnableIamAuthorizer": True, "Authorizers": asks}}, routes, asked=given)
    served.call("GET /signed", headers=(("Host", "localhost"), *sign(path="/signed", stage="")))
    assert log(served, "$context.identity.userArn $context.identity.caller $context.status") == (
        "arn:aws:iam::123456789012:root 123456789012 200"
    )
    served.call("GET /asked", token="x")
    assert log(served, "$context.authorizer.tenant $context.authorizer.isAdmin") == "t false"
    assert log(served, "$context.authorizer.principalId $context.identity.userArn") == "- -"


def test_what_there_is_not_is_a_dash(api: ServedHttpApi) -> None:
    api.call("GET /nowhere")
    assert log(api, "$context.routeKey $context.integration.status $context.error.message") == "- - Not Found"
