"""Lambda authorizers of a REST API: who is asked, with what, and what becomes of each answer."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.lambda_runtime.function_error import FunctionTimeoutError
from tests.unit.api_gateway.authorized_stage import (
    ARN,
    AUTHORIZER_ARN,
    EVENTS,
    AuthorizedStage,
    answer_of,
    failure,
    grant,
    read_api,
    token_stage,
)
from tests.unit.api_gateway.sam_api import auth

UNAUTHORIZED = (401, "UnauthorizedException", '{"message":"Unauthorized"}')
FAILURE = (500, "AuthorizerConfigurationException", '{"message":null}')
DENIED = "User is not authorized to access this resource"
EXPLICIT = f"{DENIED} with an explicit deny in an identity-based policy"
IMPLICIT = f"{DENIED} because no identity-based policy allows the execute-api:Invoke action"
WRITE_IT = "API Gateway takes strings, numbers and booleans: write it with json.dumps"
HELLO = f"{ARN}/GET/hello"


def denied(text: str) -> tuple[int, str, str]:
    return 403, "AccessDeniedException", f'{{"Message":"{text}"}}'


class TestToken:
    @pytest.mark.rule("lambda-authorizer.token-event")
    def test_the_event_has_three_members(self) -> None:
        stage = token_stage()
        assert stage.status(path="/items/a%20b", verb="PUT") == 200
        assert list(stage.authorizer_event.items()) == [
            ("type", "TOKEN"),
            ("methodArn", f"{ARN}/PUT/items/a%20b"),
            ("authorizationToken", "Bearer alice"),
        ]

    def test_the_root_ends_in_a_slash(self) -> None:
        stage = token_stage()
        assert stage.status(path="/") == 200
        assert stage.authorizer_event["methodArn"] == f"{ARN}/GET/"

    @pytest.mark.rule("lambda-authorizer.missing-identity")
    @pytest.mark.parametrize("headers", [(), (("Authorization", ""),), (("Authorization", "  "),)])
    def test_without_the_header_nobody_is_asked(self, headers: tuple[tuple[str, str], ...]) -> None:
        stage = token_stage()
        assert answer_of(stage.call(headers)) == UNAUTHORIZED
        assert stage.asked.events == []
        assert stage.reason == (
            "the header Authorization is missing, which is an identity source of Tok;"
            " its function was not called"
        )

    def test_the_header_may_have_another_name(self) -> None:
        stage = token_stage(Header="X-Tok")
        assert (stage.status(), stage.status((("x-tok", "t"),))) == (401, 200)
        assert stage.authorizer_event["authorizationToken"] == "t"

    @pytest.mark.rule("lambda-authorizer.validation-expression")
    @pytest.mark.parametrize(
        "value", ["Bearer ", "bearer alice", "Bearer alice!", "xBearer alice", "Bearer a\nb"]
    )
    def test_what_does_not_match_the_whole_expression_is_refused(self, value: str) -> None:
        stage = token_stage(ValidationExpression="Bearer [a-z]+")
        assert stage.status() == 200
        assert answer_of(stage.call((("Authorization", value),))) == UNAUTHORIZED
        assert len(stage.asked.events) == 1

    def test_a_route_that_opts_out_is_open(self) -> None:
        stage = token_stage()
        assert stage.status((), path="/open") == 200
        assert stage.asked.events == []


class TestAnswers:
    @pytest.mark.rule("lambda-authorizer.unauthorized")
    def test_exactly_unauthorized_is_401(self) -> None:
        assert answer_of(token_stage(failure("Unauthorized")).call()) == UNAUTHORIZED

    @pytest.mark.rule("lambda-authorizer.failure")
    @pytest.mark.parametrize(
        "text", ["unauthorized", "Unauthorized: expired", "[401] Unauthorized", "boom", ""]
    )
    def test_every_other_error_is_500_with_a_null(self, text: str) -> None:
        assert answer_of(token_stage(failure(text)).call()) == FAILURE

    def test_the_log_says_that_the_whole_text_counts(self) -> None:
        stage = token_stage(failure("Unauthorized: expired"))
        stage.call()
        assert stage.reason == (
            "the authorizer Tok: Authorizer failed: Exception: Unauthorized: expired;"
            " only an error whose whole text is Unauthorized is answered with 401"
        )

    def test_a_timeout_is_a_failure_whatever_its_text(self) -> None:
        stage = token_stage(FunctionTimeoutError("Authorizer", "id", 3))
        assert answer_of(stage.call()) == FAILURE

    @pytest.mark.rule("lambda-authorizer.explicit-deny")
    def test_a_policy_that_denies(self) -> None:
        stage = token_stage(grant(effect="Deny"))
        assert answer_of(stage.call()) == denied(EXPLICIT)
        assert stage.reason == f"the authorizer Tok: its policy denies {HELLO}"
        assert stage.integration.events == []

    @pytest.mark.rule("lambda-authorizer.implicit-deny")
    def test_a_policy_that_allows_something_else(self) -> None:
        stage = token_stage(grant(f"{ARN}/GET/other", f"{ARN}/POST/*"))
        assert answer_of(stage.call()) == denied(IMPLICIT)
        assert stage.reason == f"the authorizer Tok: its policy does not allow {HELLO}"

    @pytest.mark.rule("lambda-authorizer.deny-last")
    def test_a_deny_after_an_allow_denies(self) -> None:
        result = grant()
        deny = {"Effect": "Deny", "Action": "*", "Resource": HELLO}
        result["policyDocument"]["Statement"].append(deny)
        stage = token_stage(result)
        assert answer_of(stage.call()) == denied(EXPLICIT)
        assert stage.status(path="/items/1") == 200

    @pytest.mark.rule("lambda-authorizer.other-spelling")
    @pytest.mark.parametrize("path", ["/items/1/", "/items/%31", "//items/1", "/items/1//"])
    def test_a_deny_counts_for_each_spelling_of_the_path(self, path: str) -> None:
        result = grant()
        deny = {"Effect": "Deny", "Action": "*", "Resource": f"{ARN}/*/items/1"}
        result["policyDocument"]["Statement"].append(deny)
        assert answer_of(token_stage(result).call(path=path)) == denied(EXPLICIT)

    @pytest.mark.parametrize(("path", "status"), [("/items/1", 200), ("/items/1/", 403), ("/items/2", 403)])
    def test_a_deny_of_all_but_the_method_leaves_the_method(self, path: str, status: int) -> None:
        result = grant()
        deny = {"Effect": "Deny", "Action": "*", "NotResource": f"{ARN}/GET/items/1"}
        result["policyDocument"]["Statement"].append(deny)
        assert token_stage(result).status(path=path) == status

    @pytest.mark.rule("lambda-authorizer.malformed")
    @pytest.mark.parametrize(
        ("result", "why"),
        [
            (b"null", "it is no object with principalId and policyDocument"),
            (b'"allow"', "it is no object with principalId and policyDocument"),
            (b"[]", "it is no object with principalId and policyDocument"),
            (b"", "it is no JSON document"),
            (b'{"principalId": NaN}', "it is no JSON document"),
            (b"[" * 100_000, "it is no JSON document"),
            ({"statusCode": 401}, "it has no policyDocument"),
            (
                {"isAuthorized": True},
                "it has no policyDocument; only an HTTP API with EnableSimpleResponses takes isAuthorized",
            ),
            (
                grant() | {"policyDocument": "{}"},
                "could not parse policy: the policy has to be an object with Version and Statement",
            ),
            (
                grant(effect="allow"),
                "could not parse policy: Effect has to be Allow or Deny, not 'allow'",
            ),
            (grant(principal=7), "principalId is a number; return a string"),
            (grant(principal=["a"]), "principalId is a list; return a string"),
            (grant(usageIdentifierKey=1), "usageIdentifierKey is a number; return a string"),
            (grant(context="x"), "context is a string; return an object"),
            (grant(context={"a": []}), f"context has a list for 'a'; {WRITE_IT}"),
            (grant(context={"a": {"b": 1}}), f"context has an object for 'a'; {WRITE_IT}"),
        ],
    )  # fmt: skip
    def test_what_is_no_result_is_500_with_a_null(self, result: Any, why: str) -> None:
        stage = token_stage(result)
        assert answer_of(stage.call()) == FAILURE
        assert stage.reason == f"what the function of Tok returned: {why}"
        assert stage.integration.events == []

    @pytest.mark.rule("lambda-authorizer.no-principal")
    @pytest.mark.parametrize("principal", [None, ""])
    def test_without_a_principal_an_allow_is_a_failure_and_a_deny_a_deny(self, principal: str | None) -> None:
        assert answer_of(token_stage(grant(principal=principal)).call()) == FAILURE
        assert answer_of(token_stage(grant(effect="Deny", principal=principal)).call()) == denied(EXPLICIT)

    def test_a_function_that_is_not_here_lets_nobody_in(self) -> None:
        elsewhere = {"Tok": {"FunctionArn": f"{AUTHORIZER_ARN}-elsewhere"}}
        stage = AuthorizedStage(read_api(auth(elsewhere, "Tok"), EVENTS))
        assert answer_of(stage.call()) == FAILURE
        missing = f"the function of Tok, {AUTHORIZER_ARN}-elsewhere, is not on this machine"
        assert stage.reason == f"{missing}, so that nobody is let in"

    @pytest.mark.rule("lambda-authorizer.gateway-response")
    def test_gateway_responses_apply(self) -> None:
        responses = {
            "ACCESS_DENIED": {"ResponseParameters": {"Headers": {"X-Why": "'policy'"}}},
            "AUTHORIZER_CONFIGURATION_ERROR": {
                "StatusCode": 503,
                "ResponseTemplates": {"application/json": '{"told": $context.error.messageString}'},
            },
        }
        stage = token_stage(grant(effect="Deny"), api={"GatewayResponses": responses})
        refused = stage.call()
        assert (answer_of(refused), refused.header("X-Why")) == (denied(EXPLICIT), "policy")
        stage = token_stage(failure("x"), api={"GatewayResponses": responses})
        assert answer_of(stage.call()) == (503, "AuthorizerConfigurationException", '{"told": null}')


class TestContext:
    @pytest.mark.rule("lambda-authorizer.context")
    def test_the_function_gets_texts_then_the_principal_then_the_latency(self) -> None:
        context = {"text": "a", "number": 1, "float": 1.5, "true": True, "false": False, "null": None}
        stage = token_stage(grant(context=context, usageIdentifierKey="secret-key"))
        assert stage.status() == 200
        caller = dict(stage.caller)
        assert isinstance(caller.pop("integrationLatency"), int)
        assert list(caller.items()) == [
            ("text", "a"),
            ("number", "1"),
            ("float", "1.5"),
            ("true", "true"),
            ("false", "false"),
            ("null", None),
            ("principalId", "alice"),
        ]

    def test_the_gateways_own_members_win(self) -> None:
        stage = token_stage(grant(context={"principalId": "root", "integrationLatency": "x"}))
        assert stage.status() == 200
        assert stage.caller["principalId"] == "alice"
        assert isinstance(stage.caller["integrationLatency"], int)

    def test_without_a_context_there_are_two_members(self) -> None:
        stage = token_stage(grant(context=None))
        assert stage.status() == 200
        assert [*stage.caller] == ["principalId", "integrationLatency"]

    @pytest.mark.rule("lambda-authorizer.log-variables")
    def test_a_log_format_can_name_them(self) -> None:
        stage = token_stage(grant(context={"tenant": 7, "none": None}))
        assert stage.status() == 200
        context = stage.recorded[-1].context
        found = [context.find_authorizer_variable(name) for name in ("tenant", "none", "principalId", "x")]
        assert found == ["7", None, "alice", None]
