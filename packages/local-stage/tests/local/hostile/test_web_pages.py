"""No page in the developer's browser reaches a local service: neither directly nor by DNS rebinding."""

from __future__ import annotations

import json
import stat
from urllib.parse import urlsplit

import pytest

from tests.local.hostile.attacked_api import AttackedApi
from tests.local.hostile.wire import Address, Answer, Headers, build, exchange
from tests.processes import descendants, listening_addresses

FOREIGN_HOSTS = [
    "attacker.example",
    "attacker.example:4566",
    "127.0.0.1.attacker.example",
    "127.0.0.1@attacker.example",
    "attacker.execute-api.127.0.0.1",
    "localhost.attacker.example",
    "localhost.",
    "xlocalhost",
    "amazonaws.com.attacker.example",
    "xamazonaws.com",
    "cognito-idp.ap-northeast-1.amazonaws.com",
    "hello.auth.ap-northeast-1.amazoncognito.com",
    "169.254.169.254",
    "0.0.0.0",  # noqa: S104 - as a Host, which this machine is not called by
    "127.1",
    "2130706433",
    "[::2]",
    "[::1",
    "",
]
FOREIGN_ORIGINS = [
    "http://attacker.example",
    "https://attacker.example",
    "http://localhost.attacker.example",
    "http://127.0.0.1.attacker.example:5173",
    "http://localhost@attacker.example",
    "https://hello.amazonaws.com",
    "null",
    "file://",
    "",
]
OWN_ORIGINS = [
    "http://localhost:5173",
    "http://127.0.0.1:3000",
    "http://[::1]:8080",
    "http://app.localhost:5173",
    "https://localhost",
]
UNSIGNED = (
    "AWS4-HMAC-SHA256 Credential=test/20261122/ap-northeast-1/cognito-idp/aws4_request,"
    " SignedHeaders=host, Signature=0"
)
PRESIGNED = (
    "Action=DescribeStacks&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261122T000000Z&X-Amz-Expires=900"
    "&X-Amz-Credential=test/20261122/ap-northeast-1/cloudformation/aws4_request"
    "&X-Amz-SignedHeaders=host&X-Amz-Signature=0"
)
OPENED = ["/", "/login", "/oauth2/login", "/oauth2/authorize", "/logout", "/%2e/", "//oauth2/authorize"]


def _fetched(site: str, mode: str, dest: str) -> Headers:
    return [("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", dest)]


OPENINGS: dict[str, Headers] = {
    "another site's page opens it": _fetched("cross-site", "navigate", "document"),
    "another site's page has it in a frame": _fetched("cross-site", "navigate", "iframe"),
    "another site's page has it for an image": _fetched("cross-site", "no-cors", "image"),
    "another site's page has it for a script": _fetched("cross-site", "cors", "script"),
    "another site's page connects to it": _fetched("cross-site", "websocket", "websocket"),
    "a link in a mail": _fetched("none", "navigate", "document"),
    "an older browser": [("User-Agent", "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Safari/605.1.15")],
}
"""What a browser sends along with a GET that no script of the developer's own page makes: no Origin."""


@pytest.fixture(scope="module")
def local_aws(api: AttackedApi) -> Address:
    """Where the local AWS listens."""
    url = urlsplit(api.stage.aws_endpoint_url)
    assert url.hostname is not None
    assert url.port is not None
    return url.hostname, url.port


def list_users(
    api: AttackedApi, address: Address, headers: Headers = (), *, host: str = "127.0.0.1"
) -> Answer:
    """Ask for all users of the pool, as fetch() on a page can: any headers, and no signature."""
    own = [
        ("Authorization", UNSIGNED),
        ("Content-Type", "application/x-amz-json-1.1"),
        ("X-Amz-Target", "AWSCognitoIdentityProviderService.ListUsers"),
    ]
    body = json.dumps({"UserPoolId": api.stage.outputs["UserPoolId"]}).encode()
    answer = exchange(address, build("POST", "/", [*own, *headers], body, host=host))
    assert answer is not None
    return answer


def assert_forbidden(answer: Answer) -> None:
    assert (answer.status, answer.body) == (403, b'{"message":"Forbidden"}')
    assert answer.header("Access-Control-Allow-Origin") is None


