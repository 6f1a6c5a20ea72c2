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
    "localhost.attacker.example",
    "localhost.",
    "xlocalhost",
    "amazonaws.com.attacker.example",
    "xamazonaws.com",
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
        "cognito-idp.ap-northeast-1.amazonaws.com",
    ],
)
def test_the_local_aws_answers_to_this_machines_names_and_awss(
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


@pytest.mark.parametrize("mode", ["no-cors", "navigate", "cors", "websocket"])
def test_the_local_aws_refuses_what_another_sites_page_embeds_or_opens(local_aws: Address, mode: str) -> None:
    """An image or a link brings no Origin, and a presigned URL needs no header."""
    target = "/?Action=CreateStack&X-Amz-Credential=test"
    headers = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", mode)]
    answer = exchange(local_aws, build("GET", target, headers))
    assert answer is not None
    assert_forbidden(answer)


def test_another_sites_page_may_send_the_browser_to_managed_login(local_aws: Address) -> None:
    headers = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")]
    answer = exchange(local_aws, build("GET", "/oauth2/authorize?client_id=x&response_type=code", headers))
    assert answer is not None
    assert answer.body != b'{"message":"Forbidden"}'


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
