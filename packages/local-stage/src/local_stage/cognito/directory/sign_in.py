"""Signing in to a user pool as a person or as a machine.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, Final, Literal
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

from local_stage.cloudformation.aws_refusal import AwsRefusalError, explaining_refusals
from local_stage.cognito.directory.pool_stack import PoolStack
from local_stage.cognito.srp import SrpClient
from local_stage.errors import MachineError, TemplateError, UsageError, spell_command

type Flow = Literal["srp", "password"]
"""How a person proves the password: without sending it, or by sending it inside TLS."""

TIMEOUT: Final = 30.0


class SignInRefusedError(UsageError):
    """The pool was asked and gives this user no token."""


class FlowRefusedError(SignInRefusedError):
    """The app client does not allow this way to prove the password."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a person signs in with; `mfa_code` is the present one of an authenticator app, if there is one."""

    username: str
    password: str = field(repr=False)
    mfa_code: str | None = field(default=None, repr=False)


def sign_in(stack: PoolStack, credentials: Credentials, flow: Flow | None = None) -> Mapping[str, str]:
    """Sign in by a flow, by default SRP; locally, where the password goes nowhere, else by sending it.

    Return the pool's AuthenticationResult: `IdToken`, `AccessToken` and others.

    Raises:
        FlowRefusedError: the app client does not allow the flow.
        SignInRefusedError: wrong name or password, a temporary password, a code that is missing or wrong, or
            a user who may not sign in; it says what to do.
        StartError: the stack has no output for pool or app client, or Cognito cannot be asked.
    """
    try:
        return _sign_in(stack, credentials, flow or "srp")
    except FlowRefusedError:
        if flow or not stack.is_local:
            raise
        return _sign_in(stack, credentials, "password")


def _sign_in(stack: PoolStack, credentials: Credentials, flow: Flow) -> Mapping[str, str]:
    client_id = _find_client_id(stack, flow)
    try:
        with explaining_refusals():
            answer = _prove_password(stack, client_id, credentials, flow)
            if answer.get("ChallengeName") == "SOFTWARE_TOKEN_MFA" and credentials.mfa_code:
                answer = _answer_mfa(stack, client_id, credentials, answer)
    except AwsRefusalError as error:
        if not error.is_verdict:
            raise
        if error.code == "InvalidParameterException" and "not enabled" in error.why:
            why = f"{error.why}; choose the other --flow, or allow it in the client's ExplicitAuthFlows"
            raise FlowRefusedError(why) from None
        raise SignInRefusedError(_explain(stack, credentials.username, error)) from None
    if "AuthenticationResult" not in answer:
        raise SignInRefusedError(_explain_challenge(stack, credentials.username, answer["ChallengeName"]))
    tokens: Mapping[str, str] = answer["AuthenticationResult"]
    return tokens


def _find_client_id(stack: PoolStack, flow: Flow) -> str:
    """Return the app client; a stack may have one of its own for plain passwords, as PasswordClientId."""
    if flow == "password" and "PasswordClientId" in stack.outputs:
        return stack.output("PasswordClientId")
    return stack.output("UserPoolClientId")


def _prove_password(stack: PoolStack, client_id: str, credentials: Credentials, flow: Flow) -> dict[str, Any]:
    answer: dict[str, Any]
    if flow == "password":
        parameters = {"USERNAME": credentials.username, "PASSWORD": credentials.password}
        answer = stack.cognito.initiate_auth(
            ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
        )
        return answer
    srp = SrpClient(stack.user_pool_id, credentials.password)
    answer = stack.cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters=srp.auth_parameters(credentials.username),
    )
    if answer.get("ChallengeName") != "PASSWORD_VERIFIER":
        return answer
    responses = srp.answer(answer["ChallengeParameters"])
    return _respond(stack, client_id, answer, responses)


def _answer_mfa(
    stack: PoolStack, client_id: str, credentials: Credentials, challenge: Mapping[str, Any]
) -> dict[str, Any]:
    username = challenge["ChallengeParameters"].get("USER_ID_FOR_SRP", credentials.username)
    responses = {"USERNAME": username, "SOFTWARE_TOKEN_MFA_CODE": str(credentials.mfa_code)}
    return _respond(stack, client_id, challenge, responses)


