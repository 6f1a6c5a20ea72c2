"""Whatever is sent or returned, no function and no signature lets anybody into an HTTP API by mistake."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.http_api import ServedHttpApi, event, events
from tests.signed_request import sign
from tests.unit.api_gateway.http.asked_api import ARN, IDENTITY, auth, grant
from tests.unit.api_gateway.http.test_http_nobody_gets_in import JSON, METHODS, PATHS, TEXT

KEPT = {**IDENTITY, "ReauthorizeEvery": 3600}
ASKED = events("GET /hello", "ANY /items/{id}", "ANY /files/{proxy+}", "$default")
BY_POLICY = ServedHttpApi(auth(Identity=KEPT), ASKED)
BY_WORD = ServedHttpApi(auth(Identity=KEPT, EnableSimpleResponses=True), ASKED)
SIGNED = ServedHttpApi(
    {"Auth": {"EnableIamAuthorizer": True}}, {"Hello": event("$default", Auth={"Authorizer": "AWS_IAM"})}
)
GOOD = sign(stage="")
HEADERS = st.lists(
    st.tuples(st.sampled_from(("Authorization", "X-Amz-Date", "Host", "X-A")), TEXT), max_size=4
)


def respond(api: ServedHttpApi, line: str, headers: Any) -> int:
    """Return the status, having seen that nothing is at fault and nobody who is refused is served."""
    called = len(api.function.events)
    status = api.call(line, headers=headers).status
    assert api.recorded[-1].fault is None
    assert (len(api.function.events) > called) == (status == 200)
    return status


@given(METHODS, PATHS, TEXT, HEADERS, JSON)
def test_a_function_that_does_not_say_true_lets_nobody_in(
    method: str, path: str, query: str, headers: list[tuple[str, str]], said: Any
) -> None:
    BY_WORD.asked.result = {"isAuthorized": said} if said is not True else {"isAuthorized": 1}
    assert respond(BY_WORD, f"{method} {path}?{query}", headers) in {401, 403, 404, 500}
    BY_WORD.asked.result = said
    assert respond(BY_WORD, f"{method} {path}?{query}", headers) in {401, 403, 404, 500}


@given(METHODS, PATHS, st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=9))
def test_a_policy_that_denies_last_lets_nobody_in_by_any_path(method: str, path: str, name: str) -> None:
    deny = {"Effect": "Deny", "Action": "execute-api:*", "Resource": f"{ARN}/*/*"}
    result = grant()
    result["policyDocument"]["Statement"] = [{"Effect": "Allow", "Action": "*", "Resource": "*"}, deny]
    BY_POLICY.asked.result = result
    assert respond(BY_POLICY, f"{method} {path}", (("Authorization", name),)) in {401, 403, 404}


@given(METHODS, PATHS, HEADERS, st.dictionaries(st.integers(0, len(GOOD) - 1), TEXT, min_size=1))
def test_a_signature_that_is_not_the_requests_lets_nobody_in(
    method: str, path: str, headers: list[tuple[str, str]], changed: dict[int, str]
) -> None:
    assert respond(SIGNED, f"{method} {path}", headers) in {403, 404}
    spoilt = [(name, changed.get(at, value)) for at, (name, value) in enumerate(GOOD)]
    if spoilt != [*GOOD]:
        assert respond(SIGNED, "GET /hello", (("Host", "localhost"), *spoilt)) == 403
    assert respond(SIGNED, "GET /hello", (("Host", "localhost"), *GOOD)) == 200
