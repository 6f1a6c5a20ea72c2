"""Refusals: API Gateway, a policy or the function says no."""

from __future__ import annotations

from typing import Final

from local_stage.errors import spell_command
from local_stage.explanation.answer_test import is_functions_own, is_http_api, says, tells
from local_stage.explanation.known_answer import KnownAnswer, KnownAnswers

_CHECK_ROUTE: Final = (
    "Check verb, path and stage of the URL against the routes (/dev/hello, not /hello), and that the"
    " API has been deployed since the route was added; the token is not the cause."
)
_TAKEN_FOR_A_SIGNATURE: Final = (
    "The API has no such verb and path, and the request has an Authorization header, which API Gateway"
    " then takes for an AWS signature. It says nothing of whether the token is good."
)

GATEWAY_REFUSALS: Final[KnownAnswers] = (
    (
        says("Missing Authentication Token"),
        KnownAnswer(
            name="missing-authentication-token",
            title="403 Missing Authentication Token: no such route",
            meaning=(
                "The API has no such verb and path. It is not about your token: API Gateway asks"
                " for the route first and, where there is none, misses an AWS signature."
            ),
            remedy=_CHECK_ROUTE,
        ),
    ),
    (
        tells(r"Invalid key=value pair \(missing equal-sign\)"),
        KnownAnswer(
            name="no-signature",
            title="403 Invalid key=value pair in Authorization header: no such route",
            meaning=_TAKEN_FOR_A_SIGNATURE,
            remedy=_CHECK_ROUTE,
        ),
    ),
    (
        tells(r"Authorization header requires 'Credential' parameter"),
        KnownAnswer(
            name="incomplete-signature",
            title="403 Authorization header requires 'Credential' parameter: no such route",
            meaning=_TAKEN_FOR_A_SIGNATURE,
            remedy=_CHECK_ROUTE,
        ),
    ),
    (
        is_http_api,
        KnownAnswer(
            name="http-api",
            title="an answer of an HTTP API, which is no REST API",
            meaning=(
                "HTTP APIs (version 2) have other rules and answers: 404 for an unknown route, 403"
                " for a missing scope, and a JWT authorizer that takes access tokens without scopes."
            ),
            remedy="See that the URL is the REST API's: the output ApiUrl has it.",
        ),
    ),
    (
        says("The incoming token has expired"),
        KnownAnswer(
            name="expired-token",
            title="401 The incoming token has expired",
            meaning=(
                "The token is good in all else, but its exp has come: ID and access tokens live for"
                " an hour unless the app client says otherwise."
            ),
            remedy="Sign in again, or get a new one with the refresh token.",
        ),
    ),
    (
        is_functions_own,
        KnownAnswer(
            name="function-refusal",
            title="a refusal of the function itself",
            meaning=(
                "API Gateway has let the request in: its own refusals have the header"
                " x-amzn-ErrorType, this one has not. The function asks for something more, such as"
                " a group."
            ),
            remedy=(
                f"Read the body, and the function's log (`{spell_command('logs')}`); after a change of"
                " groups, sign in again."
            ),
        ),
    ),
    (
        says("Unauthorized", 401),
        KnownAnswer(
            name="unauthorized",
            title="401 Unauthorized: the authorizer refuses the token",
            meaning=(
                "One answer for every reason: no token, an access token where the route has no"
                " scopes, an ID token where it has some, a missing scope, another user pool, a"
                " changed or cut token."
            ),
            remedy=f"`{spell_command('explain TOKEN')} --route 'GET /hello'` says which it is.",
        ),
    ),
    (
        tells(r"User is not authorized to (access this resource|perform)|explicit deny"),
        KnownAnswer(
            name="access-denied",
            title="403 User is not authorized to access this resource",
            meaning=(
                "A policy denies it: that of a Lambda authorizer, of IAM, or the API's resource"
                " policy. A Cognito authorizer has no policy and never answers this."
            ),
            remedy=("See which authorizer the method really has, and what its policy, or the API's, allows."),
        ),
    ),
    (
        says("Forbidden", 403),
        KnownAnswer(
            name="forbidden",
            title="403 Forbidden: no such stage, no API key, or the firewall",
            meaning=(
                "The host or the first part of the path names no API and stage; or the method asks"
                " for an API key; or AWS WAF has stopped the request. A Cognito authorizer never"
                " answers this."
            ),
            remedy=("Check the stage in the URL (/dev/hello), then the header x-api-key, then the web ACL."),
        ),
    ),
)
