"""One template whose functions are in several languages: each route is protected, whatever can answer it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.local.pooled_functions import BOOTSTRAP, running_functions
from tests.local.revealing_app import create_user, get, sign_in
from tests.stage_process import StageProcess

NODE = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not on the PATH")

FUNCTIONS = """\
  NodeFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      InlineCode: |
        exports.handler = async (event) =>
          ({ statusCode: 200, body: "node " + event.requestContext.authorizer.claims["cognito:username"] });
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /node, Method: get}}}
  PythonFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.11
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            claims = event["requestContext"]["authorizer"]["claims"]
            return {"statusCode": 200, "body": "python " + claims["cognito:username"]}
      FunctionUrlConfig: {AuthType: AWS_IAM, InvokeMode: RESPONSE_STREAM}
      Events:
        Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /python, Method: get}}
        Stream:
          Type: Api
          Properties: {RestApiId: !Ref Api, Path: /stream, Method: get, ResponseTransferMode: RESPONSE_STREAM}
  OwnFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: provided.al2023
      Handler: any
      CodeUri: own
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /own, Method: get}}}
  JavaFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: java21
      Handler: app.Main::handle
      CodeUri: java
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /java, Method: get}}}
  SdkFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import importlib.util, os, boto3, dateutil, jmespath, six, urllib3
        def handler(event, context):
            absent = [name for name in ("requests", "pip", "local_stage") if importlib.util.find_spec(name)]
            last = os.environ["PYTHONPATH"].split(":")[-1]
            return {"statusCode": 200, "body": f"{boto3.__file__.startswith(last)} {absent}"}
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /sdk, Method: get}}}
  BrokenFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: broken
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /broken, Method: get}}}
  BrokenNodeFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: app.handler
      CodeUri: broken-node
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /broken-node, Method: get}}}
"""

FILES = {
    "own/bootstrap": BOOTSTRAP.replace("WORD", "own"),
    "broken/requirements.txt": "./absent-1.0-py3-none-any.whl\n",
    "broken/app.py": "def handler(event, context):\n    return {'statusCode': 200, 'body': 'mended'}\n",
    "broken-node/package.json": '{"dependencies": {"absent": "file:./absent.tgz"}}',
    "broken-node/app.js": "exports.handler = async () => ({ statusCode: 200 });",
}
ROUTES = ("node", "python", "stream", "own", "java", "sdk", "broken", "broken-node")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    folder = tmp_path_factory.mktemp("runtimes")
    with running_functions(folder, FUNCTIONS, FILES) as running:
        yield running


@pytest.fixture(scope="module")
def token(stage: StageProcess) -> str:
    create_user(stage, "alice")
    return sign_in(stage, "alice")


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_calls_without_a_token(stage: StageProcess, route: str) -> None:
    refused = get(stage, f"/{route}")
    assert (refused.status_code, refused.json()) == (401, {"message": "Unauthorized"})


@pytest.mark.parametrize("route", [pytest.param("node", marks=NODE), "python", "own"])
def test_every_language_gets_the_callers_claims(stage: StageProcess, token: str, route: str) -> None:
    answer = get(stage, f"/{route}", token)
    assert (answer.status_code, answer.text) == (200, f"{route} alice")


def test_a_function_that_cannot_run_answers_502_and_the_log_says_why(stage: StageProcess, token: str) -> None:
    answer = get(stage, "/java", token)
    assert (answer.status_code, answer.json()) == (502, {"message": "Internal server error"})
    assert "JavaFunction: the runtime java21 is not run locally; its routes answer 502" in stage.log
    listed = stage.printed.partition("Not run locally\n")[2]
    assert "  JavaFunction (AWS::Serverless::Function): the runtime java21 is not run locally" in listed
    assert "JavaFunction failed to start: Runtime.Unavailable" in stage.wait_for_log("failed to start")


def test_that_a_runtime_is_not_run_is_told_and_not_that_its_folder_is_missing(stage: StageProcess) -> None:
    """The folder that JavaFunction names is not there either; making it would not help."""
    told = [line for line in f"{stage.log}\n{stage.printed}".splitlines() if "JavaFunction" in line]
    assert any("java21 is not run locally" in line for line in told)
    assert not [line for line in told if "CodeUri" in line or "folder" in line]


def test_what_streams_its_response_is_listed_and_no_route_of_it_runs(stage: StageProcess, token: str) -> None:
    """A method answers 500; a function's URL is not served at all, and who may call it is asked nowhere."""
    answer = get(stage, "/stream", token)
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal server error"})
    why = "responseTransferMode: STREAM is not buffered: streamed responses are not run locally"
    assert why in stage.wait_for_log("500 GET /dev/stream")
    listed = stage.printed.partition("Not run locally\n")[2]
    assert "streamed responses are not run locally; the method answers 500" in listed
    assert "  PythonFunctionUrl (AWS::Lambda::Url): it is not run locally" in listed


def test_what_lambdas_runtime_brings_is_there_last_on_the_path_and_nothing_else(
    stage: StageProcess, token: str
) -> None:
    assert get(stage, "/sdk", token).text == "True []"


@pytest.mark.parametrize(
    ("route", "function", "said"),
    [
        ("broken", "BrokenFunction", "ERROR: Could not install packages"),
        pytest.param("broken-node", "BrokenNodeFunction", "npm error code ENOENT", marks=NODE),
    ],
)
def test_packages_that_cannot_be_installed_keep_one_function_from_running(
    stage: StageProcess, token: str, route: str, function: str, said: str
) -> None:
    assert get(stage, f"/{route}", token).status_code == 502
    lines = [line for line in stage.log.splitlines() if line.startswith(f"{function}: ")]
    (line,) = [line for line in lines if "cannot be installed" in line]
    assert said in stage.log.partition(line)[2]
    assert said in stage.log.partition(f"502 GET /dev/{route}: {function} failed to start")[2]
    assert f"  {function} (AWS::Serverless::Function): " in stage.printed


def test_a_function_runs_as_soon_as_its_requirements_are_mended(stage: StageProcess, token: str) -> None:
    (stage.folder / "broken" / "requirements.txt").write_text("# nothing\n")
    assert get(stage, "/broken", token).text == "mended"
