"""Triggers look at who signs in and say what tokens have, and one that fails fails the sign-in."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from local_stage.cloudformation.pool_front.triggers.issued_changes import FILE, tell_changes
from tests.local.emulated_pool import PASSWORD, decode, new_name
from tests.local.triggers.triggered_pools import Pool, failed, failure_of
from tests.stage_process import StageProcess


def test_a_sign_in_fires_before_and_after_and_once_for_the_tokens(pool: Pool) -> None:
    pool.add_user("eve")
    tokens = pool.sign_in("eve", ClientMetadata={"from": "test"})
    assert pool.sources("eve")[1:] == [
        "PreAuthentication_Authentication",
        "TokenGeneration_Authentication",
        "PostAuthentication_Authentication",
    ]
    before, generation, after = (event["request"] for event in pool.fired("eve")[1:])
    assert (before["validationData"], before["userNotFound"]) == ({"from": "test"}, False)
    assert before["userAttributes"]["email"] == "eve@example.com"
    assert "clientMetadata" not in generation
    assert (after["newDeviceUsed"], "clientMetadata" in after) == (False, False)
    pool.cognito.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
    )
    assert pool.sources("eve")[4:] == ["TokenGeneration_RefreshTokens"]


def test_somebody_unknown_is_shown_to_the_trigger_where_nobody_may_learn_of_it(pool: Pool) -> None:
    assert failure_of(pool.begin, "nobody", "USER_SRP_AUTH")[0] == "InvalidParameterException"
    assert pool.fired("nobody")[0]["request"] == {
        "userAttributes": {},
        "validationData": None,
        "userNotFound": True,
    }


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_trigger_changes_claims_and_not_those_that_are_protected(stage: StageProcess, version: int) -> None:
    pool, name = Pool(stage, version), f"fred{version}"
    pool.add_user(name)
    tokens = pool.sign_in(name)
    sub = pool.fired(name)[1]["request"]["userAttributes"]["sub"]
    claims, access = decode(tokens["IdToken"]), decode(tokens["AccessToken"])
    assert (claims["plan"], claims["sub"], claims["aud"]) == ("gold", sub, pool.client_id)
    assert claims["iss"].endswith(pool.id)
    assert ("email" in claims, "exp" in claims, claims["cognito:groups"]) == (False, True, ["readers"])
    assert pool.sources(name).count("TokenGeneration_Authentication") == 1
    assert pool.fired(name)[2]["version"] == str(version)
    changed = ("gold", {"a": [1]}, "orders/read", ["readers"])
    shown = (access.get("plan"), access.get("nested"), access["scope"], access.get("cognito:groups"))
    assert shown == (changed if version > 1 else (None, None, "aws.cognito.signin.user.admin", None))
    assert (access["sub"], access["username"], access["client_id"]) == (sub, name, pool.client_id)
    assert "aud" not in access


def test_custom_authentication_asks_three_triggers(pool: Pool) -> None:
    pool.add_user("gil")
    begun = pool.begin("gil", "CUSTOM_AUTH")
    assert begun["ChallengeParameters"] == {"ask": "1+1"}
    answered = pool.cognito.respond_to_auth_challenge(
        ClientId=pool.client_id,
        ChallengeName="CUSTOM_CHALLENGE",
        Session=begun["Session"],
        ChallengeResponses={"USERNAME": "gil", "ANSWER": "2"},
        ClientMetadata={"from": "test"},
    )
    assert decode(answered["AuthenticationResult"]["IdToken"])["plan"] == "gold"
    assert pool.sources("gil")[1:] == [
        "PreAuthentication_Authentication",
        "DefineAuthChallenge_Authentication",
        "CreateAuthChallenge_Authentication",
        "VerifyAuthChallengeResponse_Authentication",
        "DefineAuthChallenge_Authentication",
        "TokenGeneration_Authentication",
        "PostAuthentication_Authentication",
    ]
    verified = pool.fired("gil")[4]["request"]
    assert verified.keys() == {
        "userAttributes",
        "userNotFound",
        "challengeAnswer",
        "privateChallengeParameters",
        "clientMetadata",
    }
    assert pool.fired("gil")[-1]["request"]["clientMetadata"] == {"from": "test"}


def test_a_user_of_elsewhere_is_migrated_by_the_right_password(pool: Pool) -> None:
    name = new_name("migrant")
    wrong = failure_of(pool.begin, name, password="Wrong-Horse-7")
    assert wrong == ("UserNotFoundException", f"Exception migrating user in app client {pool.client_id}")
    assert decode(pool.sign_in(name)["IdToken"])["cognito:username"] == name
    assert pool.sign_in(name)["IdToken"]
    assert pool.sources(name).count("UserMigration_Authentication") == 2
    forgetful = new_name("migrant")
    pool.cognito.forgot_password(ClientId=pool.client_id, Username=forgetful)
    code = pool.read_code(forgetful, "replace the forgotten password")
    pool.cognito.confirm_forgot_password(
        ClientId=pool.client_id, Username=forgetful, ConfirmationCode=code, Password="Right-Horse-7"
    )
    assert pool.sources(forgetful) == [
        "UserMigration_ForgotPassword",
        "CustomMessage_ForgotPassword",
        "PostConfirmation_ConfirmForgotPassword",
    ]


def test_the_password_of_a_migrated_user_does_not_come_again(pool: Pool) -> None:
    policies = {"PasswordPolicy": {"PasswordHistorySize": 1}}
    remembering = pool.make_another("UserMigration", Policies=policies)
    name = new_name("migrant")
    remembering.sign_in(name)
    again = {"UserPoolId": remembering.id, "Username": name, "Password": PASSWORD, "Permanent": True}
    refused = failure_of(pool.cognito.admin_set_user_password, **again)
    assert refused[0] == "PasswordHistoryPolicyViolationException"


def test_nobody_is_migrated_with_attributes_that_the_pool_does_not_have(pool: Pool) -> None:
    expected = ("UserNotFoundException", f"Exception migrating user in app client {pool.client_id}")
    assert failure_of(pool.begin, "migrant-coloured") == expected
    assert failure_of(pool.cognito.admin_get_user, UserPoolId=pool.id, Username="migrant-coloured")


def test_a_migrated_user_gives_the_second_factor_that_the_trigger_asks_for(pool: Pool) -> None:
    sms = {"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"}}
    optional = pool.make_another("UserMigration", MfaConfiguration="OPTIONAL", **sms)
    for _ in ("at the migration", "later"):
        challenge = optional.begin("migrant-called-texted")
        assert (challenge["ChallengeName"], "AuthenticationResult" in challenge) == ("SMS_MFA", False)
    expected = ("UserNotFoundException", f"Exception migrating user in app client {optional.client_id}")
    assert failure_of(optional.begin, "migrant-texted") == expected
    assert optional.begin("migrant-called")["AuthenticationResult"]
    without = pool.make_another("UserMigration", **sms)
    assert failure_of(without.begin, "migrant-called-texted")[0] == "UserNotFoundException"


def test_in_a_pool_without_case_triggers_know_a_user_by_any_spelling(pool: Pool) -> None:
    triggers = ("PreAuthentication", "UserMigration")
    spelled = pool.make_another(*triggers, UsernameConfiguration={"CaseSensitive": False})
    spelled.add_user("kim")
    assert decode(spelled.sign_in("KIM")["IdToken"])["cognito:username"] == "kim"
    assert (spelled.sources("kim"), spelled.sources("KIM")) == (["PreAuthentication_Authentication"], [])
    spelled.add_user("kim-no-PreAuthentication")
    typed = "KIM-no-preauthentication"
    assert failure_of(spelled.begin, typed) == failed("PreAuthentication")
    assert "PreAuthentication failed with error not today." in spelled.log_in(typed).text


@pytest.mark.parametrize("trigger", ["PreAuthentication", "PostAuthentication", "TokenGeneration"])
def test_a_failing_trigger_lets_nobody_sign_in(pool: Pool, trigger: str) -> None:
    name = f"no-{trigger}"
    pool.add_user(name)
    told = trigger.replace("TokenGeneration", "PreTokenGeneration")
    assert failure_of(pool.begin, name) == failed(told)
    admin = {"ClientId": pool.client_id, "AuthParameters": {"USERNAME": name, "PASSWORD": PASSWORD}}
    by_administrator = failure_of(
        pool.cognito.admin_initiate_auth, UserPoolId=pool.id, AuthFlow="ADMIN_USER_PASSWORD_AUTH", **admin
    )
    assert by_administrator == failed(told)


@pytest.mark.parametrize(
    "trigger", ["DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse"]
)
def test_a_failing_trigger_of_custom_authentication_ends_it(pool: Pool, trigger: str) -> None:
    name = f"no-{trigger}"
    pool.add_user(name)
    if trigger != "VerifyAuthChallengeResponse":
        assert failure_of(pool.begin, name, "CUSTOM_AUTH") == failed(trigger)
        return
    answer = {
        "ClientId": pool.client_id,
        "ChallengeName": "CUSTOM_CHALLENGE",
        "Session": pool.begin(name, "CUSTOM_AUTH")["Session"],
        "ChallengeResponses": {"USERNAME": name, "ANSWER": "2"},
    }
    assert failure_of(pool.cognito.respond_to_auth_challenge, **answer) == failed(trigger)


def test_what_is_no_event_is_no_answer(pool: Pool) -> None:
    unrecognized = ("InvalidLambdaResponseException", "Unrecognizable lambda output")
    assert failure_of(pool.sign_up, "odd-PreSignUp") == unrecognized
    for trigger in ("PreAuthentication", "TokenGeneration"):
        pool.add_user(f"odd-{trigger}")
        assert failure_of(pool.begin, f"odd-{trigger}") == unrecognized


def test_an_error_has_the_headers_of_cognito(pool: Pool) -> None:
    pool.add_user("no-PreAuthentication-here")
    parameters = {"USERNAME": "no-PreAuthentication-here", "PASSWORD": PASSWORD}
    response = pool.call("InitiateAuth", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
    shown: Mapping[str, str] = response.headers
    assert (response.status_code, shown["x-amzn-ErrorType"]) == (400, "UserLambdaValidationException:")
    assert response.json()["__type"] == "UserLambdaValidationException"


def test_an_answer_that_names_a_flow_of_refreshing_is_looked_at_too(pool: Pool) -> None:
    name = "answers-no-PostAuthentication"
    pool.add_user(name)
    answer = {
        "ChallengeName": "CUSTOM_CHALLENGE",
        "Session": pool.begin(name, "CUSTOM_AUTH")["Session"],
        "ChallengeResponses": {"USERNAME": name, "ANSWER": "2"},
    }
    response = pool.call("RespondToAuthChallenge", AuthFlow="REFRESH_TOKEN_AUTH", **answer)
    told = response.json()
    assert (told.get("__type"), told.get("message")) == failed("PostAuthentication")


@pytest.mark.parametrize("version", [1, 2])
def test_the_tokens_trigger_waits_for_the_second_factor_and_fires_once(pool: Pool, version: int) -> None:
    trigger = {1: "PreTokenGeneration", 2: "PreTokenGenerationConfig"}[version]
    guarded = Pool(pool.stage, version).make_another(trigger, "PostAuthentication")
    guarded.ask_for_factor()
    name = f"nina-{version}"
    guarded.add_user(name)
    challenge = guarded.begin(name)
    assert guarded.sources(name) == []
    tokens = guarded.set_factor_up(name, challenge, ClientMetadata={"from": "test"})
    assert guarded.sources(name) == ["TokenGeneration_Authentication", "PostAuthentication_Authentication"]
    assert guarded.fired(name)[0]["request"]["clientMetadata"] == {"from": "test"}
    assert decode(tokens["IdToken"])["plan"] == "gold"
    told = tell_changes(pool.stage.state_folder / "aws" / FILE, tokens["IdToken"])
    assert "set plan, cognito:groups; dropped email" in str(told)
    assert tokens["RefreshToken"].count(".") == 4


def test_who_is_asked_for_no_factor_gets_tokens_of_the_trigger_at_once(pool: Pool) -> None:
    guarded = pool.make_another("PreTokenGeneration")
    guarded.ask_for_factor("OPTIONAL")
    guarded.add_user("omar")
    assert decode(guarded.sign_in("omar")["IdToken"])["plan"] == "gold"
    guarded.add_user("new-omar", permanent=False)
    challenge = guarded.begin("new-omar")
    answered = guarded.answer(challenge, USERNAME="new-omar", NEW_PASSWORD=f"{PASSWORD}-new")
    tokens = answered["AuthenticationResult"]
    assert decode(tokens["IdToken"])["plan"] == "gold"
    fired = [*guarded.sources("omar"), *guarded.sources("new-omar")]
    assert fired == ["TokenGeneration_Authentication", "TokenGeneration_NewPasswordChallenge"]


def test_a_failing_trigger_lets_nobody_in_who_has_given_the_second_factor(pool: Pool) -> None:
    guarded = pool.make_another("PreTokenGeneration")
    guarded.ask_for_factor()
    name = "factor-no-TokenGeneration"
    guarded.add_user(name)
    assert failure_of(guarded.set_factor_up, name, guarded.begin(name)) == failed("PreTokenGeneration")