@pytest.mark.parametrize("origin", [None, *OWN_ORIGINS])
def test_the_developers_own_pages_and_programs_reach_the_local_aws(
    api: AttackedApi, local_aws: Address, origin: str | None
) -> None:
    """Otherwise the refusals below would show nothing."""
    headers = [("Origin", origin), ("Sec-Fetch-Site", "cross-site")] if origin else []
    answer = list_users(api, local_aws, headers)
    assert answer.status == 200
    assert "Users" in json.loads(answer.body)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:4566",
        "[::1]:4566",
        "hello.auth.localhost",
    ],
)
def test_the_local_aws_answers_to_this_machines_names(
    api: AttackedApi, local_aws: Address, host: str
) -> None:
    assert list_users(api, local_aws, host=host).status == 200


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_the_local_aws_refuses_a_foreign_host(api: AttackedApi, local_aws: Address, host: str) -> None:
    assert_forbidden(list_users(api, local_aws, host=host))


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_the_local_aws_refuses_a_page_of_a_foreign_origin(
    api: AttackedApi, local_aws: Address, origin: str
) -> None:
    assert_forbidden(list_users(api, local_aws, [("Origin", origin)]))


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_the_local_aws_answers_no_preflight_of_a_foreign_origin(local_aws: Address, origin: str) -> None:
    headers = [("Origin", origin), ("Access-Control-Request-Method", "POST")]
    answer = exchange(local_aws, build("OPTIONS", "/", headers))
    assert answer is not None
    assert_forbidden(answer)


@pytest.mark.parametrize("path", OPENED)
def test_the_local_aws_refuses_a_page_that_embeds_or_opens_a_presigned_url(
    local_aws: Address, path: str
) -> None:
    """Which needs no header; nor does a link in a mail, which no page has: its site is none."""
    presigned = f"{path}?{PRESIGNED}"
    for headers in OPENINGS.values():
        answer = exchange(local_aws, build("GET", presigned, headers))
        assert answer is not None
        assert_forbidden(answer)


@pytest.mark.parametrize("path", ["/", "/login"])
def test_a_program_may_call_a_presigned_url(local_aws: Address, path: str) -> None:
    """Otherwise the refusals above would show nothing."""
    answer = exchange(local_aws, build("GET", f"{path}?{PRESIGNED}"))
    assert answer is not None
    assert (answer.status, b"DescribeStacksResponse" in answer.body) == (200, True)


@pytest.mark.parametrize("path", ["/", "/login", "/oauth2/login", "/oauth2/token", "/_ministack/health"])
@pytest.mark.parametrize("opening", OPENINGS)
def test_no_page_and_no_link_opens_anything_else_of_the_local_aws(
    local_aws: Address, path: str, opening: str
) -> None:
    answer = exchange(local_aws, build("GET", path, OPENINGS[opening]))
    assert answer is not None
    assert_forbidden(answer)


@pytest.mark.parametrize("path", ["/oauth2/authorize?client_id=x&response_type=code", "/logout?client_id=x"])
@pytest.mark.parametrize("opening", ["another site's page opens it", "a link in a mail", "an older browser"])
def test_who_signs_in_or_out_may_be_sent_to_managed_login(
    local_aws: Address, path: str, opening: str
) -> None:
    answer = exchange(local_aws, build("GET", path, OPENINGS[opening]))
    assert answer is not None
    assert answer.body != b'{"message":"Forbidden"}'


@pytest.mark.parametrize("path", ["/oauth2/authorize", "/logout"])
def test_managed_login_is_shown_in_no_frame(local_aws: Address, path: str) -> None:
    answer = exchange(local_aws, build("GET", path, OPENINGS["another site's page has it in a frame"]))
    assert answer is not None
    assert_forbidden(answer)


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
@pytest.mark.usefixtures("nobody_calls")
def test_the_stage_refuses_a_foreign_host_even_with_a_token(api: AttackedApi, host: str) -> None:
    request = build("GET", "/dev/hello", [("Authorization", api.good("id"))], host=host)
    answer = exchange(api.address, request)
    assert answer is not None
    assert (answer.status, answer.body) == (403, b'{"message":"Forbidden"}')


def test_the_stage_says_no_word_of_cors_that_the_template_does_not_say(api: AttackedApi) -> None:
    answer = exchange(api.address, build("GET", "/dev/open", [("Origin", "http://attacker.example")]))
    assert answer is not None
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]


def test_everything_that_listens_listens_on_loopback_alone(api: AttackedApi) -> None:
    processes = {api.stage.pid, *descendants(api.stage.pid)}
    listening = set().union(*map(listening_addresses, processes))
    assert {host for host, _ in listening} == {"127.0.0.1"}
    assert len(listening) >= 2


def test_only_their_owner_may_read_keys_state_and_logs(api: AttackedApi) -> None:
    files = [api.stage.state_folder, *api.stage.state_folder.rglob("*")]
    assert any(file.suffix == ".pem" for file in files)
    assert [file for file in files if file.lstat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)] == []
