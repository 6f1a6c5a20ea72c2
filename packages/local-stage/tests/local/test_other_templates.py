"""One template with what other people's templates have: it starts unmodified, and every route is enforced."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
import requests
from botocore.exceptions import ClientError

from tests.local.revealing_app import PASSWORD, create_user, get, sign_in
from tests.signed_request import sign_now
from tests.stage_process import StageProcess, running_stage

TEMPLATE = Path(__file__).with_name("other_template.yaml")
MACHINE = "{StartAt: Only, States: {Only: {Type: Pass, Result: '${Name}', End: true}}}"
CODE = """
import greeting
def handler(event, context):
    return {"statusCode": 200, "body": greeting.WORD + " zipped"}
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    folder = tmp_path_factory.mktemp("other")
    template = folder / TEMPLATE.name
    template.write_text(TEMPLATE.read_text())
    (folder / "machine.asl.yaml").write_text(MACHINE)
    zip_file(folder / "layer.zip", "python/greeting.py", "WORD = 'layer'\n")
    zip_file(folder / "escaping.zip", "../app.py", CODE)
    zip_file(folder / "function.zip", "app.py", CODE)
    options = ("--template", str(template), "--import-value", "other=s3cret", "shared-name=imported")
    with running_stage(folder, *options) as running:
        yield running


def zip_file(file: Path, name: str, text: str) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, text)


@pytest.fixture(scope="module")
def token(stage: StageProcess) -> str:
    create_user(stage, "alice")
    return sign_in(stage, "alice")


@pytest.mark.parametrize("path", ["/read", "/elsewhere", "/built", "/zipped", "/escaping", "/stored"])
def test_nobody_calls_without_a_token(stage: StageProcess, path: str) -> None:
    refused = get(stage, path)
    assert (refused.status_code, refused.json()) == (401, {"message": "Unauthorized"})


def test_a_function_reads_placeholders_of_what_is_not_here(stage: StageProcess, token: str) -> None:
    answer = get(stage, "/read", token)
    assert answer.status_code == 200
    bucket = answer.json().pop("BUCKET")
    assert stage.client("s3").head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer.json() == {
        "TABLE": "unknown-tablename",
        "ALARM": "unknown-alarm-arn",
        "CUSTOM": "unknown-custom-value",
        "NESTED": "unknown-nested-outputs-url",
        "ORIGIN": "unknown-origin",
        "SECRET": "s3cret",
        "BUCKET": bucket,
        "SHARED": "from ssm",
        "SHARED_KEY": "from the secret",
        "PARAMETER": "from ssm",
        "LISTED": "one+two",
        "IMPORTED": "imported",
    }


def test_a_route_whose_pool_is_not_known_lets_nobody_in(stage: StageProcess, token: str) -> None:
    assert get(stage, "/elsewhere", token).status_code == 401
    assert "ElsewherePoolArn" in stage.printed.partition("Not run locally")[0]


@pytest.mark.parametrize("path", ["/open", "/built", "/escaping", "/stored"])
def test_a_function_whose_code_is_not_here_fails(stage: StageProcess, token: str, path: str) -> None:
    assert get(stage, path, None if path == "/open" else token).status_code == 502


def test_a_state_machine_has_the_definition_of_its_file(stage: StageProcess) -> None:
    machine = stage.client("stepfunctions").describe_state_machine(
        stateMachineArn=stage.outputs["MachineArn"]
    )
    only = {"Type": "Pass", "Result": "dev", "End": True}
    assert json.loads(machine["definition"]) == {"StartAt": "Only", "States": {"Only": only}}


def test_code_and_layers_in_zip_files_are_run(stage: StageProcess, token: str) -> None:
    answer = get(stage, "/zipped", token)
    assert (answer.status_code, answer.text) == (200, "layer zipped")


def test_a_saved_zip_file_is_run_at_the_next_call(stage: StageProcess, token: str) -> None:
    saved = CODE.replace("zipped", "saved")
    zip_file(stage.state_folder.parent / "function.zip", "app.py", saved)
    assert get(stage, "/zipped", token).text == "layer saved"


