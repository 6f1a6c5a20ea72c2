"""An HTTP API whose callers are judged by the test's own function."""

from __future__ import annotations

from typing import Any

from tests.http_api import API_ID, AUTHORIZER_ARN, ServedHttpApi, event, events
from tests.tokens import REGION

ARN = f"arn:aws:execute-api:{REGION}:123456789012:{API_ID}/$default"
ALICE = (("Authorization", "alice"),)
FORBIDDEN = (403, b'{"message":"Forbidden"}')
UNAUTHORIZED = (401, b'{"message":"Unauthorized"}')
FAILURE = (500, b'{"message":"Internal Server Error"}')
ROUTES = {
    **events("GET /hello", "POST /hello", "ANY /items/{id}", "GET /files/{proxy+}", "$default"),
    "Open": event("GET /open", Auth={"Authorizer": "NONE"}),
    "Format1": event("GET /one", PayloadFormatVersion="1.0"),
}
IDENTITY = {"Headers": ["Authorization"]}


def auth(**authorizer: Any) -> dict[str, Any]:
    """Return the properties of an API whose routes ask a function, by the header Authorization."""
    mine = {
        "FunctionArn": AUTHORIZER_ARN,
        "AuthorizerPayloadFormatVersion": "2.0",
        "Identity": IDENTITY,
        **authorizer,
    }
    written = {name: value for name, value in mine.items() if value is not None}
    return {"Auth": {"Authorizers": {"Mine": written}, "DefaultAuthorizer": "Mine"}}


def grant(*resources: str, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """Return an authorizer's policy, for the whole stage unless `resources` say otherwise."""
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": [*resources] or f"{ARN}/*"}
    return {
        "principalId": "alice",
        "policyDocument": {"Version": "2012-10-17", "Statement": statement},
        **more,
    }


def simple(asked: Any = None, **authorizer: Any) -> ServedHttpApi:
    """Return an API whose function says true or false; it says true unless `asked` is another answer."""
    answer = {"isAuthorized": True} if asked is None else asked
    return ServedHttpApi(auth(EnableSimpleResponses=True, **authorizer), ROUTES, asked=answer)


def policies(asked: Any = None, **authorizer: Any) -> ServedHttpApi:
    """Return an API whose function answers with a policy."""
    return ServedHttpApi(auth(**authorizer), ROUTES, asked=grant() if asked is None else asked)


def answer(api: ServedHttpApi, line: str = "GET /hello", **sent: Any) -> tuple[int, bytes]:
    """Return status and body; nothing of the gateway's own has a fault or a challenge."""
    response = api.call(line, **{"headers": ALICE, **sent})
    assert api.recorded[-1].fault is None
    assert response.header("www-authenticate") is None
    return response.status, response.body


def reason(api: ServedHttpApi) -> str:
    """Return what the log says of the last refusal."""
    error = api.recorded[-1].error
    return "" if error is None else error.reason
