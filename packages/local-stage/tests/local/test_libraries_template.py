"""A template.yml that names the very Python, brings a library, and has Powertools' layer by ARN."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_stage.testing.stage_process import running_stage
from tests.local.pooled_functions import write_functions
from tests.local.revealing_app import create_user, get, sign_in
from tests.local.wheel_file import write_wheel
from tests.stage_process import CACHE, StageProcess, run_stage

RUNTIME = f"python3.{sys.version_info.minor}"
LAYER = f"AWSLambdaPowertoolsPythonV3-{RUNTIME.replace('.', '')}-x86_64"
UNKNOWN, KNOWN = f"{LAYER}:99", f"{LAYER}:6"
FUNCTIONS = f"""\
  OwnFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: {RUNTIME}
      Handler: app.handler
      CodeUri: own
      Events: {{Get: {{Type: Api, Properties: {{RestApiId: !Ref Api, Path: /own, Method: get}}}}}}
  LayeredFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: {RUNTIME}
      Handler: app.handler
      CodeUri: layered
      Layers: [!Sub "arn:aws:lambda:${{AWS::Region}}:017000801446:layer:{UNKNOWN}"]
      Events: {{Get: {{Type: Api, Properties: {{RestApiId: !Ref Api, Path: /layered, Method: get}}}}}}
  KnownFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: {RUNTIME}
      Handler: app.handler
      CodeUri: layered
      Layers: [!Sub "arn:aws:lambda:${{AWS::Region}}:017000801446:layer:{KNOWN}"]
      Events: {{Get: {{Type: Api, Properties: {{RestApiId: !Ref Api, Path: /known, Method: get}}}}}}
"""
TELL = """
import sys, {0}
def handler(event, context):
    return {{"statusCode": 200, "body": f"{{{0}.VERSION}} {{sys.version_info.minor}}"}}
"""
FILES = {
    "own/app.py": TELL.format("boto3"),
    "own/requirements.txt": "./boto3-99.0-py3-none-any.whl\n",
    "layered/app.py": TELL.format("aws_lambda_powertools"),
}
ROUTES = ("/own", "/layered", "/known")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    """A stage that finds its template, an index with other releases of Powertools, and a cache of its own."""
    folder, index = tmp_path_factory.mktemp("libraries"), tmp_path_factory.mktemp("index")
    (folder / "own").mkdir()
    write_wheel(folder / "own", "boto3", "99.0", {"boto3/__init__.py": "VERSION = 'own'\n"})
    # By its local label, the known version is newer than the one of another index.
    for version, name in (("3.999.0", "newest"), ("3.4.1+own", "known")):
        powertools = {"aws_lambda_powertools/__init__.py": f"VERSION = {name!r}\n"}
        write_wheel(index, "aws_lambda_powertools", version, powertools)
    (folder / "cache").mkdir()
    for kept in (*CACHE.glob("libraries-*"), *CACHE.glob("runtime-*")):
        (folder / "cache" / kept.name).symlink_to(kept)
    options = ("--strict-runtimes", "--cache-folder", str(folder / "cache"))
    environment = {**os.environ, "PIP_FIND_LINKS": str(index)}
    write_functions(folder, FUNCTIONS, FILES).rename(folder / "template.yml")
    with running_stage(folder, *options, environment=environment) as running:
        yield running


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_calls_without_a_token(stage: StageProcess, route: str) -> None:
    refused = get(stage, route)
    assert (refused.status_code, refused.json()) == (401, {"message": "Unauthorized"})


def test_the_functions_own_library_comes_before_lambdas_and_the_layers_is_the_indexs(
    stage: StageProcess,
) -> None:
    """Both run on the very Python that the template names."""
    create_user(stage, "alice")
    token = sign_in(stage, "alice")
    told = {route: (get(stage, route, token).status_code, get(stage, route, token).text) for route in ROUTES}
    minor = sys.version_info.minor
    layers = {"/layered": (200, f"newest {minor}"), "/known": (200, f"known {minor}")}
    assert told == {"/own": (200, f"own {minor}"), **layers}
    listed = stage.printed.partition("Not run locally\n")[2]
    assert KNOWN not in listed
    assert f"{UNKNOWN} is of a version not known here; the newest of its generation is taken" in listed


@pytest.mark.whole
def test_another_python_than_the_templates_is_refused_for_each_function_at_once(tmp_path: Path) -> None:
    template = write_functions(tmp_path, FUNCTIONS.replace(RUNTIME, "python3.15"), FILES)
    ended = run_stage(tmp_path, "--template", str(template), "--strict-runtimes")
    assert ended.exit_code == 2
    why = "Runtime: python3.15 is not on this machine; with --strict-runtimes "
    told = [line for line in ended.log.splitlines() if why in line]
    assert [line.partition(why)[0].split(": ")[-1] for line in told] == [
        "KnownFunction.",
        "LayeredFunction.",
        "OwnFunction.",
    ]
