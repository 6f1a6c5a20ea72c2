"""One template with functions of every kind: in packages, inline, with layers, of limited concurrency."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.local.lambda_runtime.test_requirements import write_wheel
from tests.processes import wait_until
from tests.stage_process import StageProcess, running_stage

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.13
    Timeout: 20
    MemorySize: 256
    CodeUri: everything
    Environment: {Variables: {SHARED: globals, TABLE: !Ref Api}}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties: {StageName: dev, OpenApiVersion: 3.0.3}
  Greetings:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layers/greetings}
  Packages:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.13}
    Properties: {ContentUri: layers/packages, LayerName: packages}
  Old:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.9}
    Properties: {ContentUri: layers/packages}
  Broken:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.13}
    Properties: {ContentUri: layers/broken}
  NodePackages:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: nodejs22.x}
    Properties: {ContentUri: layers/node}
  Made:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: makefile}
    Properties: {ContentUri: layers/made}
  ManyLayersFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: many
      Handler: many.handler
      Layers:
        - !Ref Old
        - !Ref Broken
        - !Ref Made
        - !Sub "arn:aws:lambda:${AWS::Region}:123456789012:layer:Given:7"
        - !Sub "arn:aws:lambda:${AWS::Region}:580247275435:layer:LambdaInsightsExtension:2"
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /many, Method: get}}}
  NodeLayerFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: node
      Handler: node.handler
      Runtime: nodejs14.x
      Layers: [!Ref NodePackages]
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /node, Method: get}}}
  PackagedFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: api.v1.main.handler
      Environment: {Variables: {OWN: packaged}}
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /packaged, Method: get}}}
  OtherFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: other/source
      Handler: main.handler
      Timeout: 7
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /other, Method: get}}}
  InlineFunction:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        def handler(event, context):
            return {"statusCode": 200, "body": __name__ + " " + context.function_name}
      Handler: index.handler
      FunctionName: inline-one
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /inline, Method: get}}}
  LayeredFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: layered.handler
      Layers: [!Ref Packages, !Ref Greetings]
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /layered, Method: get}}}
  ReservedFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: gate.handler
      ReservedConcurrentExecutions: 1
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /reserved, Method: get}}}
  OffFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: gate.handler
      ReservedConcurrentExecutions: 0
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /off, Method: get}}}
  GateFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: gate.handler
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /gate, Method: get}}}
Outputs:
  ApiUrl: {Value: !Sub "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/dev"}
"""

FILES = {
    "everything/api/__init__.py": "",
    "everything/api/v1/main.py": """
        import os
        from api.v1 import names

        def handler(event, context):
            told = [__name__, names.NAME, os.environ["OWN"], os.environ["SHARED"], context.memory_limit_in_mb]
            return {"statusCode": 200, "body": " ".join(told)}
    """,
    "everything/api/v1/names.py": "NAME = 'beside it'",
    "everything/layered.py": """
        import greeting_package, greetings

        def handler(event, context):
            return {"statusCode": 200, "body": f"{greetings.TEXT} {greeting_package.TEXT}"}
    """,
    "everything/gate.py": """
        import os, pathlib, time

        def handler(event, context):
            folder = pathlib.Path(event["queryStringParameters"]["folder"])
            (folder / context.aws_request_id).touch()
            while not (folder / "open").exists():
                time.sleep(0.005)
            return {"statusCode": 200, "body": str(os.getpid())}
    """,
    "other/source/main.py": """
        import os

        def handler(event, context):
            seconds = round(context.get_remaining_time_in_millis() / 1000)
            return {"statusCode": 200, "body": f"{seconds} {os.environ['SHARED']} {'OWN' in os.environ}"}
    """,
    "layers/greetings/python/greetings.py": "TEXT = 'hello'",
    "many/many.py": """
        import given, greeting_package, made

        def handler(event, context):
            return {"statusCode": 200, "body": f"{given.TEXT} {greeting_package.TEXT} {made.TEXT}"}
    """,
    "node/node.js": """
        const { greeting } = require("greeting");
        exports.handler = async () => ({ statusCode: 200, body: greeting });
    """,
    "given/python/given.py": "TEXT = 'given'",
    "layers/broken/requirements.txt": "./absent-1.0-py3-none-any.whl",
    "layers/node/package.json": '{"dependencies": {"greeting": "file:GREETING"}}',
    "greeting/package.json": '{"name": "greeting", "version": "1.0.0"}',
    "greeting/index.js": "exports.greeting = 'hello from a layer';",
    "layers/made/Makefile": "build-Made:\n\tmkdir $(ARTIFACTS_DIR)/python\n"
    "\techo TEXT = \"'made'\" >$(ARTIFACTS_DIR)/python/made.py\n",
    "layers/packages/requirements.txt": "./greeting_package-1.0-py3-none-any.whl",
}

CONCURRENCY = 3


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("functions")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(textwrap.dedent(text.replace("GREETING", f"{folder}/greeting")))
    write_wheel(folder / "layers" / "packages", "world")
    (folder / "template.yaml").write_text(TEMPLATE)
    return folder


