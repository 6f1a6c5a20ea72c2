"""Who becomes a user is looked at by the pool's triggers, and one that fails fails the call."""

from __future__ import annotations

from tests.local.triggers.triggered_pools import Pool, failed, failure_of
from tests.stage_process import StageProcess


def test_no_trigger_is_left_out(stage: StageProcess) -> None:
    assert "LambdaConfig" not in stage.printed


def test_who_signs_up_is_looked_at_and_confirmed_and_told(pool: Pool) -> None:
    pair = {"Name": "invitation", "Value": "yes"}
    pool.sign_up("ann", ValidationData=[pair], ClientMetadata={"from": "test"})
    pool.cognito.resend_confirmation_code(ClientId=pool.client_id, Username="ann")
    code = pool.read_code("ann", "confirm the sign-up", 2)
    pool.cognito.confirm_sign_up(ClientId=pool.client_id, Username="ann", ConfirmationCode=code)
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


def test_an_administrators_user_of_an_address_is_looked_at_too(pool: Pool) -> None:
    by_address = pool.make_another("PreSignUp", UsernameAttributes=["email"])
    named = {"UserPoolId": by_address.id, "Username": "lou@example.com", "MessageAction": "SUPPRESS"}
    made = by_address.cognito.admin_create_user(**named)["User"]
    assert {"Name": "email", "Value": "lou@example.com"} in made["Attributes"]
    refused = {**named, "Username": "max@example.com", "UserAttributes": [{"Name": "sub", "Value": "0"}]}
    assert failure_of(by_address.cognito.admin_create_user, **refused)[0] == "InvalidParameterException"


def test_a_failing_trigger_keeps_people_from_signing_up(pool: Pool) -> None:
    assert failure_of(pool.sign_up, "no-PreSignUp") == failed("PreSignUp")
    assert failure_of(pool.add_user, "admins-no-PreSignUp") == failed("PreSignUp")
    assert failure_of(pool.sign_up, "no-CustomMessage") == failed("CustomMessage")
    assert failure_of(pool.sign_up, "confirmed-no-PostConfirmation") == failed("PostConfirmation")
    listed = pool.cognito.list_users(UserPoolId=pool.id)["Users"]
    assert not {"no-PreSignUp", "admins-no-PreSignUp"} & {user["Username"] for user in listed}