def test_nobody_signs_in_where_a_trigger_that_could_refuse_it_cannot_run(stage: StageProcess) -> None:
    pool, client = stage.outputs["GuardedPoolId"], stage.outputs["GuardedClientId"]
    cognito = stage.client("cognito-idp")
    cognito.admin_create_user(UserPoolId=pool, Username="bob", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="bob", Password=PASSWORD, Permanent=True)
    parameters = {"USERNAME": "bob", "PASSWORD": PASSWORD}
    with pytest.raises(ClientError, match="PreAuthentication failed with error"):
        cognito.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
    with pytest.raises(ClientError, match="PreAuthentication failed with error"):
        cognito.admin_initiate_auth(
            UserPoolId=pool, ClientId=client, AuthFlow="ADMIN_USER_PASSWORD_AUTH", AuthParameters=parameters
        )
    with pytest.raises(ClientError, match="PreAuthentication failed with error"):
        cognito.initiate_auth(
            ClientId=client, AuthFlow="USER_SRP_AUTH", AuthParameters={"USERNAME": "bob", "SRP_A": "a"}
        )


@pytest.mark.parametrize(("verb", "path"), [("GET", "/items/1"), ("POST", "/items"), ("DELETE", "/items/1")])
def test_a_method_of_its_own_lets_nobody_in_without_a_token(
    stage: StageProcess, verb: str, path: str
) -> None:
    refused = requests.request(verb, stage.outputs["RawUrl"] + path, timeout=30)
    assert (refused.status_code, refused.json()) == (403, {"raw": True})


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "/items/1", 200),
        ("POST", "/items?page=1", 200),
        ("POST", "/items", 400),
        ("DELETE", "/items/1", 500),
        ("PUT", "/items/1", 403),
        ("PATCH", "/items/1", 403),
    ],
)
def test_methods_of_their_own_are_what_they_are_on_aws(
    stage: StageProcess, token: str, verb: str, path: str, status: int
) -> None:
    headers = {"X-Token": token, "Content-Type": "application/json"}
    body = '{"name": "x"}'
    answer = requests.request(verb, stage.outputs["RawUrl"] + path, headers=headers, data=body, timeout=30)
    assert answer.status_code == status
    assert status != HTTPStatus.OK or answer.text.startswith("alice/items")


def test_a_body_that_breaks_a_model_of_its_own_is_refused(stage: StageProcess, token: str) -> None:
    headers = {"X-Token": token, "Content-Type": "application/json"}
    url = stage.outputs["RawUrl"] + "/items?page=1"
    answer = requests.post(url, headers=headers, data="{}", timeout=30)
    assert (answer.status_code, answer.json()) == (400, {"message": "Invalid request body"})


def test_a_mock_of_its_own_is_open(stage: StageProcess) -> None:
    answer = requests.options(stage.outputs["RawUrl"] + "/items", timeout=30)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (204, "*")


@pytest.mark.parametrize(
    ("url", "path", "status"),
    [
        ("RawHttpUrl", "/items/1", 401),
        ("RawHttpUrl", "/scoped", 401),
        ("RawHttpUrl", "/unknown", 401),
        ("RawHttpUrl", "/mapped", 401),
        ("RawHttpUrl", "/open", 200),
        ("RawHttpUrl", "/elsewhere", 404),
        ("QuickUrl", "/anything", 401),
        ("QuickUrl", "/open", 200),
    ],
)
def test_a_route_of_its_own_lets_in_whom_it_says(
    stage: StageProcess, url: str, path: str, status: int
) -> None:
    answer = requests.get(stage.outputs[url] + path, timeout=30)
    assert answer.status_code == status
    assert status != HTTPStatus.OK or answer.text.startswith("anybody GET /open ")