@pytest.fixture(scope="module")
def stage(project: Path) -> Iterator[StageProcess]:
    template = str(project / "template.yaml")
    given = f"arn:aws:lambda:ap-northeast-1:123456789012:layer:Given={project}/given"
    options = ("--template", template, "--concurrency", str(CONCURRENCY), "--layer", given)
    with running_stage(project, *options) as running:
        yield running


def get(stage: StageProcess, path: str, **parameters: Any) -> requests.Response:
    return requests.get(f"{stage.api_url}{path}", params=parameters, timeout=30)


def test_a_handler_in_a_package(stage: StageProcess) -> None:
    assert get(stage, "/packaged").text == "api.v1.main beside it packaged globals 256"


def test_another_folder_and_timeout_and_no_variables_of_its_neighbours(stage: StageProcess) -> None:
    assert get(stage, "/other").text == "7 globals False"


def test_inline_code_under_a_name_of_its_own(stage: StageProcess) -> None:
    assert get(stage, "/inline").text == "index inline-one"


def test_layers_as_they_are_and_built(stage: StageProcess) -> None:
    assert get(stage, "/layered").text == "hello world"


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not on the PATH")
def test_layers_of_other_pythons_made_and_given_are_there_and_what_is_not_is_listed(
    stage: StageProcess,
) -> None:
    assert get(stage, "/many").text == "given world made"
    listed = stage.printed.partition("Not run locally\n")[2]
    assert "ManyLayersFunction.Layers (AWS::Serverless::Function): Broken is left out: what " in listed
    insights = "arn:aws:lambda:ap-northeast-1:580247275435:layer:LambdaInsightsExtension:2"
    assert f"{insights} is not on this machine; the function runs without it" in listed


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not on the PATH")
def test_a_layer_of_node_packages_and_an_older_node(stage: StageProcess) -> None:
    assert get(stage, "/node").text == "hello from a layer"


def test_a_saved_layer_answers_the_next_request(stage: StageProcess, project: Path) -> None:
    module = project / "layers" / "greetings" / "python" / "greetings.py"
    module.write_text("TEXT = 'goodbye'")
    assert get(stage, "/layered").text == "goodbye world"
    module.write_text("TEXT = 'hello'")
    assert get(stage, "/layered").text == "hello world"


def test_beyond_its_reservation_a_function_is_an_internal_error_at_once(
    stage: StageProcess, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(get, stage, "/reserved", folder=tmp_path)
        _wait_for_files(tmp_path, 1)
        second = get(stage, "/reserved", folder=tmp_path)
        assert (second.status_code, second.json()) == (500, {"message": "Internal server error"})
        (tmp_path / "open").touch()
        assert first.result().status_code == 200
    assert "its ReservedConcurrentExecutions is 1" in stage.log


def test_a_function_that_is_switched_off_is_an_internal_error(stage: StageProcess, tmp_path: Path) -> None:
    assert get(stage, "/off", folder=tmp_path).status_code == 500


def test_as_many_environments_run_as_the_command_line_says(stage: StageProcess, tmp_path: Path) -> None:
    """One more request waits until one of them is free."""
    with ThreadPoolExecutor(CONCURRENCY + 1) as pool:
        calls = [pool.submit(get, stage, "/gate", folder=tmp_path) for _ in range(CONCURRENCY + 1)]
        _wait_for_files(tmp_path, CONCURRENCY)
        (tmp_path / "open").touch()
        answers = [call.result() for call in calls]
    assert [answer.status_code for answer in answers] == [200] * (CONCURRENCY + 1)
    assert len({answer.text for answer in answers}) == CONCURRENCY


def test_requests_under_way_finish_on_the_old_code(
    stage: StageProcess, project: Path, tmp_path: Path
) -> None:
    module = project / "everything" / "gate.py"
    source = module.read_text()
    with ThreadPoolExecutor(1) as pool:
        old = pool.submit(get, stage, "/gate", folder=tmp_path)
        _wait_for_files(tmp_path, 1)
        module.write_text('def handler(event, context):\n    return {"statusCode": 200, "body": "new"}\n')
        assert get(stage, "/gate").text == "new"
        (tmp_path / "open").touch()
        assert old.result().text.isdecimal()
    module.write_text(source)


def test_a_template_that_takes_a_layer_away_is_served_from_the_next_request_on(
    stage: StageProcess, project: Path
) -> None:
    template = project / "template.yaml"
    template.write_text(
        TEMPLATE.replace("Layers: [!Ref Packages, !Ref Greetings]", "Layers: [!Ref Packages]")
    )
    assert get(stage, "/layered").status_code == 502
    assert "No module named 'greetings'" in stage.log
    template.write_text(TEMPLATE)
    assert get(stage, "/layered").text == "hello world"


def _wait_for_files(folder: Path, count: int) -> None:
    wait_until(lambda: len(list(folder.iterdir())) >= count)
