"""Each decision on a token is told where it fails, with what to do; those before it are passed."""

from __future__ import annotations

import pytest

from local_stage.explanation.explanation import Outcome, Response, Step, StepName, Verdict
from tests.forged_claims import FORGERIES
from tests.forged_tokens import Forger
from tests.manual_clock import ManualClock
from tests.tokens import ABSENT, CLIENT_ID, POOL_ID, TokenSigner, read_article_token
from tests.unit.explanation.explained_api import (
    GET_HELLO,
    GET_MACHINE,
    SCOPE,
    ExplainedStage,
    build_rest_api,
    outcomes,
)

CLOCK = ManualClock()
SIGNER = TokenSigner(clock=CLOCK)
STAGE = ExplainedStage(SIGNER, clock=CLOCK)
HOUR = 3600


def failure(route: str, *sent: str) -> tuple[Step, str]:
    """Return the step that fails, and the remedy."""
    explanation = STAGE.explain(route, *sent)
    assert explanation.failed_step is not None
    assert explanation.remedy is not None
    return explanation.failed_step, explanation.remedy


def detail(name: StepName, route: str = GET_HELLO, *sent: str) -> str:
    """Return what is said of a decision on a good ID token, or on what was sent."""
    explanation = STAGE.explain(route, *(sent or (SIGNER.id_token(),)))
    (found,) = (step.detail for step in explanation.steps if step.name is name)
    return found


def test_a_good_token_passes_every_decision_in_order() -> None:
    explanation = STAGE.explain(GET_HELLO, f"Bearer {SIGNER.id_token()}")
    assert explanation.verdict is Verdict.PASSES
    assert [step.name for step in explanation.steps] == [
        name for name in StepName if name not in {StepName.SCOPES, StepName.POLICY, StepName.GROUP}
    ]
    assert {step.outcome for step in explanation.steps} == {Outcome.PASSED}
    assert (explanation.response, explanation.remedy) == (None, None)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (StepName.ROUTE, "the authorizer PoolAuthorizer asks for an ID token"),
        (StepName.HEADER, "one Authorization header with one token in it, without Bearer"),
        (StepName.ISSUER, f"the user pool {POOL_ID}, which the authorizer accepts"),
        (StepName.KEY, "the user pool publishes the key 'pool-key/1+A='"),
        (StepName.KIND, "an ID token, as the route takes"),
        (StepName.SUBJECT, "the user 'taro'"),
        (StepName.CLIENT, f"'{CLIENT_ID}'; every app client of the pool is accepted"),
    ],
)
def test_a_decision_that_is_passed_says_what_was_found(name: StepName, said: str) -> None:
    assert detail(name) == said


def test_a_token_behind_bearer_is_told_from_a_raw_one() -> None:
    assert detail(StepName.HEADER, GET_HELLO, f"Bearer {SIGNER.id_token()}").endswith(", behind Bearer")


def test_scopes_are_told_with_those_that_are_enough() -> None:
    token = SIGNER.access_token(f"openid {SCOPE}")
    assert detail(StepName.SCOPES, GET_MACHINE, token) == (
        "scope 'openid hello/read'; any one of hello/read is enough"
    )


def test_a_machines_token_is_told_from_a_persons() -> None:
    token = SIGNER.access_token(SCOPE, sub=CLIENT_ID, username=ABSENT)
    assert detail(StepName.SUBJECT, GET_MACHINE, token) == f"the app client '{CLIENT_ID}' itself, and no user"


def test_expiry_is_told_in_local_time_and_as_a_distance() -> None:
    assert detail(StepName.EXPIRY).endswith(", in 1 h")
    assert detail(StepName.START).endswith(", less than 1 s ago")


def test_no_header_is_told_with_the_one_to_send() -> None:
    step, remedy = failure(GET_HELLO)
    assert (step.name, step.detail) == (StepName.HEADER, "no Authorization header")
    assert remedy == 'Send "Authorization: <ID token>".'


def test_two_headers_are_told() -> None:
    step, _ = failure(GET_HELLO, SIGNER.id_token(), SIGNER.id_token())
    assert step == Step(StepName.HEADER, Outcome.FAILED, "2 Authorization headers, which may disagree")


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer null", "undefined", "Bearer None"])
def test_an_empty_variable_is_told_from_a_bad_token(sent: str) -> None:
    step, remedy = failure(GET_HELLO, sent)
    assert step.name in {StepName.HEADER, StepName.FORM}
    assert step.detail == "no token in the header: the variable or field that should hold it was empty"
    assert "NEW_PASSWORD_REQUIRED" in remedy


@pytest.mark.parametrize("sent", ["$TOKEN", "Bearer $ID_TOKEN", "Bearer ${TOKEN}"])
def test_a_variable_that_the_shell_has_left_as_it_is_is_told(sent: str) -> None:
    step, remedy = failure(GET_HELLO, sent)
    assert (step.name, sent.rsplit(maxsplit=1)[-1] in step.detail) == (StepName.FORM, True)
    assert remedy.startswith("Use double quotes")


def test_another_scheme_is_told() -> None:
    step, remedy = failure(GET_HELLO, "Basic dGFybzpwYXNzd29yZA==")
    assert step.name is StepName.HEADER
    assert remedy == "Send Authorization: Bearer <token>, or the token alone."


def test_a_refresh_token_is_told_by_its_five_parts() -> None:
    step, _ = failure(GET_HELLO, "a.b.c.d.e")
    assert (step.name, step.detail) == (StepName.FORM, "an encrypted token, as refresh tokens are")


def test_a_token_that_was_cut_off_is_told() -> None:
    step, remedy = failure(GET_HELLO, SIGNER.id_token().rpartition(".")[0])
    assert (step.name, step.detail) == (
        StepName.FORM,
        "this is not a JWT: it has 1 dots, expected 2",
    )
    assert remedy == "Send the whole token, three parts with two dots; it begins with eyJ."