@pytest.mark.parametrize(
    ("url", "path", "expected"),
    [
        ("RawHttpUrl", "/items/1", (200, "alice GET /items/{id} None")),
        ("RawHttpUrl", "/scoped", (403, '{"message":"Forbidden"}')),
        ("RawHttpUrl", "/unknown", (401, '{"message":"Unauthorized"}')),
        ("RawHttpUrl", "/mapped", (500, '{"message":"Internal Server Error"}')),
        ("QuickUrl", "/anything", (200, "alice $default blue")),
    ],
)
def test_a_token_opens_routes_of_their_own(
    stage: StageProcess, token: str, url: str, path: str, expected: tuple[int, str]
) -> None:
    answer = requests.get(stage.outputs[url] + path, headers={"Authorization": token}, timeout=30)
    assert (answer.status_code, answer.text) == expected


def test_a_signature_opens_a_route_of_its_own(stage: StageProcess) -> None:
    url = stage.outputs["RawHttpUrl"] + "/signed"
    unsigned = requests.get(url, timeout=30)
    assert (unsigned.status_code, unsigned.json()) == (403, {"message": "Forbidden"})
    signed = requests.get(url, headers=sign_now(url), timeout=30)
    assert (signed.status_code, signed.text) == (200, "anybody GET /signed None")


@pytest.mark.parametrize(("key", "status"), [(None, 401), ("wrong", 403), ("right", 200)])
def test_a_function_opens_a_route_of_its_own(stage: StageProcess, key: str | None, status: int) -> None:
    headers = {"x-key": key} if key else {}
    answer = requests.get(stage.outputs["RawHttpUrl"] + "/judged", headers=headers, timeout=30)
    assert answer.status_code == status


def test_an_api_of_its_own_answers_preflights(stage: StageProcess) -> None:
    headers = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    answer = requests.options(f"{stage.outputs['RawHttpUrl']}/items/1", headers=headers, timeout=30)
    allowed = answer.headers["Access-Control-Allow-Origin"]
    assert (answer.status_code, allowed) == (204, "https://app.example")


def test_what_the_local_aws_has_names_what_it_has_not(stage: StageProcess) -> None:
    value = stage.client("ssm").get_parameter(Name="/other/api")["Parameter"]["Value"]
    assert value.endswith(" unknown-alarm")


@pytest.mark.parametrize(
    "line",
    [
        "Parameters.TableName: has no default, and a placeholder stands for it; pass --parameter-overrides",
        "Parameters.Origin: names /other/origin in SSM, which is not known; pass --import-value",
        "Alarm (AWS::CloudWatch::Alarm): it is not run locally",
        "Copy (AWS::SSM::Parameter): the local AWS cannot have it: Requested attribute NewAttribute does not",
        "ElsewhereClient (AWS::Cognito::UserPoolClient): it is not run locally",
        "Nested (AWS::Serverless::Application): it is not run locally",
        "Published (AWS::Serverless::Application): it is not run locally",
        "Pool.LambdaConfig.InboundFederation (AWS::Cognito::UserPool): it is not run locally",
        "ReadingFunction.Layers (AWS::Serverless::Function): arn:aws:lambda:",
        "RawHttp.Integration.type (AWS::ApiGateway::Method): an integration of type http_proxy is not run",
        "RawElsewhere.ResourceId (AWS::ApiGateway::Method): its resource is not in this template",
        "SocketApi (AWS::ApiGatewayV2::Api): WebSocket APIs are not served locally",
        "RawHttpMapped (AWS::ApiGatewayV2::Route): requestParameters of an integration are not",
        "EscapingFunction (AWS::Serverless::Function): CodeUri names what is not taken: escaping.zip holds",
        "StoredFunction (AWS::Serverless::Function): CodeUri names s3://bucket/function.zip, which is not on",
        "OpenFunction (AWS::Serverless::Function): CodeUri names not-built/, which is not there; its routes",
    ],
)
def test_what_is_not_run_is_told(stage: StageProcess, line: str) -> None:
    assert f"  {line}" in stage.printed.partition("Not run locally\n")[2]
