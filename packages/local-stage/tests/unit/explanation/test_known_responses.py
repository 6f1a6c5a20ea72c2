"""What API Gateway or Cognito has answered is recognised, however it was pasted."""

from __future__ import annotations

import pytest

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.explanation.known_responses import explain_response, read_known_responses

CREDENTIAL = "Authorization header requires 'Credential' parameter."


def name_of(text: str) -> str | None:
    known = explain_response(text)
    return known.name if known else None


def print_as_curl(error: GatewayError) -> str:
    """Return what `curl -i` prints of a refusal."""
    head = f"HTTP/1.1 {error.status} X\r\nContent-Type: application/json\r\nx-amzn-RequestId: 1-2-3"
    return f"{head}\r\nx-amzn-ErrorType: {error.error_type}\r\n\r\n{error.default_body}"


GATEWAY_ERRORS = [
    (gateway_error.unknown_route(None), "missing-authentication-token"),
    (gateway_error.unknown_route("Bearer e.y.J"), "no-signature"),
    (gateway_error.unknown_route("e.y.J"), "incomplete-signature"),
    (gateway_error.unknown_stage(), "forbidden"),
    (gateway_error.invalid_api_key(), "forbidden"),
    (gateway_error.unauthorized("x"), "unauthorized"),
    (gateway_error.expired_token("x"), "expired-token"),
    (gateway_error.authorizer_configuration_error("x"), "authorizer-failure"),
    (gateway_error.throttled("x"), "throttled"),
    (gateway_error.quota_exceeded("x"), "quota-exceeded"),
    (gateway_error.invalid_request_body("x"), "invalid-body"),
    (gateway_error.missing_request_parameters(["a"]), "missing-parameters"),
    (gateway_error.unsupported_media_type("x"), "unsupported-media-type"),
    (gateway_error.request_too_large("x"), "too-large"),
    (gateway_error.internal_server_error("x"), "function-failed"),
    (gateway_error.integration_failure("x"), "server-error"),
    (gateway_error.api_configuration_error("x"), "server-error"),
    (gateway_error.integration_timeout("x"), "integration-timeout"),
]


@pytest.mark.parametrize(("error", "name"), GATEWAY_ERRORS, ids=[name for _, name in GATEWAY_ERRORS])
def test_what_the_gateway_answers_is_known_as_curl_prints_it(error: GatewayError, name: str) -> None:
    assert name_of(print_as_curl(error)) == name


@pytest.mark.parametrize(
    ("error", "name"),
    [pair for pair in GATEWAY_ERRORS if pair[1] not in {"authorizer-failure", "server-error"}],
)
def test_what_the_gateway_answers_is_known_by_its_body_alone(error: GatewayError, name: str) -> None:
    """But for 500, whose body is that of 502."""
    assert name_of(error.default_body) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Missing Authentication Token", "missing-authentication-token"),
        ('\'{"message":"Unauthorized"}\'\n', "unauthorized"),
        (
            '{"message":"User is not authorized to access this resource with an explicit deny"}',
            "access-denied",
        ),
        ('{"Message":"User: anonymous is not authorized ... with an explicit deny"}', "access-denied"),
        (
            '{"statusCode":403,"message":"Only members of the group admins may call this"}',
            "function-refusal",
        ),
        (
            'HTTP/2 403\nx-amzn-requestid: 1\nx-amzn-trace-id: Root=1-2-3\n\n{"error":"no"}',
            "function-refusal",
        ),
        ('HTTP/1.1 404 Not Found\nApigw-Requestid: x=\n\n{"message":"Not Found"}', "http-api"),
        ("HTTP/1.1 429 Too Many Requests\n\n", "throttled"),
        (
            '{"__type":"NotAuthorizedException","message":"Incorrect username or password."}',
            "wrong-password",
        ),
        ('{"ChallengeName":"NEW_PASSWORD_REQUIRED","Session":"x"}', "new-password-required"),
        ("USER_PASSWORD_AUTH flow not enabled for this client", "flow-not-enabled"),
    ],
)
def test_what_people_paste_is_known(text: str, name: str) -> None:
    assert name_of(text) == name


@pytest.mark.parametrize(
    ("error_type", "name"),
    [
        ("MissingAuthenticationTokenException", "missing-authentication-token"),
        ("IncompleteSignatureException", "incomplete-signature"),
        ("UnauthorizedException", "unauthorized"),
        ("AccessDeniedException", "access-denied"),
        ("ForbiddenException", "forbidden"),
        ("LimitExceededException", "quota-exceeded"),
        ("TooManyRequestsException", "throttled"),
        ("AuthorizerConfigurationException", "authorizer-failure"),
        ("BadRequestException", "request-does-not-fit"),
    ],
)
def test_headers_alone_are_enough(error_type: str, name: str) -> None:
    """As the browser's tools show them: without the status line."""
    assert name_of(f"content-type: application/json\nx-amzn-ErrorType: {error_type}") == name


@pytest.mark.parametrize(
    ("status", "name"), [(500, "server-error"), (502, "function-failed"), (504, "integration-timeout")]
)
def test_headers_alone_of_a_server_error_are_told_apart_by_the_status(status: int, name: str) -> None:
    assert name_of(f"HTTP/2 {status}\nx-amzn-errortype: InternalServerErrorException") == name


@pytest.mark.parametrize(
    "text",
    ["", "hello", '{"message":"Hello AWS API Gateway!","username":"alice"}', "HTTP/1.1 200 OK\n\nhi", "{"],
)
def test_what_is_no_known_answer_is_not_guessed_at(text: str) -> None:
    assert explain_response(text) is None


def test_internal_server_error_of_500_is_told_from_502_by_the_status() -> None:
    body = '{"message": "Internal server error"}'
    assert name_of(f"HTTP/1.1 502 Bad Gateway\n\n{body}") == "function-failed"
    assert name_of(f"HTTP/1.1 500 Internal Server Error\n\n{body}") == "server-error"


def test_every_answer_has_a_meaning_and_a_remedy_in_whole_sentences() -> None:
    for _, known in read_known_responses():
        assert known.to_json().keys() == {"name", "title", "meaning", "remedy", "source"}
        assert known.meaning.endswith(".")
        assert known.remedy.endswith(".")
        assert known.source.startswith("https://")
        assert "- " not in known.meaning + known.remedy, known.name


def test_a_credential_is_known_wherever_it_stands() -> None:
    assert name_of(f"curl said: {CREDENTIAL} and more") == "incomplete-signature"
