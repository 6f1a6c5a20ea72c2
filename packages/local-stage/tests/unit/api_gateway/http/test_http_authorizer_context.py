"""What a Lambda authorizer of an HTTP API tells of the caller, and what its failure is answered with."""

from __future__ import annotations

import pytest

from local_stage.lambda_runtime.function_error import FunctionTimeoutError, HandlerError
from tests.http_api import AUTHORIZER_ARN
from tests.unit.api_gateway.http.asked_api import FAILURE, answer, grant, policies, reason, simple


class TestFailures:
    @pytest.mark.rule("http-lambda-authorizer.function-failed")
    @pytest.mark.parametrize(
        "error",
        [
            HandlerError("Authorizer", b'{"errorType": "Exception", "errorMessage": "Unauthorized"}'),
            HandlerError("Authorizer", b'{"errorType": "Exception", "errorMessage": "broken"}'),
            FunctionTimeoutError("Authorizer", "r", 3),
            TimeoutError(),
        ],
    )
    def test_a_function_that_fails_is_500(self, error: BaseException) -> None:
        api = simple()
        api.asked.result = error
        assert answer(api) == FAILURE
        assert api.function.events == []

    def test_a_function_that_is_not_here_lets_nobody_in(self) -> None:
        api = simple(FunctionArn=f"{AUTHORIZER_ARN}-of-another-account")
        assert answer(api) == FAILURE
        assert "is not on this machine, so that nobody is let in" in reason(api)


CONTEXT = {"text": "t", "number": 1.5, "flag": True, "list": [1, "a"], "map": {"a": None}, "none": None}


class TestContext:
    @pytest.mark.rule("http-lambda-authorizer.context-2")
    def test_format_2_keeps_the_types(self) -> None:
        api = simple({"isAuthorized": True, "context": CONTEXT})
        answer(api)
        assert api.function.events[0]["requestContext"]["authorizer"] == {"lambda": CONTEXT}

    @pytest.mark.rule("http-lambda-authorizer.no-context")
    def test_without_context_there_is_null(self) -> None:
        api = policies()
        answer(api)
        assert api.function.events[0]["requestContext"]["authorizer"] == {"lambda": None}

    @pytest.mark.rule("http-lambda-authorizer.context-1")
    def test_an_integration_of_format_1_has_it_flat_and_as_texts(self) -> None:
        api = policies(grant(context=CONTEXT))
        answer(api, "GET /one")
        assert api.function.events[0]["requestContext"]["authorizer"] == {
            "text": "t",
            "number": "1.5",
            "flag": "true",
            "list": '[1,"a"]',
            "map": '{"a":null}',
            "none": None,
            "principalId": "alice",
        }

    def test_the_context_of_a_format_1_authorizer_is_texts_and_no_objects(self) -> None:
        api = policies(grant(context={"number": 1, "flag": False}), AuthorizerPayloadFormatVersion="1.0")
        answer(api)
        given = api.function.events[0]["requestContext"]["authorizer"]
        assert given == {"lambda": {"number": "1", "flag": "false"}}
        api.asked.result = grant(context={"map": {}})
        assert answer(api) == FAILURE

    @pytest.mark.rule("http-lambda-authorizer.log-variables")
    def test_the_access_log_names_it(self) -> None:
        api = policies(grant(context=CONTEXT))
        answer(api)
        context = api.recorded[-1].context
        names = ("text", "number", "flag", "list", "none", "principalId", "absent")
        assert [context.find_authorizer_variable(name) for name in names] == [
            "t", "1.5", "true", '[1,"a"]', None, "alice", None,
        ]  # fmt: skip
        api.asked.result = grant(effect="Deny")
        answer(api)
        assert api.recorded[-1].context.authorizer is not None
        assert api.recorded[-1].context.authorizer.error == "Forbidden"
