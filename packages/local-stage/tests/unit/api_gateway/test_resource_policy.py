"""A REST API's resource policy: alone, and beside each kind of authorizer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.manual_clock import ManualClock
from tests.protected_method import ProtectedMethod
from tests.tokens import POOL_ARN, TokenSigner
from tests.unit.api_gateway.authorized_stage import (
    ARN,
    AUTHORIZER_ARN,
    BEARER,
    AuthorizedStage,
    answer_of,
    grant,
    read_api,
)
from tests.unit.api_gateway.sam_api import definition, refusal, refusal_of_body

HELLO = {"Hello": {"Path": "/hello", "Method": "get"}, "Item": {"Path": "/items/{id}", "Method": "get"}}
LAMBDA: dict[str, Any] = {"Authorizers": {"Tok": {"FunctionArn": AUTHORIZER_ARN}}, "DefaultAuthorizer": "Tok"}
COGNITO: dict[str, Any] = {"Authorizers": {"Pool": {"UserPoolArn": POOL_ARN}}, "DefaultAuthorizer": "Pool"}
SIGNER = TokenSigner(clock=ManualClock())
MASKED = ARN.replace("123456789012", "********9012")
ANONYMOUS = (
    f"User: anonymous is not authorized to perform: execute-api:Invoke on resource: {MASKED}/GET/hello"
)
DENIED = f"{ANONYMOUS} with an explicit deny in a resource-based policy"
SILENT = f"{ANONYMOUS} because no resource-based policy allows the execute-api:Invoke action"
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
ALL = "execute-api:/*"


def refused(text: str) -> tuple[int, str, str]:
    return 403, "AccessDeniedException", f'{{"Message":"{text}"}}'


def stage_with(
    policy: dict[str, Any], result: Any = None, *, source_ip: str = HERE, **more: Any
) -> AuthorizedStage:
    rest_api = read_api({"Auth": {"ResourcePolicy": policy, **more}}, HELLO)
    return AuthorizedStage(rest_api, result, source_ip=source_ip)


def custom(*statements: dict[str, Any]) -> dict[str, Any]:
    whole = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": [ALL], "Principal": "*"}
    return {"CustomStatements": [{**whole, **statement} for statement in statements]}


class TestAlone:
    @pytest.mark.rule("resource-policy.source-ip")
    def test_addresses_that_are_listed_get_in(self) -> None:
        listed = {"IpRangeWhitelist": ["203.0.113.0/24", "127.0.0.1"]}
        assert stage_with(listed).status() == 200
        assert stage_with(listed, source_ip="127.0.0.1").status() == 200
        assert answer_of(stage_with(listed, source_ip=ELSEWHERE).call()) == refused(DENIED)

    def test_addresses_that_are_listed_stay_out(self) -> None:
        listed = {"IpRangeBlacklist": ["203.0.113.0/24"]}
        stage = stage_with(listed)
        assert answer_of(stage.call()) == refused(DENIED)
        assert stage.reason == f"the resource policy denies {ARN}/GET/hello, called from {HERE}"
        assert stage_with(listed, source_ip=ELSEWHERE).status() == 200

    def test_what_a_client_says_of_its_address_does_not_count(self) -> None:
        stage = stage_with({"IpRangeBlacklist": [HERE]})
        assert stage.status((("X-Forwarded-For", ELSEWHERE), ("Forwarded", f"for={ELSEWHERE}"))) == 403

    @pytest.mark.rule("resource-policy.silence")
    def test_an_allow_of_one_method_closes_the_others(self) -> None:
        stage = stage_with(custom({"Resource": ["execute-api:/dev/GET/items/*"]}))
        assert stage.status(path="/items/7") == 200
        assert answer_of(stage.call()) == refused(SILENT)

    @pytest.mark.rule("resource-policy.vpc")
    def test_a_list_of_networks_refuses_everybody_on_a_public_api(self) -> None:
        assert stage_with({"SourceVpcWhitelist": ["vpc-1234"]}).status() == 403
        assert stage_with({"SourceVpcBlacklist": ["vpc-1234"]}).status() == 200

    def test_accounts_are_not_an_anonymous_callers(self) -> None:
        assert answer_of(stage_with({"AwsAccountWhitelist": ["123456789012"]}).call()) == refused(SILENT)

    def test_a_deny_last_denies(self) -> None:
        assert answer_of(stage_with(custom({}, {"Effect": "Deny"})).call()) == refused(DENIED)

    @pytest.mark.parametrize("path", ["/items/1", "/items/1/", "/items/%31"])
    def test_a_deny_counts_for_each_spelling(self, path: str) -> None:
        stage = stage_with(custom({}, {"Effect": "Deny", "Resource": "execute-api:/dev/GET/items/1"}))
        assert (stage.status(path=path), stage.status(path="/items/2")) == (403, 200)

    def test_an_empty_policy_is_none(self) -> None:
        assert stage_with({"SourceVpcWhitelist": ["not-a-network"]}).status() == 200


class TestBesideALambdaAuthorizer:
    @pytest.mark.rule("resource-policy.before-lambda")
    def test_a_deny_comes_first(self) -> None:
        stage = stage_with({"IpRangeBlacklist": [HERE]}, **LAMBDA)
        assert answer_of(stage.call(())) == refused(DENIED)
        assert answer_of(stage.call()) == refused(DENIED)
        assert stage.asked.events == []

    @pytest.mark.rule("resource-policy.with-lambda")
    def test_an_allow_of_either_is_enough_and_a_deny_of_either_denies(self) -> None:
        opened, silent = custom({}), custom({"Resource": ["execute-api:/dev/POST/*"]})
        nothing = grant(f"{ARN}/PUT/other")
        found = {
            (name, said): stage_with(policy, result, **LAMBDA).status()
            for name, policy in (("allow", opened), ("silent", silent))
            for said, result in (("allow", grant()), ("silent", nothing), ("deny", grant(effect="Deny")))
        }
        assert found == {
            ("allow", "allow"): 200,
            ("allow", "silent"): 200,
            ("allow", "deny"): 403,
            ("silent", "allow"): 200,
            ("silent", "silent"): 403,
            ("silent", "deny"): 403,
        }

    def test_without_a_token_it_is_401_all_the_same(self) -> None:
        assert stage_with(custom({}), **LAMBDA).status(()) == 401


class TestBesideACognitoAuthorizer:
    @pytest.mark.rule("resource-policy.with-cognito")
    def test_the_token_is_judged_first_and_then_the_policy_has_to_allow(self) -> None:
        policy = custom({"Resource": ["execute-api:/dev/GET/items/*"]})
        api = {"Auth": {"ResourcePolicy": policy, **COGNITO}}
        method = ProtectedMethod(SIGNER)
        stage = AuthorizedStage(read_api(api, HELLO), authorizers={"Pool": method.authorizer})
        token = (("Authorization", SIGNER.id_token()),)
        assert stage.status((), path="/items/1") == 401
        assert stage.status(token, path="/items/1") == 200
        assert answer_of(stage.call(token)) == refused(SILENT)
        assert answer_of(stage.call(())) == (401, "UnauthorizedException", '{"message":"Unauthorized"}')


class TestTemplate:
    def test_a_condition_key_that_nobody_knows_is_refused(self) -> None:
        condition = {"StringEquals": {"aws:PrincipalTag/team": "a"}}
        policy = custom({"Condition": condition})
        assert refusal({"Auth": {"ResourcePolicy": policy}}) == (
            "template.yaml: HelloApi.Auth.ResourcePolicy: asks for the condition key aws:PrincipalTag/team,"
            " of which nothing is known here; it cannot be enforced"
        )

    @pytest.mark.parametrize(
        ("statement", "why"),
        [
            (
                {"Condition": {"StringMatches": {"aws:SourceIp": "x"}}},
                "'StringMatches' is no condition operator",
            ),
            (
                {"Condition": {"IpAddress": {"aws:SourceIp": "office"}}},
                "IpAddress cannot compare with 'office'",
            ),
            ({"Effect": "Maybe"}, "Effect has to be Allow or Deny, not 'Maybe'"),
            ({"Principal": {"AWS": "alice"}}, "'alice' is no principal"),
        ],
    )
    def test_what_iam_would_not_take_is_refused(self, statement: dict[str, Any], why: str) -> None:
        line = refusal({"Auth": {"ResourcePolicy": custom(statement)}})
        assert line.startswith(f"template.yaml: HelloApi.Auth.ResourcePolicy: cannot be enforced: {why}")

    def test_a_policy_in_a_definition_by_hand_is_read(self) -> None:
        body = definition()
        body["x-amazon-apigateway-policy"] = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny"}]}
        assert "cannot be enforced" in refusal_of_body(body)


def test_an_authorizer_says_no_before_the_policy_is_asked_of_a_good_caller() -> None:
    stage = stage_with(custom({"Resource": ["execute-api:/dev/GET/hello"]}), grant(f"{ARN}/PUT/x"), **LAMBDA)
    assert (stage.status(BEARER), stage.status(BEARER, path="/items/1")) == (200, 403)