def test_an_algorithm_that_no_pool_uses_is_told() -> None:
    step, _ = failure(GET_HELLO, Forger(SIGNER, "id").unsigned("none"))
    assert (step.name, step.detail) == (StepName.ALGORITHM, "token header has alg 'none', expected RS256")


def test_a_payload_that_cannot_be_read_is_told_after_the_header() -> None:
    explanation = STAGE.explain(GET_HELLO, Forger(SIGNER, "id").with_payload(lambda _: b"null"))
    assert outcomes(explanation)[StepName.ALGORITHM] is Outcome.PASSED
    assert explanation.failed_step == Step(
        StepName.CONTENTS, Outcome.FAILED, "token's payload is JSON, but not an object"
    )


def test_another_pool_is_told_with_the_one_that_is_accepted() -> None:
    step, remedy = failure(GET_HELLO, read_article_token("id"))
    assert step.name is StepName.ISSUER
    assert step.detail == (
        f"a token of the user pool ap-northeast-1_pDwtyMhPe; the authorizer accepts {POOL_ID}"
    )
    assert remedy.startswith(f"Sign in to {POOL_ID}")


def test_an_issuer_that_only_looks_like_the_pools_is_shown_whole() -> None:
    step, _ = failure(GET_HELLO, SIGNER.id_token(iss=f"{SIGNER.issuer}/"))
    assert f"user pool '{SIGNER.issuer}/'; the authorizer accepts {POOL_ID}" in step.detail


def test_what_comes_after_a_failure_is_told_as_the_token_says_it() -> None:
    explanation = STAGE.explain(GET_HELLO, read_article_token("access"))
    assert outcomes(explanation)[StepName.KIND] is Outcome.NOT_REACHED
    details = {step.name: step.detail for step in explanation.steps}
    assert details[StepName.KIND] == "the token says: an access token; the route takes an ID token"
    assert details[StepName.EXPIRY].startswith("the token says: good until 2025-05-31 ")


def test_an_unknown_key_is_told() -> None:
    step, _ = failure(GET_HELLO, Forger(SIGNER, "id").with_header(kid="other"))
    assert step.name is StepName.KEY
    assert step.detail.startswith("no key with kid 'other' in https://")


def test_a_changed_token_is_told() -> None:
    changed = FORGERIES["payload of another caller"](Forger(SIGNER, "id"))
    step, remedy = failure(GET_HELLO, changed)
    assert step.name is StepName.SIGNATURE
    assert "changed or cut off" in step.detail
    assert remedy == "Send the token unchanged and whole, as the user pool has issued it."


def test_an_access_token_on_a_route_for_id_tokens_is_told() -> None:
    step, remedy = failure(GET_HELLO, SIGNER.access_token())
    assert step == Step(
        StepName.KIND,
        Outcome.FAILED,
        "an access token; the route has no scopes, so API Gateway takes ID tokens only",
    )
    assert remedy.startswith("Send the ID token of the same sign-in (IdToken beside AccessToken)")


def test_an_id_token_on_a_route_with_scopes_is_told() -> None:
    step, remedy = failure(GET_MACHINE, SIGNER.id_token())
    assert step.name is StepName.KIND
    assert step.detail == (
        "an ID token; the route has the scope hello/read, so API Gateway takes access tokens only"
    )
    assert remedy.startswith("Send an access token with the scope hello/read")


def test_a_token_without_a_subject_is_told() -> None:
    step, _ = failure(GET_HELLO, SIGNER.id_token(sub=""))
    assert (step.name, step.detail) == (StepName.SUBJECT, "claim sub is '', expected a text")


@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_a_token_of_the_future_is_told(claim: str) -> None:
    step, remedy = failure(GET_HELLO, SIGNER.id_token(**{claim: int(CLOCK()) + HOUR}))
    assert (step.name, step.detail) == (StepName.START, f"{claim} is 1 h ahead of this clock")
    assert remedy == "Set the clock right."


def test_another_app_client_is_told_where_one_is_asked_for() -> None:
    stage = ExplainedStage(SIGNER, build_rest_api(validation_expression="web-[0-9]+"), CLOCK)
    passed = stage.explain(GET_HELLO, SIGNER.id_token(aud="web-1"))
    assert "'web-1'; matches 'web-[0-9]+'" in [step.detail for step in passed.steps]
    refused = stage.explain(GET_HELLO, SIGNER.id_token()).failed_step
    assert refused is not None
    assert refused.name is StepName.CLIENT
    assert refused.detail.startswith(f"aud '{CLIENT_ID}' does not match")


def test_the_scope_of_a_sign_in_is_told_from_a_missing_one() -> None:
    step, remedy = failure(GET_MACHINE, SIGNER.access_token())
    assert step.name is StepName.SCOPES
    assert step.detail.startswith("an access token of InitiateAuth, which only ever has the scope")
    assert "token endpoint" in remedy
    step, _ = failure(GET_MACHINE, SIGNER.access_token("hello/write"))
    assert step.detail == "access token has scope 'hello/write', the method asks for any of hello/read"


def test_an_expired_token_is_told_last_with_its_own_answer() -> None:
    explanation = STAGE.explain(GET_HELLO, SIGNER.id_token(exp=int(CLOCK()) - 2 * HOUR - 300))
    assert explanation.failed_step is not None
    assert explanation.failed_step.name is StepName.EXPIRY
    assert explanation.failed_step.detail.endswith(", 2 h 5 min ago")
    assert explanation.response == Response(
        "API Gateway", 401, "UnauthorizedException", '{"message":"The incoming token has expired"}'
    )
