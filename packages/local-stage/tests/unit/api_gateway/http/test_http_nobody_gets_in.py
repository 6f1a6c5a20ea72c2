"""Whatever is sent, an HTTP API lets nobody in without a good token, and has no fault of its own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.http_api import JWT, ServedHttpApi, event, events
from tests.tokens import CLIENT_ID, ISSUER, TokenSigner, make_rsa_key

ROUTES = {
    **events("GET /hello", "ANY /pets/{id}", "ANY /files/{proxy+}", "$default"),
    "Scoped": event("GET /scoped", Auth={"AuthorizationScopes": ["books/read"]}),
}
API = ServedHttpApi({**JWT, "CorsConfiguration": True}, ROUTES, {"statusCode": 200})
STRANGER = TokenSigner(
    ISSUER, API.signer.kid, client_id=CLIENT_ID, clock=API.clock, key=make_rsa_key("stranger")
)

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=30)
METHODS = st.sampled_from(("GET", "POST", "OPTIONS", "HEAD", "PUT", "TRACE", "get", ""))
PATHS = st.one_of(
    st.sampled_from(("/hello", "/scoped", "//hello", "/hello/", "/%68ello", "/files/../hello", "/pets/")),
    TEXT.map(lambda text: f"/{text}"),
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
CLAIMS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("iss", "aud", "client_id", "exp", "iat", "nbf", "scope", "scp", "sub"), JSON),
)
BAD_TOKENS = st.one_of(
    TEXT,
    CLAIMS.map(STRANGER.sign),
    st.builds(lambda claims: STRANGER.id_token(**claims), CLAIMS),
    st.builds(lambda part: f"{API.signer.id_token().rpartition('.')[0]}.{part}", TEXT),
)


def respond(method: str, path: str, query: str, token: str | None) -> int:
    """Return the status, having seen that there is no fault."""
    response = API.call(f"{method} {path}?{query}", token=token)
    assert API.recorded[-1].fault is None
    return response.status


@given(METHODS, PATHS, TEXT, BAD_TOKENS | st.none())
def test_nobody_gets_in_without_a_good_token(method: str, path: str, query: str, token: str | None) -> None:
    called = len(API.function.events)
    assert respond(method, path, query, token) in {401, 404}
    assert len(API.function.events) == called


OPEN = event("ANY /{proxy+}", Auth={"Authorizer": "NONE"})
GUARDED = ServedHttpApi(JWT, {**events("GET /admin", "GET /a/{id}"), "Open": OPEN}, {"statusCode": 200})
ENDS = st.sampled_from(("%3F", "%3f", "%3F%2F", "#", "%2F", "%3F#", "#%3F"))
GUARDED_PATHS = st.sampled_from(("/admin", "//admin", "/%61dmin", "/a/b", "/a/%3F", "/a%2Fb"))


@given(GUARDED_PATHS, ENDS, TEXT)
def test_no_open_route_is_reached_under_the_path_of_another(path: str, end: str, more: str) -> None:
    """The function sees the path up to a decoded question mark, and asks nobody for a token."""
    called = len(GUARDED.function.events)
    GUARDED.call(f"GET {path}{end}{more}")
    seen = [event["rawPath"].lstrip("/") for event in GUARDED.function.events[called:]]
    assert not {"admin", "a/b"} & set(seen)


@given(CLAIMS)
def test_claims_of_every_type_are_judged_without_a_fault(claims: dict[str, object]) -> None:
    """The pool itself has signed them; who passes has the issuer, the audience and the time."""
    token = API.signer.sign(claims)
    status = respond("GET", "/hello", "", token)
    exp = claims.get("exp")
    may_pass = claims.get("iss") == ISSUER and type(exp) is int and exp > API.clock.now
    assert status == 401 or may_pass


@given(st.dictionaries(st.sampled_from(("groups", "name", "roles", "address")), JSON))
def test_claims_of_every_type_reach_the_function_as_texts(claims: dict[str, object]) -> None:
    assert respond("GET", "/hello", "", API.signer.id_token(**claims)) == 200
    given_claims = API.function.events[-1]["requestContext"]["authorizer"]["jwt"]["claims"]
    assert all(isinstance(value, str) for value in given_claims.values())
