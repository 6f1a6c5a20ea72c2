"""Signing in to a user pool as a person or as a machine.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

from local_stage.cloudformation.aws_refusal import AwsRefusalError, explaining_refusals
from local_stage.cloudformation.pool_settings import CODE_PARAMETERS, EMAIL, SMS
from local_stage.cognito.directory.app_client import (
    FLOWS,
    AppClient,
    Flow,
    FlowRefusedError,
    Tell,
    find_machine_client,
    find_person_client,
    say_nothing,
)
from local_stage.cognito.directory.authenticators import Authenticators
from local_stage.cognito.directory.pool_stack import PoolStack
from local_stage.cognito.srp import SrpClient
from local_stage.errors import MachineError, UsageError, spell_command

TIMEOUT: Final = 30.0
_SENT: Final = frozenset({SMS, EMAIL})
"""The second factors by which a code is sent."""


class SignInRefusedError(UsageError):
    """The pool was asked and gives this user no token."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a person signs in with; `mfa_code` is the present one of an authenticator app, if there is one."""

    username: str
    password: str = field(repr=False)
    mfa_code: str | None = field(default=None, repr=False)


def sign_in(
    stack: PoolStack,
    credentials: Credentials,
    flow: Flow | None = None,
    tell: Tell = say_nothing,
    authenticators: Authenticators | None = None,
) -> Mapping[str, str]:
    """Sign in by a flow, by default SRP; locally, where the password goes nowhere, by any that works.

    Return the pool's AuthenticationResult: `IdToken`, `AccessToken` and others. `tell` hears what has to be
    made in a local pool first. Where a local pool asks for a second factor, `authenticators`, if they are
    given, have an authenticator app for the user, or the code that the pool would have sent.

    Raises:
        FlowRefusedError: no app client allows the flow.
        SignInRefusedError: wrong name or password, a temporary password, a code that is missing or wrong, or
            a user who may not sign in; it says what to do.
        StartError: several app clients would do and none is named, or Cognito cannot be asked.
    """
    client, chosen = find_person_client(stack, flow, tell)
    signing_in = _SignIn(stack, client)
    try:
        with explaining_refusals():
            answer = signing_in.prove_password(credentials, chosen)
            answer = signing_in.give_factor(credentials, answer, authenticators if stack.is_local else None)
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


@dataclass(frozen=True, slots=True)
class _SignIn:
    """The calls of one sign-in by one app client; with a secret each of them brings its hash."""

    stack: PoolStack
    client: AppClient

    def prove_password(self, credentials: Credentials, flow: Flow) -> dict[str, Any]:
        if flow == "srp":
            return self._prove_by_srp(credentials)
        call = self.stack.cognito.initiate_auth
        if flow == "admin":
            call = partial(self.stack.cognito.admin_initiate_auth, UserPoolId=self.stack.user_pool_id)
        parameters = {"USERNAME": credentials.username, "PASSWORD": credentials.password}
        return self._begin(call, flow, parameters)

    def give_factor(
        self, credentials: Credentials, answer: dict[str, Any], authenticators: Authenticators | None
    ) -> dict[str, Any]:
        name, parameters = answer.get("ChallengeName"), answer.get("ChallengeParameters") or {}
        username = parameters.get("USER_ID_FOR_SRP", credentials.username)
        if name == "SELECT_MFA_TYPE" and authenticators is not None:
            chosen = _choose_factor(parameters, credentials)
            answer = self._respond(answer, {"USERNAME": username, "ANSWER": chosen})
            return self.give_factor(credentials, answer, authenticators)
        if name in _SENT and authenticators is not None:
            sent = authenticators.find_sent_code(answer["Session"])
            if sent is None:
                return answer
            return self._respond(answer, {"USERNAME": username, CODE_PARAMETERS[name]: sent})
        if name == "MFA_SETUP" and authenticators is not None:
            return self._set_up(answer, username, authenticators)
        code = credentials.mfa_code if name == "SOFTWARE_TOKEN_MFA" else None
        if name == "SOFTWARE_TOKEN_MFA" and code is None and authenticators is not None:
            code = authenticators.find_code(self.stack.user_pool_id, username)
        if code is None:
            return answer
        return self._respond(answer, {"USERNAME": username, "SOFTWARE_TOKEN_MFA_CODE": code})

    def _set_up(
        self, challenge: Mapping[str, Any], username: str, authenticators: Authenticators
    ) -> dict[str, Any]:
        cognito = self.stack.cognito
        app = cognito.associate_software_token(Session=challenge["Session"])
        code = authenticators.begin(self.stack.user_pool_id, username, app["SecretCode"])
        verified = cognito.verify_software_token(Session=app["Session"], UserCode=code)
        return self._respond({**challenge, "Session": verified["Session"]}, {"USERNAME": username})

    def _prove_by_srp(self, credentials: Credentials) -> dict[str, Any]:
        srp = SrpClient(self.stack.user_pool_id, credentials.password)
        answer = self._begin(
            self.stack.cognito.initiate_auth, "srp", srp.auth_parameters(credentials.username)
        )
        if answer.get("ChallengeName") != "PASSWORD_VERIFIER":
            return answer
        return self._respond(answer, srp.answer(answer["ChallengeParameters"]))

    def _begin(
        self, call: Callable[..., dict[str, Any]], flow: Flow, parameters: Mapping[str, str]
    ) -> dict[str, Any]:
        return call(
            ClientId=self.client.client_id,
            AuthFlow=FLOWS[flow],
            AuthParameters={**parameters, **self.client.hash_secret(parameters["USERNAME"])},
        )

    def _respond(self, challenge: Mapping[str, Any], responses: Mapping[str, str]) -> dict[str, Any]:
        # The pool's own name of the user, which is not the address that the user may have signed in by.
        hashed = self.client.hash_secret(responses["USERNAME"])
        session = {"Session": challenge["Session"]} if challenge.get("Session") else {}
        answer: dict[str, Any] = self.stack.cognito.respond_to_auth_challenge(
            ClientId=self.client.client_id,
            ChallengeName=challenge["ChallengeName"],
            ChallengeResponses={**responses, **hashed},
            **session,
        )
        return answer


