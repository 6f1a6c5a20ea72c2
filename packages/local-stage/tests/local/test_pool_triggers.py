"""A user pool's triggers run as Cognito runs them, and one that fails fails the call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from tests.local.emulated_pool import PASSWORD, decode, new_name, refusal
from tests.local.triggered_pools import Pool, running_triggers
from tests.stage_process import StageProcess


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    with running_triggers(tmp_path_factory.mktemp("triggers")) as running:
        yield running


@pytest.fixture(scope="module")
def pool(stage: StageProcess) -> Pool:
    made = Pool(stage)
    made.sign_up("first")  # which starts the function, and a trigger that is too slow is asked again
    return made


def failure_of(call: Any, *arguments: Any, **named: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **named)
    return refusal(caught.value)


def failed(trigger: str) -> tuple[str, str]:
    return "UserLambdaValidationException", f"{trigger} failed with error not today."


def test_no_trigger_is_left_out(stage: StageProcess) -> None:
    assert "LambdaConfig" not in stage.printed


def test_who_signs_up_is_looked_at_and_confirmed_and_told(pool: Pool) -> None:
    pair = {"Name": "invitation", "Value": "yes"}
    pool.sign_up("ann", ValidationData=[pair], ClientMetadata={"from": "test"})
    pool.cognito.resend_confirmation_code(ClientId=pool.client_id, Username="ann")
    pool.cognito.confirm_sign_up(ClientId=pool.client_id, Username="ann", ConfirmationCode="123456")
    assert pool.sources("ann") == [
        "PreSignUp_SignUp",
        "CustomMessage_SignUp",
        "CustomMessage_ResendCode",
        "PostConfirmation_ConfirmSignUp",
    ]
    event = pool.fired("ann")[0]
    assert event["request"] == {
        "userAttributes": {"email": "ann@example.com"},
        "validationData": {"invitation": "yes"},
        "clientMetadata": {"from": "test"},
    }
    assert (event["version"], event["userPoolId"], event["callerContext"]["clientId"]) == (
        "1",
        pool.id,
        pool.client_id,
    )
    confirmed = pool.fired("ann")[-1]["request"]["userAttributes"]
    assert (confirmed["cognito:user_status"], confirmed["email_verified"]) == ("CONFIRMED", "true")


def test_who_is_confirmed_at_once_gets_no_code(pool: Pool) -> None:
    assert pool.sign_up("confirmed-bob")["UserConfirmed"] is True
    assert pool.sources("confirmed-bob") == ["PreSignUp_SignUp", "PostConfirmation_ConfirmSignUp"]


def test_an_administrators_new_user_is_looked_at_too(pool: Pool) -> None:
    pool.cognito.admin_create_user(
        UserPoolId=pool.id,
        Username="carl",
        UserAttributes=[{"Name": "email", "Value": "carl@example.com"}],
        DesiredDeliveryMediums=["EMAIL"],
    )
    assert pool.sources("carl") == ["PreSignUp_AdminCreateUser", "CustomMessage_AdminCreateUser"]
    pool.sign_up("dora")
    pool.cognito.admin_confirm_sign_up(UserPoolId=pool.id, Username="dora")
    assert pool.sources("dora")[-1] == "PostConfirmation_ConfirmSignUp"


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
    pool.cognito.confirm_forgot_password(
        ClientId=pool.client_id, Username=forgetful, ConfirmationCode="654321", Password="Right-Horse-7"
    )
    assert pool.sources(forgetful) == [
        "UserMigration_ForgotPassword",
        "CustomMessage_ForgotPassword",
        "PostConfirmation_ConfirmForgotPassword",
    ]


def test_nobody_is_migrated_with_attributes_that_the_pool_does_not_have(pool: Pool) -> None:
    expected = ("UserNotFoundException", f"Exception migrating user in app client {pool.client_id}")
    assert failure_of(pool.begin, "migrant-coloured") == expected
    assert failure_of(pool.cognito.admin_get_user, UserPoolId=pool.id, Username="migrant-coloured")


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


def test_an_administrators_user_of_an_address_is_looked_at_too(pool: Pool) -> None:
    by_address = pool.make_another("PreSignUp", UsernameAttributes=["email"])
    named = {"UserPoolId": by_address.id, "Username": "lou@example.com", "MessageAction": "SUPPRESS"}
    made = by_address.cognito.admin_create_user(**named)["User"]
    assert {"Name": "email", "Value": "lou@example.com"} in made["Attributes"]
    refused = {**named, "Username": "max@example.com", "UserAttributes": [{"Name": "sub", "Value": "0"}]}
    assert failure_of(by_address.cognito.admin_create_user, **refused)[0] == "InvalidParameterException"


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


def test_a_failing_trigger_keeps_people_from_signing_up(pool: Pool) -> None:
    assert failure_of(pool.sign_up, "no-PreSignUp") == failed("PreSignUp")
    assert failure_of(pool.add_user, "admins-no-PreSignUp") == failed("PreSignUp")
    assert failure_of(pool.sign_up, "no-CustomMessage") == failed("CustomMessage")
    assert failure_of(pool.sign_up, "confirmed-no-PostConfirmation") == failed("PostConfirmation")
    listed = pool.cognito.list_users(UserPoolId=pool.id)["Users"]
    assert not {"no-PreSignUp", "admins-no-PreSignUp"} & {user["Username"] for user in listed}


def test_what_is_no_event_is_no_answer(pool: Pool) -> None:
    unrecognized = ("InvalidLambdaResponseException", "Unrecognizable lambda output")
    assert failure_of(pool.sign_up, "odd-PreSignUp") == unrecognized
    for trigger in ("PreAuthentication", "TokenGeneration"):
        pool.add_user(f"odd-{trigger}")
        assert failure_of(pool.begin, f"odd-{trigger}") == unrecognized


def test_an_error_has_the_headers_of_cognito(pool: Pool) -> None:
    body = {
        "ClientId": pool.client_id,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "no-PreAuthentication-here", "PASSWORD": PASSWORD},
    }
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
    }
    url = pool.stage.find_running().aws_endpoint_url
    pool.add_user("no-PreAuthentication-here")
    response = requests.post(url, json=body, headers=headers, timeout=30)
    shown: Mapping[str, str] = response.headers
    assert (response.status_code, shown["x-amzn-ErrorType"]) == (400, "UserLambdaValidationException:")
    assert response.json()["__type"] == "UserLambdaValidationException"


def test_managed_login_fires_the_same_triggers(pool: Pool) -> None:
    pool.add_user("hal")
    logged_in = pool.log_in("hal")
    assert logged_in.status_code == 302
    tokens = pool.exchange(logged_in.headers["location"]).json()
    assert decode(tokens["id_token"])["plan"] == "gold"
    assert pool.sources("hal")[1:] == [
        "PreAuthentication_Authentication",
        "TokenGeneration_HostedAuth",
        "PostAuthentication_Authentication",
    ]


@pytest.mark.parametrize("operation", ["InitiateAuth", "ListUsers"])
def test_managed_login_is_known_by_its_path_whatever_operation_a_header_names(
    pool: Pool, operation: str
) -> None:
    named = {"X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}"}
    refused, passed = (f"{operation}-no-{trigger}" for trigger in ("PreAuthentication", "PostAuthentication"))
    pool.add_user(refused)
    assert pool.log_in(refused, **named).status_code == 400
    assert "PreAuthentication_Authentication" in pool.sources(refused)
    pool.add_user(passed)
    assert pool.exchange(pool.log_in(passed, **named).headers["location"], **named).status_code == 400
    assert pool.sources(passed)[-1] == "PostAuthentication_Authentication"


def test_a_failing_trigger_lets_nobody_in_by_managed_login(pool: Pool) -> None:
    pool.add_user("login-no-PreAuthentication")
    refused = pool.log_in("login-no-PreAuthentication")
    assert (refused.status_code, "location" in refused.headers) == (400, False)
    assert "PreAuthentication failed with error not today." in refused.text
    doubled = {"username": "login-no-PreAuthentication", "password": PASSWORD, "client_id": pool.client_id}
    form = "&".join(f"{name}={value}" for name, value in doubled.items())
    url = pool.stage.find_running().aws_endpoint_url + "/login"
    assert requests.post(url, data=f"{form}&username=nobody", timeout=60).status_code == 400
    for trigger in ("PostAuthentication", "TokenGeneration"):
        name = f"login-no-{trigger}"
        pool.add_user(name)
        refused = pool.exchange(pool.log_in(name).headers["location"])
        told = f"{trigger.replace('Token', 'PreToken')} failed with error not today."
        assert (refused.status_code, refused.json()) == (
            400,
            {"error": "invalid_grant", "error_description": told},
        )
