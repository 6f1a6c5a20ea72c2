"""Every text that is known is recognised in the words in which a service, a browser or a program says it."""

from __future__ import annotations

import pytest

from local_stage.cloudformation.pool_front.second_factor import NO_FACTOR, NOT_USABLE
from local_stage.explanation.known_responses import explain_response

CLIENT = "6npouauc8jt1fioujvblmvpise"
CHALLENGES = {
    "NEW_PASSWORD_REQUIRED": "new-password-required",
    "MFA_SETUP": "mfa-set-up",
    "SOFTWARE_TOKEN_MFA": "second-factor",
    "SMS_MFA": "second-factor",
    "EMAIL_OTP": "second-factor",
    "SELECT_MFA_TYPE": "second-factor",
    "PASSWORD_VERIFIER": "password-verifier",
    "CUSTOM_CHALLENGE": "challenge",
}
COGNITO = {
    f"Client {CLIENT} is configured with secret but SECRET_HASH was not received": "secret-hash-missing",
    f"Unable to verify secret hash for client {CLIENT}": "secret-hash-missing",
    f"Client {CLIENT} is configured for secret but secret was not received": "secret-hash-missing",
    f"SecretHash does not match for the client: {CLIENT}": "secret-hash-missing",
    "USER_PASSWORD_AUTH flow not enabled for this client": "flow-not-enabled",
    "Auth flow not enabled for this client": "flow-not-enabled",
    "Initiate Auth method not supported.": "flow-not-enabled",
    "Incorrect username or password.": "wrong-password",
    "User does not exist.": "user-unknown",
    "User is not confirmed.": "user-not-confirmed",
    "User is disabled.": "user-disabled",
    "Password reset required for the user": "password-reset-required",
    "Temporary password has expired and must be reset by an administrator.": "password-expired",
    "Invalid session for the user, session is expired.": "session-invalid",
    "Invalid session for the user.": "session-invalid",
    "Invalid Refresh Token": "refresh-token-invalid",
    "Refresh Token has expired": "refresh-token-expired",
    "Refresh Token has been revoked": "refresh-token-revoked",
    "Access Token has expired": "access-token-refused",
    "Access Token has been revoked": "access-token-refused",
    "Invalid Access Token": "access-token-refused",
    "Access Token does not have required scopes": "access-token-refused",
    f"User pool client {CLIENT} does not exist.": "client-unknown",
    "User pool ap-northeast-1_AbCdEf123 does not exist.": "client-unknown",
    "Password attempts exceeded": "attempts-exceeded",
    "Attempt limit exceeded, please try after some time.": "attempts-exceeded",
    "Rate exceeded": "cognito-throttled",
    "User already exists": "user-exists",
    "An account with the given email already exists.": "user-exists",
    "Password did not conform with policy: Password not long enough": "password-policy",
    "Attributes did not conform to the schema: email: The attribute is required": "attributes-missing",
    "Username should be an email.": "attributes-missing",
    "A client attempted to write unauthorized attribute": "attribute-forbidden",
    "Invalid verification code provided, please try again.": "code-mismatch",
    "Invalid code or auth state for the user.": "code-mismatch",
    "Invalid code provided, please request a code again.": "code-expired",
    "User does not have delivery config set to turn on SMS_MFA": "factor-without-address",
    "EMAIL_OTP is not a second factor of this user pool.": "factor-without-address",
    "User has not verified software token mfa": "factor-without-address",
    NO_FACTOR: "factor-without-address",
    NOT_USABLE: "factor-without-address",
    "SignUp is not permitted for this user pool": "sign-up-closed",
    "User cannot be confirmed. Current status is CONFIRMED": "confirmed-already",
    "Cannot reset password for the user as there is no registered/verified email": "no-way-to-reset",
    "PreSignUp failed with error Only members may join.": "trigger-refuses",
    "PreTokenGeneration invocation failed due to error AccessDeniedException.": "trigger-refuses",
    "Unrecognizable lambda output": "trigger-output",
    "Unable to login because of security reasons": "threat-protection",
    "Request not allowed due to WAF block.": "cognito-waf",
    "Missing required parameter USERNAME": "parameter-missing",
}
OAUTH = {
    "invalid_grant": "invalid-grant",
    "invalid_client": "invalid-client",
    "unauthorized_client": "unauthorized-client",
    "unsupported_grant_type": "unsupported-grant-type",
    "invalid_scope": "invalid-scope",
    "invalid_request": "invalid-request",
    "access_denied": "access-denied-by-user",
}
CHALLENGE = "HTTP/1.1 401 Unauthorized\napigw-requestid: x=\nwww-authenticate: Bearer"
INVOKE = "execute-api:Invoke on resource: arn:aws:execute-api:ap-northeast-1:********9012:a1/dev/GET/hello"
OTHERS = {
    "https://x.auth.ap-northeast-1.amazoncognito.com/error?error=redirect_mismatch": "redirect-mismatch",
    "Login pages unavailable. Please contact an administrator": "login-unavailable",
    "An error was encountered with the requested page.": "login-page-error",
    f'{CHALLENGE} scope="a/b" error="insufficient_scope"': "http-insufficient-scope",
    f'{CHALLENGE} error="invalid_token" error_description="the token has expired"': "http-token-expired",
    f'{CHALLENGE} error="invalid_token" error_description="invalid issuer"': "http-invalid-token",
    CHALLENGE: "http-no-token",
    "'Bearer' not a valid key=value pair (missing equal-sign) in Authorization header": "no-signature-older",
    "Authorization header requires 'Signature' parameter.": "signature-incomplete",
    "The request signature we calculated does not match the signature you provided.": "signature-wrong",
    "Signature expired: 20261129T000000Z is now earlier than 20261129T000500Z": "signature-expired",
    "Credential should be scoped to a valid region.": "signature-scope",
    "Credential should be scoped to correct service: 'execute-api'.": "signature-scope",
    "The security token included in the request is invalid.": "credentials-invalid",
    "The security token included in the request is expired": "credentials-invalid",
    "Unable to locate credentials. You can configure credentials": "credentials-invalid",
    f"User: anonymous is not authorized to perform: {INVOKE}": "invoke-not-allowed",
    f"User: arn:aws:iam::123456789012:user/bob is not authorized to perform: {INVOKE}": "invoke-not-allowed",
    "<H1>403 ERROR</H1><H2>The request could not be satisfied.</H2>": "cloudfront-blocked",
    "HTTP header is larger than 10240 bytes.": "headers-too-large",
    "HTTP/1.1 431 Request Header Fields Too Large": "headers-too-large",
    "HTTP/1.1 400 Bad Request\nContent-Type: text/plain\n\nBad Request": "bad-request",
    '{"message": "Bad Request"}': "bad-request",
    '{"message": "Could not parse request body into json: Unrecognized token"}': "unparsable-body",
    "Unable to import module 'app': No module named 'requests'": "import-error",
    "Handler 'handler' missing on module 'app'": "handler-not-found",
    "2026-11-29T00:00:00Z 1-2-3 Task timed out after 3.00 seconds": "function-timeout",
    "RequestId: 1-2-3 Error: Runtime exited with error: signal: killed": "function-exited",
    "Execution failed: Invalid permissions on Lambda function": "function-not-invokable",
    "Execution failed due to configuration error: Malformed Lambda proxy response": "malformed-response",
    '{"message":"Service Unavailable"}': "service-unavailable",
}
CHROME, URL = (
    "Refused to connect to 'http://127.0.0.1:3000/dev/hello' because it",
    "http://127.0.0.1:3000/dev/hello",
)
LOAD = "Failed to load resource: the server responded with a status of"
BROWSERS = {
    f"{CHROME} violates the following Content Security Policy directive: x": "content-security-policy",
    f"{CHROME} does not appear in the connect-src directive of the policy.": "content-security-policy",
    "Content-Security-Policy: The page’s settings blocked the loading": "content-security-policy",  # noqa: RUF001 - Firefox's
    "Mixed Content: The page at 'https://a' was loaded over HTTPS, but": "mixed-content",
    "Blocked loading mixed active content “http://a”": "mixed-content",
    "was not allowed to run: requested insecure content from http://a": "mixed-content",
    "Permission was denied for this request to access the `loopback` address space.": "local-network",
    f"GET {URL} net::ERR_BLOCKED_BY_CLIENT": "blocked-by-extension",
    f"GET {URL} net::ERR_CERT_AUTHORITY_INVALID": "certificate",
    "curl: (35) OpenSSL/3.0: error:0A00010B:SSL routines::wrong version number": "certificate",
    "curl: (6) Could not resolve host: api.example": "name-unknown",
    "A server with the specified hostname could not be found.": "name-unknown",
    "curl: (7) Failed to connect to 127.0.0.1 port 3000 after 0 ms": "refused",
    "Error: connect ECONNREFUSED 127.0.0.1:3000": "refused",
    f"GET {URL} 401 (Unauthorized)": "status-401",
    f"XHRGET {URL} [HTTP/1.1 401 Unauthorized 5ms]": "status-401",
    f"{LOAD} 403 (Forbidden)": "status-403",
    f"{LOAD} 404 (Not Found)": "status-404",
    f"{LOAD} 400 (Bad Request)": "status-400",
    f"{LOAD} 502 (Bad Gateway)": "status-5xx",
}
JSON = {
    **{f'{{"__type":"Exception","message":"{text}"}}': name for text, name in COGNITO.items()},
    **{f'{{"error":"{text}"}}': name for text, name in OAUTH.items()},
    **{f'{{"ChallengeName":"{text}","Session":"x"}}': name for text, name in CHALLENGES.items()},
}
TEXTS = {**COGNITO, **JSON, **OTHERS, **BROWSERS}


@pytest.mark.parametrize(("text", "name"), TEXTS.items(), ids=range(len(TEXTS)))
def test_a_text_is_known_as_it_is_said(text: str, name: str) -> None:
    known = explain_response(text)
    assert (known.name if known else None) == name


def test_an_error_of_the_aws_cli_is_known_by_the_words_in_it() -> None:
    said = "An error occurred (NotAuthorizedException) when calling the InitiateAuth operation: "
    found = [explain_response(said + text) for text in COGNITO]
    assert [known.name if known else None for known in found] == [*COGNITO.values()]