def _choose_factor(parameters: Mapping[str, str], credentials: Credentials) -> str:
    """Return a factor that can be given: an authenticator app where its code is there, else a sent code."""
    factors: list[str] = json.loads(parameters["MFAS_CAN_CHOOSE"])
    wanted = [factor for factor in factors if (factor not in _SENT) == (credentials.mfa_code is not None)]
    return (wanted or factors)[0]


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
                " set an authenticator app up by Cognito's API or, on AWS, on the login page"
            )
        case "SMS_MFA" | "EMAIL_OTP" | "SELECT_MFA_TYPE" if stack.is_local:
            return (
                f"{username} signs in with a code by SMS or email as well, which is good in its own sign-in"
                " alone: sign in by Cognito's API, and take the code from the stage's log"
            )
    return f"{username}: the pool asks for {challenge}, which only the login page can answer; sign in there"


def fetch_machine_token(stack: PoolStack, scopes: str | None) -> str:
    """Return an access token of the pool's machine client, by the grant client_credentials (RFC 6749, 4.4).

    `scopes` are separated by blanks; None asks for all that the client may have. Raises SignInRefusedError
    with the token endpoint's own words, or StartError where no client has the grant, or it does not answer.
    """
    client, endpoint = find_machine_client(stack), stack.token_endpoint or _find_token_endpoint(stack)
    basic = base64.b64encode(f"{client.client_id}:{client.secret}".encode()).decode()
    body = {"grant_type": "client_credentials"} | ({"scope": scopes} if scopes else {})
    request = Request(  # noqa: S310 - of the pool's own description
        endpoint,
        urlencode(body).encode(),
        {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"},
    )
    return _post(_opener(stack), request, scopes)


def _find_token_endpoint(stack: PoolStack) -> str:
    """Return where a pool on AWS gives tokens to machines: at its domain."""
    with explaining_refusals():
        pool = stack.cognito.describe_user_pool(UserPoolId=stack.user_pool_id)["UserPool"]
    if custom := pool.get("CustomDomain"):
        return f"https://{custom}/oauth2/token"
    if domain := pool.get("Domain"):
        region = stack.user_pool_id.partition("_")[0]
        return f"https://{domain}.auth.{region}.amazoncognito.com/oauth2/token"
    why = "has no domain, at which a machine would get its token; add an AWS::Cognito::UserPoolDomain"
    raise UsageError(why, resource=stack.user_pool_id)


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
