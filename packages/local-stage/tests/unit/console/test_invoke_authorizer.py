"""The authorizer can be tested with a token alone, and answers in AWS's shape."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from local_stage.console.decision_endpoints import invoke_authorizer
from tests.protected_method import ProtectedMethod
from tests.tokens import TokenSigner, read_article_token


def answer(token: str, method: ProtectedMethod | None = None) -> dict[str, Any]:
    method = method or ProtectedMethod(TokenSigner())
    return asyncio.run(
        invoke_authorizer("UserPoolAuthorizer", method.authorizer, "Authorization", token, method.clock)
    )


def make_method() -> ProtectedMethod:
    method = ProtectedMethod(TokenSigner())
    method.signer.clock = method.clock
    return method


@pytest.mark.rule("authorizer-test.claims")
def test_an_id_token_passes_with_its_claims_as_the_event_has_them() -> None:
    method = make_method()
    token = method.signer.id_token(**{"cognito:groups": ["admins", "users"]})
    result = answer(token, method)
    assert result["clientStatus"] == 0
    assert result["claims"]["token_use"] == "id"
    assert result["claims"]["cognito:groups"] == "admins,users"


@pytest.mark.rule("authorizer-test.id-tokens-only")
def test_an_access_token_is_refused_as_on_aws() -> None:
    method = make_method()
    result = answer(method.signer.access_token("hello/read"), method)
    assert result["clientStatus"] == 401
    assert "claims" not in result
    assert "access token on a method without scopes" in result["log"]


def test_the_articles_own_token_is_refused_and_the_log_says_why() -> None:
    result = answer(read_article_token("id"))
    assert result["clientStatus"] == 401
    assert "ap-northeast-1_pDwtyMhPe" in result["log"]


@pytest.mark.rule("authorizer-test.answer")
def test_the_answer_has_aws_members_and_no_others() -> None:
    method = make_method()
    good, refused = answer(method.signer.id_token(), method), answer("garbage")
    assert good.keys() == {"clientStatus", "claims", "log", "latency"}
    assert refused.keys() == {"clientStatus", "log", "latency"}
    assert isinstance(good["latency"], int)


def test_the_log_never_holds_the_token() -> None:
    method = make_method()
    token = method.signer.id_token()
    log = answer(token, method)["log"]
    assert token not in log
    assert f"{'*' * (len(token) - 6)}{token[-6:]}" in log


def test_a_token_of_a_few_characters_is_hidden_altogether() -> None:
    assert "secret" not in answer("secret")["log"]
