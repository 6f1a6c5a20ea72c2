"""IAM authorization: a request signed by botocore gets in, and nothing else does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local_stage.api_gateway.authorizers.iam import IamAuthorizer
from local_stage.api_gateway.authorizers.signature import build_canonical_request, read_signature
from local_stage.api_gateway.gateway_error import GatewayError
from tests.gateway_request import build_request
from tests.manual_clock import NOW, ManualClock
from tests.signed_request import find_root, sign
from tests.unit.api_gateway.authorized_stage import ACCOUNT, AuthorizedStage, Headers, answer_of, read_api
from tests.unit.api_gateway.sam_api import REGION

EVENTS = {"Hello": {"Path": "/hello", "Method": "any"}, "Item": {"Path": "/items/{id}", "Method": "get"}}
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
MISSING = (403, "MissingAuthenticationTokenException", '{"message":"Missing Authentication Token"}')
TOKEN_INVALID = '{"message":"The security token included in the request is invalid."}'


def signed_stage(policy: Mapping[str, Any] | None = None) -> AuthorizedStage:
    auth = {"DefaultAuthorizer": "AWS_IAM", **({"ResourcePolicy": policy} if policy else {})}
    rest_api = read_api({"Auth": auth}, EVENTS)
    authorizer = IamAuthorizer(find_root, REGION, ManualClock())
    return AuthorizedStage(rest_api, authorizers={"AWS_IAM": authorizer})


class TestSigned:
    @pytest.mark.rule("iam.identity")
    def test_the_function_learns_who_has_signed_and_not_how(self) -> None:
        stage = signed_stage()
        assert stage.status(sign()) == 200
        event = stage.integration_event
        identity = {name: value for name, value in event["requestContext"]["identity"].items() if value}
        assert identity == {
            "accountId": ACCOUNT,
            "caller": ACCOUNT,
            "accessKey": "test",
            "userArn": ROOT,
            "user": ACCOUNT,
            "sourceIp": "203.0.113.7",
        }
        assert "authorizer" not in event["requestContext"]
        assert "Authorization" not in event["headers"] | event["multiValueHeaders"]
        assert "X-Amz-Date" in event["headers"]

    @pytest.mark.parametrize("path", ["/items/a%20b", "/items/my%2Fnext", "/items/~-_.", "/items/%E3%81%82"])
    def test_a_path_may_need_encoding(self, path: str) -> None:
        assert signed_stage().status(sign(path=path), path=path) == 200

    def test_query_body_and_further_headers_are_signed_too(self) -> None:
        more = {"X-Tenant": "  a   b ", "Content-Type": "application/json"}
        params = {"b": "2 3", "a": "1+1", "$filter": "id eq 1"}
        headers = sign(verb="POST", params=params, body=b'{"a": 1}', more=more)
        query = "b=2%203&%24filter=id%20eq%201&a=1%2B1"
        assert signed_stage().status(headers, verb="POST", query=query, body=b'{"a": 1}') == 200

    @pytest.mark.parametrize("ago", [-299, 0, 299])
    def test_five_minutes_are_allowed(self, ago: int) -> None:
        assert signed_stage().status(sign(at=NOW - ago)) == 200


class TestRefused:
    @pytest.mark.rule("iam.unsigned")
    @pytest.mark.parametrize("headers", [(), (("Authorization", ""),), (("X-Amz-Date", "x"),)])
    def test_an_unsigned_request(self, headers: Headers) -> None:
        stage = signed_stage()
        assert answer_of(stage.call(headers)) == MISSING
        assert stage.integration.events == []

    @pytest.mark.parametrize(
        "value", ["Bearer x", "Basic x=", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 a=b", "x"]
    )
    def test_what_is_no_signature(self, value: str) -> None:
        status, error_type, body = answer_of(signed_stage().call((("Authorization", value),)))
        assert (status, error_type) == (403, "IncompleteSignatureException")
        assert "Authorization" in body

    @pytest.mark.rule("iam.wrong-signature")
    @pytest.mark.parametrize(
        "call",
        [
            {"verb": "DELETE"},
            {"path": "/hello/"},
            {"path": "/items/1"},
            {"query": "a=1"},
            {"body": b"x"},
        ],
    )
    def test_a_signature_of_another_request(self, call: dict[str, Any]) -> None:
        status, error_type, body = answer_of(signed_stage().call(sign(), **call))
        assert (status, error_type) == (403, "InvalidSignatureException")
        assert "The request signature we calculated does not match" in body
        assert "The Canonical String for this request should have been" in body

    def test_another_secret_and_a_changed_header(self) -> None:
        stage = signed_stage()
        assert answer_of(stage.call(sign(secret="wrong")))[1] == "InvalidSignatureException"
        headers = [
            (name, "b" if name == "X-Tenant" else value) for name, value in sign(more={"X-Tenant": "a"})
        ]
        assert answer_of(stage.call(tuple(headers)))[1] == "InvalidSignatureException"

    @pytest.mark.rule("iam.unknown-key")
    @pytest.mark.parametrize("credentials", [{"key": "AKIAFOREIGN"}, {"token": "session"}, {"key": ""}])
    def test_a_foreign_key_or_session(self, credentials: dict[str, Any]) -> None:
        status, error_type, body = answer_of(signed_stage().call(sign(**credentials)))
        assert status == 403
        if credentials.get("key") != "":
            assert (error_type, body) == ("AccessDeniedException", TOKEN_INVALID)

    @pytest.mark.rule("iam.date")
    @pytest.mark.parametrize(
        ("at", "text"), [(NOW - 301, "Signature expired: "), (NOW + 301, "Signature not yet")]
    )
    def test_an_old_signature_and_one_of_the_future(self, at: float, text: str) -> None:
        status, error_type, body = answer_of(signed_stage().call(sign(at=at)))
        assert (status, error_type) == (403, "InvalidSignatureException")
        assert body.startswith(f'{{"message":"{text}')

    @pytest.mark.rule("iam.scope")
    def test_another_region_and_service(self) -> None:
        stage = signed_stage()
        region = "Credential should be scoped to a valid region, not 'us-east-1'. "
        service = "Credential should be scoped to correct service: 'execute-api'. "
        for headers, text in (
            (sign(region="us-east-1"), region),
            (sign(service="lambda"), service),
            (sign(region="us-east-1", service="lambda"), region + service),
        ):
            expected = (403, "InvalidSignatureException", f'{{"message":"{text}"}}')
            assert answer_of(stage.call(headers)) == expected

    def test_the_host_has_to_be_signed(self) -> None:
        headers = [(name, value.replace("host;", "")) for name, value in sign()]
        assert answer_of(signed_stage().call(tuple(headers)))[1] == "InvalidSignatureException"

    def test_two_signatures_are_none(self) -> None:
        signed = sign()
        assert signed_stage().status((*signed, signed[-1])) == 403


class TestBesideAResourcePolicy:
    def custom(self, **statement: Any) -> dict[str, Any]:
        whole = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
        return {"CustomStatements": [{**whole, **statement}]}

    @pytest.mark.rule("iam.with-policy")
    def test_the_signature_comes_first_and_a_deny_names_the_caller(self) -> None:
        stage = signed_stage(self.custom(Effect="Deny", Principal={"AWS": ACCOUNT}))
        assert answer_of(stage.call(())) == MISSING
        status, error_type, body = answer_of(stage.call(sign()))
        assert (status, error_type) == (403, "AccessDeniedException")
        assert body.startswith(
            f'{{"Message":"User: {ROOT} is not authorized to perform: execute-api:Invoke on'
        )
        assert body.endswith('with an explicit deny in a resource-based policy"}')

    def test_silence_leaves_it_to_the_callers_own_policy(self) -> None:
        assert signed_stage(self.custom(Principal={"AWS": "999999999999"})).status(sign()) == 200

    def test_a_condition_on_the_caller_is_evaluated(self) -> None:
        condition = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}
        assert (
            signed_stage(self.custom(Effect="Deny", Principal="*", Condition=condition)).status(sign()) == 403
        )


def test_the_canonical_request_is_botocores() -> None:
    request = AWSRequest(
        "GET", "http://localhost/dev/a%20b", headers={"Host": "localhost"}, params={"b": "1 2"}
    )
    request.headers["X-Amz-Date"] = "20261118T000000Z"
    ours = build_request(
        "GET", "/dev/a%20b", "b=1%202", (("Host", "localhost"), ("X-Amz-Date", "20261118T000000Z"))
    )
    theirs = SigV4Auth(Credentials("test", "test"), "execute-api", REGION).canonical_request(request)
    assert build_canonical_request(ours, ("host", "x-amz-date")) == theirs


def test_a_credential_needs_five_parts() -> None:
    header = "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=c"
    with pytest.raises(GatewayError, match="exactly 5 slash-delimited elements"):
        read_signature(build_request(headers=(("Authorization", header), ("X-Amz-Date", "20261118T000000Z"))))
