"""What of a template's resources the local AWS gets: without what nothing on this machine would run.

A pool's triggers and a bucket's notifications invoke functions, which run in the stage and not in the local
AWS. A trigger that could refuse a sign-in refuses all of them instead.
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-identity-pools-working-with-aws-lambda-triggers.html
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

from local_stage.cloudformation.references import referenced_names
from local_stage.errors import NotRun

USER_POOL: Final = "AWS::Cognito::UserPool"
_CLIENT: Final = "AWS::Cognito::UserPoolClient"
_BUCKET: Final = "AWS::S3::Bucket"
_TRIGGERS: Final = "LambdaConfig"
_NOTIFICATIONS: Final = "NotificationConfiguration"

_REFUSING: Final = "PreAuthentication"
_NOT_RUN: Final[Mapping[str, str]] = {
    _REFUSING: "it could refuse a sign-in and is not run locally: nobody can sign in at the local pool",
    "CreateAuthChallenge": "custom authentication is not run locally, and the local pool refuses it",
    "DefineAuthChallenge": "custom authentication is not run locally, and the local pool refuses it",
    "VerifyAuthChallengeResponse": "custom authentication is not run locally, and the local pool refuses it",
    "PostAuthentication": "it is not run locally, so that it refuses no sign-in at the local pool",
    "PreSignUp": "it is not run locally: it neither refuses nor confirms who signs up at the local pool",
    "PreTokenGeneration": "it is not run locally: tokens lack the claims it adds, and have those it drops",
    "PreTokenGenerationConfig": "it is not run locally: tokens lack the claims it adds",
    "UserMigration": "it is not run locally, so that only users of the local pool can sign in",
}
"""What comes of it that a trigger which decides who signs in, or what a token says, is not run."""

_OF_ALL: Final = frozenset(
    {
        *_NOT_RUN,
        "CustomEmailSender",
        "CustomMessage",
        "CustomSMSSender",
        "InboundFederation",
        "PostConfirmation",
    }
)


def localize(resources: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[NotRun, ...]]:
    """Return the resources as the local AWS gets them, and what of them is not run."""
    localized = copy.deepcopy(dict(resources))
    not_run = [*_take_triggers(localized), *_take_notifications(localized)]
    return localized, tuple(not_run)


def is_warned_of(item: NotRun) -> bool:
    """Say whether a line tells of a trigger that decides who signs in or what a token says."""
    return item.property_path.startswith(f"{_TRIGGERS}.") and item.why in _NOT_RUN.values()


def _take_triggers(resources: Mapping[str, Any]) -> Iterator[NotRun]:
    closed = set()
    for name, properties in _find(resources, USER_POOL):
        triggers = _find_triggers(properties.pop(_TRIGGERS, None))
        for trigger in sorted(triggers):
            yield NotRun(name, _NOT_RUN.get(trigger, "it is not run locally"), f"{_TRIGGERS}.{trigger}")
        if _REFUSING in triggers:
            closed.add(name)
    for _, properties in _find(resources, _CLIENT):
        if referenced_names(properties.get("UserPoolId")) & closed:
            _refuse_sign_ins(properties)


def _find_triggers(value: Any) -> set[str]:
    """Return the names of the triggers in a value; those in any branch of an `Fn::If` count."""
    if isinstance(value, list):
        return set().union(*map(_find_triggers, value)) if value else set()
    if not isinstance(value, Mapping):
        return set()
    nested = (_find_triggers(member) for key, member in value.items() if key == "Fn::If")
    return (value.keys() & _OF_ALL).union(*nested)


def _refuse_sign_ins(properties: dict[str, Any]) -> None:
    """Leave an app client the flows that sign nobody in: refreshing, and a program's own credentials."""
    properties["ExplicitAuthFlows"] = ["ALLOW_REFRESH_TOKEN_AUTH"]
    flows = properties.pop("AllowedOAuthFlows", None)
    if flows == ["client_credentials"]:
        properties["AllowedOAuthFlows"] = flows
    else:
        properties.pop("AllowedOAuthFlowsUserPoolClient", None)
        properties.pop("AllowedOAuthScopes", None)


def _take_notifications(resources: Mapping[str, Any]) -> Iterator[NotRun]:
    for name, properties in _find(resources, _BUCKET):
        if properties.pop(_NOTIFICATIONS, None) is not None:
            yield NotRun(name, "what happens in the bucket invokes nothing locally", _NOTIFICATIONS)


def _find(resources: Mapping[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, resource in resources.items():
        if resource["Type"] == kind and resource.get("Properties"):
            yield name, resource["Properties"]
