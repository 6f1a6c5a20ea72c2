"""The local stage's log says why each request was refused and what to do, and keeps tokens to itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest

from tests.api.api_caller import ApiCaller
from tests.api.bad_authorizations import CASES, MAKE
from tests.api.callers import Callers
from tests.api.deployed_stack import DeployedStack
from tests.api.locally_signed import LocalSigners
from tests.api.routes import GET_HELLO, ROUTES, Route
from tests.local_pool_keys import issuer_of
from tests.manual_clock import NOW
from tests.stage_process import StageProcess
from tests.tokens import ARTICLE_POOL_ARN, decode_part

FUNCTION = "[HelloFunction] "
SHORTEST_TOKEN = 60
"""Characters; what is shorter may well stand in a log by chance."""

NO_TOKEN = (
    "this is not a JWT: it has 0 dots, expected 2;"
    " send the whole token, three parts with two dots; it begins with eyJ"
)


def wanted(route: Route) -> str:
    kind = "access" if route.kind == "access" else "ID"
    return f'send "Authorization: <{kind} token>"'


def other_pool(user_pool_id: str, stack: DeployedStack) -> str:
    accepted = issuer_of(stack.user_pool_id)
    return (
        f"token of another user pool (iss '{issuer_of(user_pool_id)}'): this stage accepts {accepted};"
        " get a token from that pool"
    )


def wrong_signature(token: str) -> str:
    kid = decode_part(token, 0)["kid"]
    return f"signature does not fit key '{kid}'; send the token unchanged and whole"


def access_token_reason(route: Route) -> str:
    if route.kind == "access":
        return (
            "access token has scope 'aws.cognito.signin.user.admin', the method asks for any of hello/read;"
            " ask the token endpoint for one"
        )
    return "access token on a method without scopes; send the ID token or set AuthorizationScopes"


REASONS: Mapping[str, Callable[[Callers, DeployedStack, Route], str]] = {
    "no token": lambda _, __, route: f"no Authorization header; {wanted(route)}",
    "an empty header": lambda _, __, route: (
        f"Authorization header holds more, or less, than one token; {wanted(route)}"
    ),
    "Bearer and no token": lambda _, __, ___: NO_TOKEN,
    "no JWT": lambda _, __, ___: NO_TOKEN,
    "a tampered header": lambda callers, _, route: wrong_signature(callers.token_for(route)),
    "tampered groups": lambda callers, _, __: wrong_signature(callers.person.session.id_token),
    "a tampered scope": lambda callers, _, __: wrong_signature(callers.person.session.access_token),
    "a tampered signature": lambda callers, _, route: wrong_signature(callers.token_for(route)),
    "a token of another pool": lambda callers, stack, _: other_pool(callers.stranger.user_pool_id, stack),
    "the article's ID token": lambda _, stack, __: other_pool(ARTICLE_POOL_ARN.rpartition("/")[2], stack),
    "the article's access token": lambda _, stack, __: other_pool(ARTICLE_POOL_ARN.rpartition("/")[2], stack),
    "a refresh token": lambda _, __, ___: (
        "an encrypted token, as refresh tokens are; send the ID or access token"
    ),
    "a person's access token": lambda _, __, route: access_token_reason(route),
    "a machine's token": lambda _, __, route: access_token_reason(route),
    "an ID token": lambda _, __, ___: (
        "ID token on a method with scopes; send an access token with hello/read"
    ),
}


def own_lines(stage: StageProcess) -> list[str]:
    """Return the stage's new lines without the functions', which come in their own time."""
    return [line for line in stage.new_log() if not line.startswith(FUNCTION)]


@pytest.fixture(autouse=True)
def log_read_up_to_here(stage: StageProcess) -> None:
    """Each test sees the lines of its own requests."""
    stage.new_log()


@pytest.mark.parametrize(("route", "name"), CASES, ids=str)
def test_a_refused_token_has_a_line_with_the_reason_and_the_remedy(
    api: ApiCaller, callers: Callers, stack: DeployedStack, stage: StageProcess, *, route: Route, name: str
) -> None:
    authorization = MAKE[name](callers, route)
    reason = REASONS[name](callers, stack, route)
    api.send(route.method, route.path, authorization)
    assert own_lines(stage) == [f"401 {route.method} /dev{route.path}: {reason}"]


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_an_expired_token_has_a_line_that_says_since_when(
    api: ApiCaller, signers: LocalSigners, stage: StageProcess, route: Route
) -> None:
    api.send(route.method, route.path, signers.token_for(route, iat=NOW - 60, auth_time=NOW - 60, exp=NOW))
    (line,) = own_lines(stage)
    duration = r"([0-9]+ (d|h|min|s) ?){1,2}"
    assert re.fullmatch(
        rf"401 {route.method} /dev{route.path}: token expired {duration} ago; sign in again", line
    )


@pytest.mark.parametrize(("method", "path"), [("GET", "/nothing"), ("DELETE", "/hello")])
def test_an_unknown_route_has_a_line_that_says_where_the_routes_are(
    api: ApiCaller, stage: StageProcess, method: str, path: str
) -> None:
    api.send(method, path)
    reason = f"the API has no {method} '{path}'; the routes are in the table printed at start"
    assert own_lines(stage) == [f"403 {method} /dev{path}: {reason}"]


def test_an_unknown_stage_has_a_line_that_names_the_stage(api: ApiCaller, stage: StageProcess) -> None:
    ApiCaller(f"{api.api_url.rpartition('/')[0]}/prod").send("GET", "/hello")
    assert own_lines(stage) == ["403 GET /prod/hello: unknown stage 'prod'; this stage is /dev"]


def test_a_good_answer_has_a_line_with_its_milliseconds(
    api: ApiCaller, callers: Callers, stage: StageProcess
) -> None:
    api.send("GET", "/hello", callers.person.session.id_token)
    (line,) = own_lines(stage)
    assert re.fullmatch(r"200 GET /dev/hello [0-9]+\.[0-9] ms", line)


def test_the_function_says_why_it_refuses(api: ApiCaller, callers: Callers, stage: StageProcess) -> None:
    response = api.send("GET", "/admin/hello", callers.person.session.id_token)
    log = stage.wait_for_log(f'"correlation_id":"{response.headers["x-amzn-RequestId"]}"')
    assert '"status":403,"reason":"group admins: the caller is not in it"' in log


def test_no_token_stands_whole_in_any_log(
    api: ApiCaller, callers: Callers, signers: LocalSigners, stage: StageProcess
) -> None:
    for route, name in CASES:
        api.send(route.method, route.path, MAKE[name](callers, route))
    api.send("GET", "/hello", signers.token_for(GET_HELLO, exp=NOW))
    finish(api, callers, stage)
    logs = read_logs(stage)
    tokens = {sent.removeprefix("Bearer ") for sent in api.authorizations}
    leaked = [token for token in tokens if len(token) >= SHORTEST_TOKEN and token in logs]
    assert leaked == []
    assert len(tokens) > len(MAKE)


def test_no_part_of_a_good_token_stands_in_any_log(
    api: ApiCaller, callers: Callers, stage: StageProcess
) -> None:
    tokens = [callers.token_for(route) for route in ROUTES]
    for route, token in zip(ROUTES, tokens, strict=True):
        api.send(route.method, route.path, f"Bearer {token}")
    finish(api, callers, stage)
    logs = read_logs(stage)
    assert [part for token in tokens for part in token.split(".") if part in logs] == []


def test_nothing_of_a_person_but_sub_stands_in_any_log(
    api: ApiCaller, callers: Callers, stage: StageProcess
) -> None:
    me = api.send("GET", "/me", callers.person.session.id_token).json()
    finish(api, callers, stage)
    logs = read_logs(stage)
    assert me["sub"] in logs
    assert me["username"] not in logs
    assert me["email"] not in logs


def finish(api: ApiCaller, callers: Callers, stage: StageProcess) -> None:
    """Return when the functions' lines about everything sent before are in the log."""
    response = api.send("GET", "/hello", callers.person.session.id_token)
    stage.wait_for_log(response.headers["x-amzn-RequestId"])


def read_logs(stage: StageProcess) -> str:
    """Return standard error and output, and every log file in the state folder."""
    files = stage.state_folder.rglob("*.log*")
    return "\n".join([stage.log, stage.printed, *(file.read_text() for file in files)])
