"""The pack in somebody's own project: its wheel beside cfn-lint in a clean environment, far from a clone.

The wheels of cfn-lint are those of the lock.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.installed.wheels import build_wheel, download_locked, find_python

PACKAGE: Final = Path(__file__).parents[2]
LOCK: Final = PACKAGE.parents[1] / "requirements" / "sam.txt"
CFN_LINT: Final = (
    "cfn-lint",
    "jsonpatch",
    "jsonpointer",
    "mpmath",
    "networkx",
    "pyyaml",
    "regex",
    "sympy",
    "typing-extensions",
)
"""cfn-lint, and what it requires."""

TEMPLATE: Final = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Pool:
    Type: AWS::Cognito::UserPool
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      DeletionProtection: ACTIVE
      MfaConfiguration: OPTIONAL
      EnabledMfas: [SOFTWARE_TOKEN_MFA]
      Policies: {PasswordPolicy: {MinimumLength: 12}}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Auth: {Authorizers: {Pool: {UserPoolArn: !GetAtt Pool.Arn}}}
  Books:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: "def handler(event, context): return {'statusCode': 200}"
      Events:
        Read: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /books, Method: GET}}
"""
"""A template whose one route everybody may call, and which is right in all else."""


@pytest.mark.parametrize("name", ["python3.13", "python3.12"])
def test_the_wheel_brings_its_rules_to_the_cfn_lint_of_a_clean_environment(name: str, tmp_path: Path) -> None:
    python = find_python(name)
    wheels = download_locked(python, LOCK, CFN_LINT)
    scripts = tmp_path / "environment" / "bin"
    # By this environment's pip: one of its own would take five seconds to be compiled.
    run(str(python), "-m", "venv", "--without-pip", str(scripts.parent), folder=tmp_path)
    pip = (sys.executable, "-m", "pip", "--python", str(scripts / "python"))
    wheel = build_wheel(tmp_path, PACKAGE)
    offline = ("--no-index", "--no-compile", "--find-links", str(wheels))
    run(*pip, "install", "--quiet", *offline, str(wheel), folder=tmp_path)
    (tmp_path / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    command = (str(scripts / "cfn-lint"), "template.yaml", "--format", "json", "-a", "cfn_lint_cognito.rules")
    found = json.loads(run(*command, folder=tmp_path, status=2))
    assert [(each["Rule"]["Id"], each["Message"].partition(":")[0]) for each in found] == [
        ("E9531", "Everybody may call GET /books")
    ]


def run(*command: str, folder: Path, status: int = 0) -> str:
    """Return what a command prints. Fails the test where it ends with another status."""
    done = subprocess.run(  # noqa: S603 - fixed commands
        command, check=False, capture_output=True, text=True, cwd=folder, timeout=240
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout
