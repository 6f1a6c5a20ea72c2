"""Rules for app clients: how people and machines sign in, and what an attacker learns from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cfn_lint_cognito.possible_value import ABSENT, UNKNOWN, PossibleValue, is_false, is_true
from cfn_lint_cognito.redirect_url import find_scheme
from cfn_lint_cognito.rule import Finding, Rule
from cfn_lint_cognito.template import Resource, Template

APP_CLIENT: Final = "AWS::Cognito::UserPoolClient"
PASSWORD_FLOWS: Final = frozenset({"ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"})
LOGIN_PAGE_FLOWS: Final = frozenset({"code", "implicit"})


def find_telling_who_exists(template: Template) -> Iterator[Finding]:
    """Find clients through which anybody can ask which user names exist."""
    for client in template.resources(APP_CLIENT):
        for value in client.possible("PreventUserExistenceErrors"):
            if value.value is not UNKNOWN and value.value != "ENABLED":
                yield Finding(
                    value.path,
                    f"Set PreventUserExistenceErrors of {client.logical_id} to ENABLED: the default tells "
                    "anybody which user names exist",
                )


def find_irrevocable(template: Template) -> Iterator[Finding]:
    """Find clients whose refresh tokens nobody can take back."""
    for client in template.resources(APP_CLIENT):
        for value in client.possible("EnableTokenRevocation"):
            if is_false(value.value):
                yield Finding(
                    value.path, "A stolen refresh token cannot be revoked: leave EnableTokenRevocation on"
                )


def find_implicit_flow(template: Template) -> Iterator[Finding]:
    """Find clients that get their tokens in the address bar."""
    for client in template.resources(APP_CLIENT):
        for flow in client.items("AllowedOAuthFlows"):
            if flow.value == "implicit":
                yield Finding(
                    flow.path,
                    "The implicit flow puts tokens into URLs, histories and logs: use code with PKCE",
                )


def find_password_flow(template: Template) -> Iterator[Finding]:
    """Find clients that take the password itself in production."""
    for client in template.in_production().resources(APP_CLIENT):
        for flow in client.items("ExplicitAuthFlows"):
            if isinstance(flow.value, str) and flow.value in PASSWORD_FLOWS and not flow.when:
                yield Finding(
                    flow.path,
                    f"{flow.value} sends the password itself: allow it under a condition that production "
                    "does not meet, and use ALLOW_USER_SRP_AUTH",
                )


def find_impossible_machines(template: Template) -> Iterator[Finding]:
    """Find clients with client_credentials that Cognito refuses to create."""
    for client in template.resources(APP_CLIENT):
        for flow in client.items("AllowedOAuthFlows"):
            if flow.value == "client_credentials":
                yield from _missing_secret(client, flow)
                yield from _other_flows(client, flow)


def find_public_with_secret(template: Template) -> Iterator[Finding]:
    """Find clients that run where a secret cannot be kept, and have one."""
    for client in template.resources(APP_CLIENT):
        for secret in client.possible("GenerateSecret"):
            sign = next(_public_signs(client, secret), None) if is_true(secret.value) else None
            if sign:
                yield Finding(
                    secret.path,
                    f"{client.logical_id} is a public client ({sign}) and cannot keep a secret: set "
                    "GenerateSecret to false",
                )


def _missing_secret(client: Resource, flow: PossibleValue) -> Iterator[Finding]:
    for secret in client.possible("GenerateSecret", when=flow.when):
        if secret.value is ABSENT or is_false(secret.value):
            yield Finding(
                flow.path if secret.value is ABSENT else secret.path,
                f"A machine needs a secret to sign in: set GenerateSecret of {client.logical_id} to true",
            )


def _other_flows(client: Resource, flow: PossibleValue) -> Iterator[Finding]:
    for other in client.items("AllowedOAuthFlows", when=flow.when):
        if isinstance(other.value, str) and other.value in LOGIN_PAGE_FLOWS:
            yield Finding(
                other.path, f"Give {other.value} to another client: client_credentials stands alone"
            )


def _public_signs(client: Resource, secret: PossibleValue) -> Iterator[str]:
    for flow in client.items("AllowedOAuthFlows", when=secret.when):
        if flow.value == "implicit":
            yield "it has the implicit flow"
    for url in client.items("CallbackURLs", when=secret.when):
        scheme = find_scheme(url.value)
        if scheme not in {None, "http", "https"}:
            yield f"its callback {url.value} is an app's own scheme"


RULES: Final = (
    Rule(
        id="W9511",
        title="App clients do not tell who has an account",
        why=(
            "With LEGACY, the default, sign-in and password recovery answer UserNotFoundException, and an "
            "attacker knows which names to try passwords on."
        ),
        looks_at="PreventUserExistenceErrors (ENABLED) of AWS::Cognito::UserPoolClient",
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html",
        find=find_telling_who_exists,
    ),
    Rule(
        id="W9512",
        title="Refresh tokens can be revoked",
        why=(
            "With revocation switched off a stolen refresh token yields new tokens until it expires, thirty "
            "days by default."
        ),
        looks_at="EnableTokenRevocation (true, as by default) of AWS::Cognito::UserPoolClient",
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/token-revocation.html",
        find=find_irrevocable,
    ),
    Rule(
        id="W9513",
        title="No client uses the implicit flow",
        why=(
            "It returns tokens in the URL, from where they leak into histories, logs and referrers; RFC 9700 "
            "2.1.2 advises against it, and the code flow with PKCE replaces it."
        ),
        looks_at="AllowedOAuthFlows of AWS::Cognito::UserPoolClient",
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoint-oauth-grants.html",
        find=find_implicit_flow,
    ),
    Rule(
        id="W9514",
        title="Clients in production do not send the password itself",
        why=(
            "With USER_PASSWORD_AUTH the password itself travels to Cognito, inside TLS but readable for "
            "every proxy that opens it; SRP never sends it. The flow is for tests, scripts and migrations."
        ),
        looks_at=(
            "ExplicitAuthFlows of AWS::Cognito::UserPoolClient, in production where the template knows one, "
            "and else whether the flow is under no condition at all"
        ),
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html",
        find=find_password_flow,
    ),
    Rule(
        id="E9518",
        title="Clients with client_credentials have a secret and no other flow",
        why="Cognito refuses to create any other, and the deployment is rolled back.",
        looks_at="AllowedOAuthFlows and GenerateSecret of AWS::Cognito::UserPoolClient",
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoint-oauth-grants.html",
        find=find_impossible_machines,
    ),
    Rule(
        id="W9519",
        title="Public clients have no secret",
        why=(
            "A browser or an app gives its secret to everybody who looks, and a secret that everybody has "
            "protects nothing but fools its readers (RFC 8252 8.5)."
        ),
        looks_at=(
            "GenerateSecret of AWS::Cognito::UserPoolClient, where the implicit flow or a callback with an "
            "app's own scheme shows that the client is public"
        ),
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html",
        find=find_public_with_secret,
    ),
)
