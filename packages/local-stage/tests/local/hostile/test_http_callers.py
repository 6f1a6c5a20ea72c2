"""Forged and confused tokens, policies that deny, kept results and forged signatures, over the wire."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.forged_claims import CLAIMS, ISSUERS, SCOPES
from tests.forged_tokens import ALGORITHMS, ENCODINGS, HEADERS, JSON, Forger, Forgery
from tests.local.hostile.attacked_api import AttackedApi, Kind
from tests.local.hostile.wire import build, exchange
from tests.local_pool_keys import read_pool_signer

OF_COGNITO_ALONE = ("auth_time", "iat absent", "sub", "token_use", "the other kind")
"""What an issuer other than Cognito may leave out or write, so that it is no forgery for a JWT authorizer."""
LIST_OF_SCOPES = "scope a list with it"

FORGERIES: dict[str, Forgery] = {
    **ALGORITHMS,
    **HEADERS,
    **JSON,
    **ENCODINGS,
    **ISSUERS,
    **{name: forge for name, forge in CLAIMS.items() if not name.startswith(OF_COGNITO_ALONE)},
}
KINDS: tuple[Kind, ...] = ("id", "access")
REGION = "ap-northeast-1"


def get(
    api: AttackedApi, path: str, *headers: tuple[str, str], output: str = "HttpUrl", verb: str = "GET"
) -> int:
    """Return the status of a request to one of the APIs, or 0 where the connection is closed at once."""
    url = urlsplit(api.stage.outputs[output])
    assert url.hostname is not None
    assert url.port is not None
    answer = exchange((url.hostname, url.port), build(verb, f"{url.path.rstrip('/')}{path}", headers))
    return 0 if answer is None else answer.status


def bear(api: AttackedApi, path: str, token: str) -> int:
    return get(api, path, ("Authorization", token))


@pytest.fixture
def other(api: AttackedApi) -> Forger:
    """Who has the keys of the other pool, and names the first one's client."""
    client = api.stage.outputs["UserPoolClientId"]
    return Forger(read_pool_signer(api.stage, api.stage.outputs["OtherPoolId"], "id", client), "id")


@pytest.mark.parametrize("kind", KINDS)
def test_the_token_that_all_forgeries_start_from_opens_a_jwt_authorizer(api: AttackedApi, kind: Kind) -> None:
    assert bear(api, "/jwt", api.good(kind)) == bear(api, "/jwt", f"Bearer {api.good(kind)}") == 200


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("nobody_calls")
def test_a_forgery_opens_no_jwt_authorizer(api: AttackedApi, kind: Kind, subtests: pytest.Subtests) -> None:
    """401, but for what no header can carry and what is too long to be read."""
    for name, forge in FORGERIES.items():
        with subtests.test(name):
            assert bear(api, "/jwt", forge(api.forgers[kind])) in {400, 401, 431}


@pytest.mark.usefixtures("nobody_calls")
def test_a_trick_with_scopes_opens_no_scoped_route(api: AttackedApi, subtests: pytest.Subtests) -> None:
    for name, forge in SCOPES.items():
        if name == LIST_OF_SCOPES:
            continue
        with subtests.test(name):
            assert bear(api, "/scoped", forge(api.forgers["access"])) in {400, 401, 403}


@pytest.mark.usefixtures("nobody_calls")
def test_an_id_token_is_taken_for_no_access_token(api: AttackedApi) -> None:
    assert bear(api, "/scoped", api.good("id")) == 403


@pytest.mark.usefixtures("nobody_calls")
def test_one_issuers_keys_open_nothing_of_another(api: AttackedApi, other: Forger) -> None:
    """By any mixture of issuer, key and key id; the audience is the same for both."""
    first, kid = api.forgers["id"], api.forgers["id"].signer.kid
    assert bear(api, "/other-jwt", first.good()) == bear(api, "/jwt", other.good()) == 401
    mixtures = (
        (first, {"iss": other.signer.issuer}),
        (other, {"iss": first.signer.issuer}),
        (other, {"iss": [first.signer.issuer, other.signer.issuer]}),
    )
    for forger, claims in mixtures:
        for path in ("/jwt", "/other-jwt"):
            assert bear(api, path, forger.good(**claims)) == 401
    for path in ("/jwt", "/other-jwt"):
        assert bear(api, path, other.with_header(kid=kid)) == 401
        assert bear(api, path, first.with_header(kid=other.signer.kid)) == 401


def test_each_issuers_own_token_opens_its_route(api: AttackedApi, other: Forger) -> None:
    assert bear(api, "/other-jwt", other.good()) == 200


@pytest.mark.usefixtures("nobody_calls")
def test_another_audience_opens_nothing(api: AttackedApi) -> None:
    client = api.stage.outputs["UserPoolClientId"]
    for audience in (
        "other",
        f"{client}x",
        client[:-1],
        client.upper(),
        ["other"],
        [],
        {client: True},
        f" {client}",
    ):
        assert bear(api, "/jwt", api.forgers["id"].good(aud=audience)) == 401
    both = api.forgers["access"].good(aud="other", client_id=client)
    assert bear(api, "/jwt", both) == 401


