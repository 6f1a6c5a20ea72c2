"""Who may call a REST API beside a pool's users: API keys, resource policies and IAM."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from conformance.case import Case, Headers, Response
from conformance.cases.lambda_authorizer import (
    CALLER,
    EXPLICIT,
    FAILED,
    GRANTED,
    IN,
    ask,
    build_case,
    build_result,
    build_statement,
)
from conformance.event import ABSENT
from conformance.responses import echoed, incomplete_signature, no_key_value_pair, refused, unauthorized
from conformance.responses import unknown_route as unsigned


def _policy_denies(ending: str, path: str, user: str = "anonymous") -> Response:
    resource = rf"arn:aws:execute-api:[a-z0-9-]+:\*{{8}}\d{{4}}:\w+/dev/GET{path}"
    text = (
        rf'{{"Message":"User: {user} is not authorized to perform: execute-api:Invoke on resource: {resource}'
    )
    return replace(
        refused(403, "AccessDeniedException", ""), body=re.compile(rf'{text} {ending}"}}'.encode())
    )


_IDENTITY: Final = "/requestContext/identity"
_REACHED: Final = echoed({"/httpMethod": "GET"})
_FORBIDDEN: Final = refused(403, "ForbiddenException", '{"message":"Forbidden"}')
_KEY: Final = ("x-api-key", "conformance-key-0123456789")
_BY_POLICY: Final = "with an explicit deny in a resource-based policy"
_BY_SILENCE: Final = "because no resource-based policy allows the execute-api:Invoke action"


def _key(
    name: str, rule: str, line: str, response: Response, *headers: tuple[str, str], signed: bool = False
) -> Case:
    return build_case(f"key.{name}", f"api-key.{rule}", line, response, *headers, signed=signed)


_TOKEN: Final = ("Authorization", GRANTED)
_DENIED_TOKEN: Final = ("Authorization", ask(result=build_result(build_statement("Deny"))))
_FAILING_TOKEN: Final = ("Authorization", ask(fail="out of order"))

KEYS: Final = (
    _key(
        "good",
        "identity",
        "GET /key",
        echoed({f"{_IDENTITY}/apiKey": _KEY[1], f"{_IDENTITY}/apiKeyId": str}),
        _KEY,
    ),
    _key("upper-case-name", "identity", "GET /key", _REACHED, ("X-API-KEY", _KEY[1])),
    _key("in-headers", "identity", "GET /key", echoed({"/headers/x-api-key": _KEY[1], CALLER: ABSENT}), _KEY),
    _key("none", "refused", "GET /key", _FORBIDDEN),
    _key("in-query", "refused", f"GET /key?x-api-key={_KEY[1]}", _FORBIDDEN),
    *(
        _key(name, "refused", "GET /key", _FORBIDDEN, ("x-api-key", value))
        for name, value in {
            "empty": "",
            "unknown": "conformance-unknown-0123456789",
            "other-case": _KEY[1].upper(),
            "part": _KEY[1][:-1],
            "disabled": "conformance-key-that-is-off",
            "without-plan": "conformance-planless-0123456789",
        }.items()
    ),
    _key(
        "throttled",
        "throttle",
        "GET /key",
        refused(429, "TooManyRequestsException", '{"message":"Too Many Requests"}'),
        ("x-api-key", "conformance-throttled-0123456789"),
    ),
    _key("not-asked-for", "not-required", "GET /open", _REACHED, ("x-api-key", "unknown")),
    _key(
        "not-asked-for-throttled",
        "not-required",
        "GET /open",
        _REACHED,
        ("x-api-key", "conformance-throttled-0123456789"),
    ),
    _key("both", "after-authorizer", "GET /both", IN, _TOKEN, _KEY),
    _key("neither", "after-authorizer", "GET /both", unauthorized()),
    _key("key-alone", "after-authorizer", "GET /both", unauthorized(), _KEY),
    _key("token-alone", "after-authorizer", "GET /both", _FORBIDDEN, _TOKEN),
    _key("token-and-bad-key", "after-authorizer", "GET /both", _FORBIDDEN, _TOKEN, ("x-api-key", "x")),
    _key("denied-and-key", "after-authorizer", "GET /both", EXPLICIT, _DENIED_TOKEN, _KEY),
    _key("failing-and-key", "after-authorizer", "GET /both", FAILED, _FAILING_TOKEN, _KEY),
    _key("unsigned", "after-authorizer", "GET /signed-key", unsigned(), _KEY),
    _key("signed-without-key", "after-authorizer", "GET /signed-key", _FORBIDDEN, signed=True),
    _key("signed-and-key", "after-authorizer", "GET /signed-key", _REACHED, _KEY, signed=True),
)


def _policy_case(
    name: str, rule: str, path: str, response: Response | str, *headers: tuple[str, str], signed: bool = False
) -> Case:
    told = response if isinstance(response, Response) else _policy_denies(response, path)
    return build_case(
        f"resource-policy.{name}", f"resource-policy.{rule}", f"GET {path}", told, *headers, signed=signed
    )


RESOURCE_POLICY: Final = (
    _policy_case("allowed", "silence", "/open", _REACHED),
    _policy_case("silent", "silence", "/silent", _BY_SILENCE),
    _policy_case("denied", "silence", "/policy/denied", _BY_POLICY),
    _policy_case("wildcard", "silence", "/policy/any", _REACHED),
    _policy_case("denied-in-part", "silence", "/policy/xdeniedx", _BY_POLICY),
    _policy_case("other-network", "source-ip", "/policy/network", _BY_POLICY),
    _policy_case(
        "forged-network", "source-ip", "/policy/network", _BY_POLICY, ("X-Forwarded-For", "198.51.100.7")
    ),
    _policy_case("vpc", "vpc", "/policy/vpc", _BY_POLICY),
    _policy_case("agent", "conditions", "/policy/agent", _REACHED, ("User-Agent", "good/1")),
    _policy_case("no-agent", "conditions", "/policy/agent", _REACHED),
    _policy_case("denied-agent", "conditions", "/policy/agent", _BY_POLICY, ("User-Agent", "bad/1")),
    _policy_case("other-case-agent", "conditions", "/policy/agent", _REACHED, ("User-Agent", "Bad/1")),
    _policy_case("referer", "conditions", "/page", _REACHED, ("Referer", "https://app.example/")),
    _policy_case("no-referer", "conditions", "/page", _BY_SILENCE),
    _policy_case("longer-referer", "conditions", "/page", _BY_SILENCE, ("Referer", "https://app.example/x")),
    _policy_case("token", "with-lambda", "/policy/token/1", IN, _TOKEN),
    _policy_case("no-token", "with-lambda", "/policy/token/1", unauthorized()),
    _policy_case(
        "silent-token",
        "with-lambda",
        "/policy/token/1",
        IN,
        (
            "Authorization",
            ask(result=build_result(build_statement(Resource="arn:aws:execute-api:*:*:*/prod/*"))),
        ),
    ),
    _policy_case("denying-token", "with-lambda", "/policy/token/1", EXPLICIT, _DENIED_TOKEN),
    _policy_case("denied-token", "before-lambda", "/policy/token/denied", _BY_POLICY, _TOKEN),
    _policy_case("denied-no-token", "before-lambda", "/policy/token/denied", _BY_POLICY),
    _policy_case("denied-failing-token", "before-lambda", "/policy/token/denied", _BY_POLICY, _FAILING_TOKEN),
    _policy_case("key", "with-key", "/policy/key/1", _REACHED, _KEY),
    _policy_case("no-key", "with-key", "/policy/key/1", _FORBIDDEN),
    _policy_case("denied-key", "with-key", "/policy/key/denied", _BY_POLICY, _KEY),
    _policy_case("denied-no-key", "with-key", "/policy/key/denied", _BY_POLICY),
)

_DATE: Final = "20200101T000000Z"


def _credential(scope: str, *, date: str | None = _DATE, headers: str = "host;x-amz-date") -> Headers:
    value = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={headers}, Signature={'0' * 64}"
    return (("Authorization", value), *((("X-Amz-Date", date),) if date else ()))


def _signed(
    name: str, rule: str, response: Response, *headers: tuple[str, str], path: str = "/signed"
) -> Case:
    return build_case(f"iam.{name}", f"iam.{rule}", f"GET {path}", response, *headers)


def _by_key(
    name: str, rule: str, response: Response, path: str = "/signed", *headers: tuple[str, str]
) -> Case:
    return build_case(f"iam.{name}", f"iam.{rule}", f"GET {path}", response, *headers, signed=True)


_USER: Final = r"arn:aws:(iam|sts)::\d{12}:\S+"

IAM: Final = (
    _by_key(
        "signed",
        "identity",
        echoed(
            {
                f"{_IDENTITY}/userArn": re.compile(_USER),
                f"{_IDENTITY}/accessKey": str,
                f"{_IDENTITY}/accountId": re.compile(r"\d{12}"),
                f"{_IDENTITY}/cognitoIdentityId": None,
                "/headers/Authorization": ABSENT,
                "/multiValueHeaders/Authorization": ABSENT,
                CALLER: ABSENT,
            }
        ),
    ),
    _by_key("signed-header", "identity", _REACHED, "/signed", ("X-Tenant", "north")),
    _by_key("policy-allows", "with-policy", _REACHED, "/policy/signed/1"),
    _by_key(
        "policy-denies",
        "with-policy",
        _policy_denies(_BY_POLICY, "/policy/signed/denied", _USER),
        "/policy/signed/denied",
    ),
    _signed("unsigned", "unsigned", unsigned()),
    _signed("empty-header", "unsigned", unsigned(), ("Authorization", "")),
    _signed("unsigned-with-date", "unsigned", unsigned(), ("X-Amz-Date", _DATE)),
    _signed("unsigned-and-policy", "with-policy", unsigned(), path="/policy/signed/denied"),
    _signed(
        "token-instead", "not-a-signature", no_key_value_pair("Bearer abc"), ("Authorization", "Bearer abc")
    ),
    _signed("one-word", "not-a-signature", incomplete_signature("abc"), ("Authorization", "abc")),
    *(
        _signed(
            name,
            "unknown-key",
            refused(
                403,
                "AccessDeniedException",
                '{"message":"The security token included in the request is invalid."}',
            ),
            *_credential(f"{key}/20200101/ap-northeast-1/execute-api/aws4_request"),
        )
        for name, key in {
            "unknown-key": "AKIDEXAMPLE",
            "key-with-slash": "a/b",
            "blank-key": " ",
        }.items()
    ),
)

CASES: Final = (*KEYS, *RESOURCE_POLICY, *IAM)
