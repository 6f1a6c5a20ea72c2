"""Calls a new version of the function before anybody else does, and tells CodeDeploy whether it is good.

CodeDeploy invokes this hook before it sends any request to the new version, and waits for the hook's status.
Anything but `Succeeded` ends the deployment, and all requests stay with the old version.
https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Protocol

SUCCEEDED: Final = "Succeeded"
FAILED: Final = "Failed"

logger: Final = logging.getLogger("deployment_hook")


class LambdaClient(Protocol):
    """What of boto3's client for Lambda is used."""

    def invoke(self, **request: Any) -> Mapping[str, Any]:
        """Invoke a function and wait for its answer."""


class CodeDeployClient(Protocol):
    """What of boto3's client for CodeDeploy is used."""

    def put_lifecycle_event_hook_execution_status(self, **request: Any) -> Mapping[str, Any]:
        """Say how a hook has ended."""


class UnfitVersionError(Exception):
    """The new version does not answer as it has to."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A request and the status that it has to get.

    `claims` are a person's; None where nobody has signed in.
    """

    path: str
    claims: Mapping[str, str] | None
    status: HTTPStatus

    def event(self) -> dict[str, Any]:
        """Return the proxy event, format 1.0, as far as the function reads it."""
        authorizer = {} if self.claims is None else {"authorizer": {"claims": dict(self.claims)}}
        return {
            "resource": self.path,
            "path": self.path,
            "httpMethod": "GET",
            "headers": {},
            "multiValueHeaders": {},
            "queryStringParameters": None,
            "multiValueQueryStringParameters": None,
            "pathParameters": None,
            "stageVariables": None,
            "requestContext": {"requestId": "deployment-hook", "stage": "", **authorizer},
            "body": None,
            "isBase64Encoded": False,
        }


PERSON: Final = {
    "sub": "deployment-hook",
    "token_use": "id",
    "cognito:username": "deployment-hook",
    "auth_time": "0",
    "exp": "Thu Jan 01 01:00:00 UTC 1970",
}
"""Claims as a REST API renders them. No token has them: they come from this hook, and go nowhere else."""

PROBES: Final = (
    Probe("/hello", None, HTTPStatus.UNAUTHORIZED),
    Probe("/hello", PERSON, HTTPStatus.OK),
    Probe("/admin/hello", PERSON, HTTPStatus.FORBIDDEN),
)


def lambda_handler(event: Mapping[str, str], _context: object) -> None:
    """Answer CodeDeploy; `event` has DeploymentId and LifecycleEventHookExecutionId."""
    # Lambda's runtime has boto3, and a local stage, which starts this function as well, has not.
    import boto3  # noqa: PLC0415

    run_hook(event, os.environ["NEW_VERSION"], boto3.client("lambda"), boto3.client("codedeploy"))


def run_hook(
    event: Mapping[str, str], version_arn: str, functions: LambdaClient, codedeploy: CodeDeployClient
) -> None:
    """Call the version with every probe, and report how it went."""
    codedeploy.put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status=_judge(version_arn, functions),
    )


def _judge(version_arn: str, functions: LambdaClient) -> str:
    try:
        for probe in PROBES:
            check_answer(probe, functions.invoke(FunctionName=version_arn, Payload=json.dumps(probe.event())))
    except Exception:
        # Whatever went wrong: what has not been seen to be good is not let in.
        logger.exception("%s is not fit", version_arn)
        return FAILED
    logger.info("%s is fit", version_arn)
    return SUCCEEDED


def check_answer(probe: Probe, answer: Mapping[str, Any]) -> None:
    """Compare Lambda's answer with what the probe has to get.

    Raises UnfitVersionError with the status or with the function's own error.
    """
    payload = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise UnfitVersionError(f"{probe.path}: {answer['FunctionError']} {payload}")
    if payload.get("statusCode") != probe.status:
        raise UnfitVersionError(f"{probe.path}: {payload.get('statusCode')}, expected {probe.status.value}")
    person = (probe.claims or {}).get("cognito:username")
    if probe.status is HTTPStatus.OK and json.loads(payload["body"]).get("username") != person:
        raise UnfitVersionError(f"{probe.path}: greets somebody else than {person}")
