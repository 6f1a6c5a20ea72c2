"""A template of functions behind one API that takes the ID tokens of one user pool."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.local.lambda_runtime.running_function import write_source
from tests.stage_process import StageProcess, running_stage

_TEMPLATE: Final = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Timeout: 20}}
Resources:
  Pool: {Type: AWS::Cognito::UserPool}
  Client:
    Type: AWS::Cognito::UserPoolClient
    Properties: {UserPoolId: !Ref Pool, ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH]}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      Auth: {DefaultAuthorizer: Pool, Authorizers: {Pool: {UserPoolArn: !GetAtt Pool.Arn}}}
FUNCTIONS
Outputs:
  UserPoolId: {Value: !Ref Pool}
  UserPoolClientId: {Value: !Ref Client}
  ApiUrl: {Value: !Sub "https://${Api}.execute-api.${AWS::Region}.amazonaws.com/dev"}
"""

BOOTSTRAP: Final = f"""\
#!{sys.executable}
import json, os, urllib.request
root = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(root + "next") as answer:
        request_id, event = answer.headers["Lambda-Runtime-Aws-Request-Id"], json.load(answer)
    name = event["requestContext"]["authorizer"]["claims"]["cognito:username"]
    body = json.dumps({{"statusCode": 200, "body": "WORD " + name}}).encode()
    urllib.request.urlopen(root + request_id + "/response", body).read()
"""
"""A function of the runtime `provided.al2023` that answers with WORD and the caller's name."""


@contextmanager
def running_functions(
    folder: Path,
    functions: str,
    files: Mapping[str, str],
    *options: str,
    environment: Mapping[str, str] | None = None,
) -> Iterator[StageProcess]:
    """Serve a template with these functions and files; a `bootstrap` is made executable."""
    template = write_functions(folder, functions, files)
    with running_stage(folder, "--template", str(template), *options, environment=environment) as running:
        yield running


def write_functions(folder: Path, functions: str, files: Mapping[str, str]) -> Path:
    """Write a template with these functions, and their files, and return the template's path."""
    for name, text in files.items():
        write_source(folder, text, name)
    for bootstrap in folder.rglob("bootstrap"):
        bootstrap.chmod(0o755)
    template = folder / "template.yaml"
    template.write_text(_TEMPLATE.replace("FUNCTIONS\n", functions))
    return template