def kept(api: AttackedApi, output: str, path: str, *callers: str) -> int:
    return get(api, path, *(("X-Caller", caller) for caller in callers), output=output)


@pytest.mark.parametrize("output", ["HttpUrl", "ApiUrl"])
@pytest.mark.usefixtures("nobody_calls")
def test_a_policy_that_denies_last_opens_nothing(api: AttackedApi, output: str) -> None:
    for path in ("/kept/1", "/kept/%31", "/kept/1", "/kept/2"):
        assert kept(api, output, path, "dave") == 403


@pytest.mark.parametrize("output", ["HttpUrl", "ApiUrl"])
def test_one_callers_kept_result_opens_nothing_for_another(api: AttackedApi, output: str) -> None:
    assert kept(api, output, "/kept/1", "alice") == 200
    before = len(api.calls())
    others = (
        "mallory",
        "Alice",
        "alicex",
        "alice,mallory",
        "mallory,alice",
        "alice;",
        "alice%20",
        "alice\u200b",
    )
    statuses = [kept(api, output, "/kept/1", caller) for caller in others]
    assert set(statuses) <= {400, 401, 403}
    assert kept(api, output, "/kept/1", "") == kept(api, output, "/kept/1") == 401
    assert len(api.calls()) == before


@pytest.mark.parametrize("output", ["HttpUrl", "ApiUrl"])
def test_a_result_kept_for_one_route_opens_no_other(api: AttackedApi, output: str) -> None:
    assert kept(api, output, "/kept/1", "alice") == 200
    before = len(api.calls())
    for path in ("/kept/2", "/kept/1%3F", "/kept/..%2F1", "/kept/1x"):
        assert kept(api, output, path, "alice") in {403, 404}
    assert len(api.calls()) == before


def test_a_result_kept_for_one_api_opens_no_other(api: AttackedApi) -> None:
    """The authorizers have the same name, and the callers too."""
    assert kept(api, "HttpUrl", "/kept/1", "alice") == kept(api, "ApiUrl", "/kept/1", "alice") == 200
    before = len(api.calls())
    assert kept(api, "OtherHttpUrl", "/kept/1", "alice") == 403
    assert len(api.calls()) == before
    assert kept(api, "HttpUrl", "/kept/1", "alice") == 200


def signed(
    api: AttackedApi,
    output: str,
    path: str = "/signed",
    verb: str = "GET",
    *,
    keys: tuple[str, str] = ("test", "test"),
    scope: tuple[str, str] = ("execute-api", REGION),
) -> list[tuple[str, str]]:
    """Return the headers of a signature beside Host."""
    request = AWSRequest(verb, api.stage.outputs[output] + path, headers={"Host": "127.0.0.1"})
    SigV4Auth(Credentials(*keys), *scope).add_auth(request)
    return [(name, value) for name, value in request.headers.items() if name != "Host"]


def spoilt(headers: Sequence[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Yield the headers with one of them changed, left out, or there twice."""
    for index, (name, value) in enumerate(headers):
        others = [*headers[:index], *headers[index + 1 :]]
        yield others
        yield [*others, (name, f"{value}0")]
        yield [*others, (name, value[:-1])]
        yield [*others, (name, value.swapcase())]
        yield [*others, (name, "")]
    authorization = dict(headers)["Authorization"]
    yield [*headers, ("Authorization", authorization)]
    yield [*headers, ("X-Amz-Security-Token", "token")]
    date = ("X-Amz-Date", dict(headers)["X-Amz-Date"])
    for old, new in (("test/", "other/"), ("host;", ""), ("execute-api", "s3"), (REGION, "us-east-1")):
        yield [date, ("Authorization", authorization.replace(old, new))]


@pytest.mark.parametrize("output", ["HttpUrl", "ApiUrl"])
@pytest.mark.usefixtures("nobody_calls")
def test_no_forged_signature_opens_anything(api: AttackedApi, output: str) -> None:
    good = signed(api, output)
    forged = [
        [],
        signed(api, output, keys=("test", "wrong")),
        signed(api, output, keys=("AKIAIOSFODNN7EXAMPLE", "test")),
        signed(api, output, scope=("execute-api", "us-east-1")),
        signed(api, output, scope=("lambda", REGION)),
        signed(api, output, "/kept/1"),
        signed(api, output, verb="POST"),
        *spoilt(good),
    ]
    statuses = [get(api, "/signed", *headers, output=output) for headers in forged]
    assert set(statuses) <= {400, 403}
    assert get(api, "/signed?a=1", *good, output=output) == 403
    assert get(api, "/signed", *good, output=output, verb="DELETE") == 403


@pytest.mark.parametrize("output", ["HttpUrl", "ApiUrl"])
def test_a_good_signature_opens_its_route_alone(api: AttackedApi, output: str) -> None:
    assert get(api, "/signed", *signed(api, output), output=output) == 200
    elsewhere = "ApiUrl" if output == "HttpUrl" else "HttpUrl"
    assert get(api, "/signed", *signed(api, output), output=elsewhere) == 403
    assert get(api, "/jwt", *signed(api, "HttpUrl", "/jwt")) == 401