def _respond(
    stack: PoolStack, client_id: str, challenge: Mapping[str, Any], responses: Mapping[str, str]
) -> dict[str, Any]:
    session = {"Session": challenge["Session"]} if challenge.get("Session") else {}
    answer: dict[str, Any] = stack.cognito.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName=challenge["ChallengeName"],
        ChallengeResponses=dict(responses),
        **session,
    )
    return answer


def _explain(stack: PoolStack, username: str, error: AwsRefusalError) -> str:
    set_password = f"`{spell_command('users set-password')} {username}{stack.option}`"
    list_all = f"`{spell_command('users')}` lists all"
    explained = {
        "UserNotFoundException": f"is not in the pool; --create makes a user, {list_all}",
        "PasswordResetRequiredException": f"has to set a new password; {set_password} does",
        "UserNotConfirmedException": f"has signed up and not confirmed it; {set_password} confirms as well",
        "CodeMismatchException": "gave a code that is wrong or used already; pass the next with --mfa-code",
    }
    if error.code == "NotAuthorizedException" and "ncorrect username or password" in error.why:
        return (
            f"{username}: user name or password is wrong, and the pool does not say which;"
            f" {set_password} sets a new one, and --create makes the user"
        )
    return f"{username} {explained[error.code]}" if error.code in explained else f"{username}: {error.why}"


def _explain_challenge(stack: PoolStack, username: str, challenge: str) -> str:
    match challenge:
        case "NEW_PASSWORD_REQUIRED":
            return (
                f"{username} still has the temporary password of an administrator;"
                f" `{spell_command('users set-password')} {username}{stack.option}` sets a lasting one"
            )
        case "SOFTWARE_TOKEN_MFA":
            return f"{username} signs in with an authenticator app as well; pass its code with --mfa-code"
        case "MFA_SETUP":
            return (
                f"the pool asks everybody for a second factor and {username} has none yet;"
                " sign in on the login page once to set it up"
            )
    return f"{username}: the pool asks for {challenge}, which only the login page can answer; sign in there"


def fetch_machine_token(stack: PoolStack, scopes: str | None) -> str:
    """Return an access token of the stack's machine client, by the grant client_credentials (RFC 6749, 4.4).

    `scopes` are separated by blanks; None asks for all that the client may have. Raises SignInRefusedError
    with the token endpoint's own words, or StartError where it does not answer.
    """
    client_id, endpoint = stack.output("MachineClientId"), stack.output("TokenEndpoint")
    with explaining_refusals():
        client = stack.cognito.describe_user_pool_client(UserPoolId=stack.user_pool_id, ClientId=client_id)
    secret = client["UserPoolClient"].get("ClientSecret")
    if not secret:
        why = "the client has no secret, and so no grant client_credentials; set GenerateSecret"
        raise TemplateError(why, resource=stack.name, property_path="Outputs.MachineClientId")
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    body = {"grant_type": "client_credentials"} | ({"scope": scopes} if scopes else {})
    request = Request(  # noqa: S310 - of the stack's own outputs
        endpoint,
        urlencode(body).encode(),
        {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"},
    )
    return _post(_opener(stack), request, scopes)


def _opener(stack: PoolStack) -> OpenerDirector:
    # A proxy of the environment cannot reach this machine's loopback.
    return build_opener(ProxyHandler({})) if stack.is_local else build_opener()


def _post(opener: OpenerDirector, request: Request, scopes: str | None) -> str:
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            return str(json.load(answer)["access_token"])
    except HTTPError as error:
        raise SignInRefusedError(_read_oauth_error(error, scopes)) from None
    except (OSError, HTTPException, ValueError, LookupError) as error:
        raise MachineError(f"the token endpoint {request.full_url} does not answer: {error}") from None


def _read_oauth_error(error: HTTPError, scopes: str | None) -> str:
    try:
        reason = str(json.load(error)["error"])
    except (OSError, ValueError, LookupError, TypeError):
        reason = str(error.code)
    if reason == "invalid_scope":
        return (
            f"the machine client may not have {scopes}; add it to its AllowedOAuthScopes, or ask for another"
        )
    return f"the token endpoint refuses the machine client: {reason}"
