"""Rules for the flows by which an app client signs in: what Cognito refuses to have side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cfn_lint_cognito.app_client import APP_CLIENT
from cfn_lint_cognito.possible_value import PossibleValue
from cfn_lint_cognito.rule import Finding, Rule
from cfn_lint_cognito.template import Resource, Template

REFRESH: Final = "ALLOW_REFRESH_TOKEN_AUTH"
OLD_FLOWS: Final = frozenset({"ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH"})


def find_rotating_refreshes(template: Template) -> Iterator[Finding]:
    """Find clients that rotate their refresh tokens and allow the flow that does not."""
    for client in template.resources(APP_CLIENT):
        for feature in client.possible("RefreshTokenRotation", "Feature"):
            for flow in _flows(client, feature) if feature.value == "ENABLED" else ():
                if flow.value == REFRESH:
                    yield Finding(
                        flow.path,
                        f"Cognito refuses {REFRESH} beside RefreshTokenRotation: leave it out, and refresh "
                        "with GetTokensFromRefreshToken",
                    )


def find_mixed_flows(template: Template) -> Iterator[Finding]:
    """Find clients whose flows are named in both the old and the new way."""
    for client in template.resources(APP_CLIENT):
        for old in client.items("ExplicitAuthFlows"):
            if isinstance(old.value, str) and old.value in OLD_FLOWS:
                names = [flow.value for flow in _flows(client, old)]
                if any(isinstance(name, str) and name.startswith("ALLOW_") for name in names):
                    yield Finding(
                        old.path,
                        f"Cognito refuses {old.value} beside flows that begin with ALLOW_: name one kind",
                    )


def _flows(client: Resource, beside: PossibleValue) -> Iterator[PossibleValue]:
    return client.items("ExplicitAuthFlows", when=beside.when)


RULES: Final = (
    Rule(
        id="E9523",
        title="A client that rotates its refresh tokens does not allow ALLOW_REFRESH_TOKEN_AUTH",
        why="Cognito refuses to create such a client, and the deployment is rolled back.",
        looks_at="RefreshTokenRotation.Feature and ExplicitAuthFlows of AWS::Cognito::UserPoolClient",
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html",
        find=find_rotating_refreshes,
    ),
    Rule(
        id="E9524",
        title="A client names its flows in one way",
        why=(
            "Cognito refuses USER_PASSWORD_AUTH, ADMIN_NO_SRP_AUTH and CUSTOM_AUTH_FLOW_ONLY beside flows "
            "that begin with ALLOW_."
        ),
        looks_at="ExplicitAuthFlows of AWS::Cognito::UserPoolClient",
        source="https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html",
        find=find_mixed_flows,
    ),
)
