"""The rule for the pages on which people sign in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cfn_lint_cognito.app_client import APP_CLIENT, LOGIN_PAGE_FLOWS
from cfn_lint_cognito.intrinsics import referenced_id
from cfn_lint_cognito.possible_value import ABSENT, PossibleValue, is_true, read_number
from cfn_lint_cognito.rule import Finding, Rule
from cfn_lint_cognito.template import Resource, Template

DOMAIN: Final = "AWS::Cognito::UserPoolDomain"
BRANDING: Final = "AWS::Cognito::ManagedLoginBranding"
MANAGED_LOGIN: Final = 2
"""The `ManagedLoginVersion` with the branding editor; 1 is the classic hosted UI, which needs no branding."""


def find_unbranded(template: Template) -> Iterator[Finding]:
    """Find clients of a domain with managed login whose login pages do not exist."""
    for domain in template.resources(DOMAIN):
        for version in domain.possible("ManagedLoginVersion"):
            if read_number(version.value) == MANAGED_LOGIN:
                yield from (
                    Finding(
                        version.path,
                        f'{client} gets "Login pages unavailable": managed login has pages only for a client '
                        f"with an {BRANDING}",
                    )
                    for client in _unbranded_clients(template, domain, version)
                )


def find_two_looks(template: Template) -> Iterator[Finding]:
    """Find brandings that ask for Cognito's own look and bring another."""
    for branding in template.resources(BRANDING):
        for own in branding.possible("UseCognitoProvidedValues"):
            for settings in branding.possible("Settings", when=own.when):
                if is_true(own.value) and settings.value is not ABSENT:
                    yield Finding(
                        own.path,
                        f"Cognito refuses {branding.logical_id}: it takes Settings or "
                        "UseCognitoProvidedValues, not both",
                    )


def _unbranded_clients(template: Template, domain: Resource, version: PossibleValue) -> Iterator[str]:
    for client in template.resources(APP_CLIENT):
        if client.written("UserPoolId") == domain.written("UserPoolId"):
            flow = next(_login_flows(client, version), None)
            if flow and not any(
                _covers(brand, client, flow, template) for brand in template.resources(BRANDING)
            ):
                yield client.logical_id


def _login_flows(client: Resource, version: PossibleValue) -> Iterator[PossibleValue]:
    for flow in client.items("AllowedOAuthFlows", when=version.when):
        if isinstance(flow.value, str) and flow.value in LOGIN_PAGE_FLOWS:
            yield flow


def _covers(branding: Resource, client: Resource, flow: PossibleValue, template: Template) -> bool:
    named = referenced_id(branding.written("ClientId"))
    others = {other.logical_id for other in template.resources(APP_CLIENT)} - {client.logical_id}
    return named not in others and all(
        flow.when.get(name) is outcome for name, outcome in branding.when.items()
    )


RULES: Final = (
    Rule(
        id="E9521",
        title="Every client that signs in at managed login has a branding",
        why=(
            "ManagedLoginVersion 2 does not make pages by itself: until a client has a branding style, which "
            'only the console adds without asking, people see "Login pages unavailable".'
        ),
        looks_at=(
            "ManagedLoginVersion of AWS::Cognito::UserPoolDomain, AllowedOAuthFlows of the pool's clients, "
            "and AWS::Cognito::ManagedLoginBranding"
        ),
        source="https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html",
        find=find_unbranded,
    ),
    Rule(
        id="E9522",
        title="A branding has settings or Cognito's own values",
        why="Cognito refuses a branding with both, and the deployment is rolled back.",
        looks_at="Settings and UseCognitoProvidedValues of AWS::Cognito::ManagedLoginBranding",
        source="https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateManagedLoginBranding.html",
        find=find_two_looks,
    ),
)
