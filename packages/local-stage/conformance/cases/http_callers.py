"""Who may call an HTTP API beside the bearers of tokens: Lambda authorizers in both formats, and IAM."""

from __future__ import annotations

import re
from typing import Any, Final

from conformance.case import Api, Case, Request, Response
from conformance.cases.lambda_authorizer import ask, build_result, build_statement
from conformance.event import ABSENT
from conformance.http_responses import echoed, refused

_CALLER: Final = "/requestContext/authorizer"
_ARN: Final = r"arn:aws:execute-api:[a-z0-9-]+:\d{12}:\w+/\$default/GET"
_UNAUTHORIZED: Final = refused(401, "Unauthorized")
_FORBIDDEN: Final = refused(403, "Forbidden")
_FAILED: Final = refused(500, "Internal Server Error")
_REACHED: Final = echoed({"/routeKey": re.compile("GET /.+")})
_GRANTED: Final = ("X-Caller", ask(result=build_result()))
_TRUE: Final = ("X-Caller", ask(result={"isAuthorized": True}))


def _case(
    name: str, rule: str, target: str, response: Response, *headers: tuple[str, str], **more: Any
) -> Case:
    request = Request(target=target, headers=headers, stage="", **more)
    return Case(id=f"http-callers.{name}", rule=rule, request=request, response=response, api=Api.HTTP)


def _asked(
    name: str, rule: str, response: Response, result: Any, target: str = "/by-policy/1", **more: Any
) -> Case:
    """Return a case whose authorizer's function returns this result."""
    header = ("X-Caller", ask(result=result, **more))
    return _case(name, f"http-lambda-authorizer.{rule}", target, response, header)


def _policy(name: str, response: Response, *statements: Any) -> Case:
    return _asked(f"policy-{name}", "policy", response, build_result(*statements))


_WHOLE: Final = "arn:aws:execute-api:*:*:*/$default"

POLICIES: Final = (
    _policy("allowed", _REACHED),
    _policy("asterisk", _REACHED, build_statement(Resource="*")),
    _policy("any-verb", _REACHED, build_statement(Resource=f"{_WHOLE}/*/by-policy/1")),
    _policy("any-path", _REACHED, build_statement(Resource=f"{_WHOLE}/GET/*")),
    _policy("other-path", _FORBIDDEN, build_statement(Resource=f"{_WHOLE}/GET/by-policy/2")),
    _policy("other-verb", _FORBIDDEN, build_statement(Resource=f"{_WHOLE}/POST/*")),
    _policy("other-stage", _FORBIDDEN, build_statement(Resource="arn:aws:execute-api:*:*:*/prod/*")),
    _policy("route-key", _FORBIDDEN, build_statement(Resource=f"{_WHOLE}/GET/by-policy/{{proxy+}}")),
    _policy("action-other", _FORBIDDEN, build_statement(Action="s3:*")),
    _policy("not-action", _REACHED, build_statement(Action=None, NotAction="s3:*")),
    _policy("not-this-action", _FORBIDDEN, build_statement(Action=None, NotAction="execute-api:*")),
    _policy("deny", _FORBIDDEN, build_statement("Deny")),
    _policy("deny-last", _FORBIDDEN, build_statement(Resource="*"), build_statement("Deny")),
    _policy("deny-first", _FORBIDDEN, build_statement("Deny"), build_statement(Resource="*")),
    _policy(
        "deny-other", _REACHED, build_statement(), build_statement("Deny", Resource=f"{_WHOLE}/GET/by-old")
    ),
    _policy(
        "condition-not-met",
        _FORBIDDEN,
        build_statement(Condition={"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}),
    ),
    _asked("policy-of-format-1", "policy", _REACHED, build_result(), "/by-old"),
    *(
        _asked(f"policy-{name}", "policy-malformed", _FAILED, result)
        for name, result in {
            "empty": {},
            "without-document": {"principalId": "alice"},
            "without-principal": build_result(principal=ABSENT),
            "simple-response": {"isAuthorized": True},
            "proxy-response": {"statusCode": 200},
            "as-text": {"principalId": "alice", "policyDocument": "{}"},
            "effect-missing": build_result(build_statement(Effect=None)),
        }.items()
    ),
)

_TENANT: Final = "/simple/1?tenant=north"

SIMPLE: Final = (
    _asked("simple-true", "simple", _REACHED, {"isAuthorized": True}, _TENANT),
    _asked("simple-false", "simple", _FORBIDDEN, {"isAuthorized": False}, _TENANT),
    *(
        _asked(f"simple-{name}", "simple-malformed", _FAILED, result, _TENANT)
        for name, result in {
            "text": {"isAuthorized": "true"},
            "number": {"isAuthorized": 1},
            "null": {"isAuthorized": None},
            "nothing": {},
            "true-alone": True,
            "policy": build_result(),
        }.items()
    ),
)

IDENTITY: Final = (
    *(
        _case(f"identity-{name}", "http-lambda-authorizer.missing-identity", target, _UNAUTHORIZED, *headers)
        for name, target, headers in (
            ("no-header", "/by-policy/1", ()),
            ("empty-header", "/by-policy/1", (("X-Caller", ""),)),
            ("other-header", "/by-policy/1", (("Authorization", _GRANTED[1]),)),
            ("query-missing", "/simple/1", (_TRUE,)),
            ("query-empty", "/simple/1?tenant=", (_TRUE,)),
            ("query-case", "/simple/1?Tenant=north", (_TRUE,)),
            ("header-missing", _TENANT, ()),
            ("nothing", "/simple/1", ()),
            ("format-1", "/by-old", ()),
        )
    ),
    _case(
        "identity-header-case",
        "http-lambda-authorizer.simple",
        _TENANT,
        _REACHED,
        ("x-CALLER", _TRUE[1]),
    ),
    _case("failing", "http-lambda-authorizer.function-failed", "/by-policy/1", _FAILED, ("X-Caller", "x")),
    *(
        _case(
            f"failing-{name}",
            "http-lambda-authorizer.function-failed",
            target,
            _FAILED,
            ("X-Caller", ask(fail="Unauthorized")),
        )
        for name, target in {"policy": "/by-policy/1", "simple": _TENANT, "format-1": "/by-old"}.items()
    ),
)

_SAID: Final = {"text": "a b", "number": 5, "true": True, "list": ["a"], "null": None}

CONTEXT: Final = (
    _asked("context", "context-2", echoed({f"{_CALLER}/lambda": _SAID}), build_result(context=_SAID)),
    _asked(
        "context-simple",
        "context-2",
        echoed({f"{_CALLER}/lambda": _SAID, "/pathParameters/id": "1"}),
        {"isAuthorized": True, "context": _SAID},
        _TENANT,
    ),
    _asked("no-context", "no-context", echoed({_CALLER: {"lambda": None}}), build_result()),
    _asked(
        "context-format-1",
        "context-1",
        echoed({f"{_CALLER}/text": "a b", f"{_CALLER}/number": "5", f"{_CALLER}/principalId": "alice"}),
        build_result(context=_SAID),
        "/old-by-policy",
    ),
    _asked(
        "event-2",
        "event-2",
        echoed(
            {
                f"{_CALLER}/lambda/event": re.compile(
                    rf'{{"version": "2.0", "type": "REQUEST", "routeArn": "{_ARN}/by-policy/7",'
                    r' "identitySource": \[.+\], "routeKey": "GET /by-policy/[{]id[}]",'
                    r' "rawPath": "/by-policy/7", "rawQueryString": "a=1", .*'
                    r'"pathParameters": [{]"id": "7"[}].*[}]'
                )
            }
        ),
        build_result(),
        "/by-policy/7?a=1",
        echo=True,
    ),
    _asked(
        "event-1",
        "event-1",
        echoed(
            {
                f"{_CALLER}/lambda/event": re.compile(
                    rf'{{"version": "1.0", "type": "REQUEST", "methodArn": "{_ARN}/by-old",'
                    r' "identitySource": "[{].+[}]", "authorizationToken": "[{].+[}]",'
                    r' "resource": "/by-old",.*'
                )
            }
        ),
        build_result(),
        "/by-old",
        echo=True,
    ),
)

_SIGNER: Final = f"{_CALLER}/iam"
_USER: Final = re.compile(r"arn:aws:(iam|sts)::\d{12}:\S+")
_SCOPE: Final = "20200101/ap-northeast-1/execute-api/aws4_request"


def _credential(key: str) -> str:
    signed = f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}"
    return f"AWS4-HMAC-SHA256 Credential={key}/{_SCOPE}, {signed}"


IAM: Final = (
    _case(
        "iam-signed",
        "http-iam.event-2",
        "/signed",
        echoed(
            {
                f"{_SIGNER}/userArn": _USER,
                f"{_SIGNER}/accessKey": str,
                f"{_SIGNER}/accountId": re.compile(r"\d{12}"),
                f"{_SIGNER}/cognitoIdentity": None,
                f"{_SIGNER}/principalOrgId": None,
                "/headers/authorization": str,
                "/headers/x-amz-date": str,
            }
        ),
        signed=True,
    ),
    _case(
        "iam-signed-query",
        "http-iam.event-2",
        "/signed?b=2&a=1",
        echoed({"/rawQueryString": "b=2&a=1", f"{_SIGNER}/userArn": _USER}),
        signed=True,
    ),
    _case(
        "iam-format-1",
        "http-iam.event-1",
        "/old-signed",
        echoed(
            {
                "/requestContext/identity/userArn": _USER,
                "/requestContext/identity/cognitoIdentityId": None,
                _CALLER: ABSENT,
            }
        ),
        signed=True,
    ),
    *(
        _case(f"iam-{name}", "http-iam.unsigned", target, _FORBIDDEN, *headers)
        for target in ("/signed",)
        for name, headers in {
            "unsigned": (),
            "empty-header": (("Authorization", ""),),
            "bearer": (("Authorization", "Bearer {id_token}"),),
            "token": (("Authorization", "{access_token}"),),
            "one-word": (("Authorization", "AWS4-HMAC-SHA256"),),
            "no-date": (("Authorization", _credential("test")),),
        }.items()
    ),
    *(
        _case(
            f"iam-{name}",
            "http-iam.bad-signature",
            "/signed",
            _FORBIDDEN,
            ("Authorization", _credential(key)),
            ("X-Amz-Date", "20200101T000000Z"),
        )
        for name, key in {"expired": "test", "unknown-key": "AKIAIOSFODNN7EXAMPLE", "no-key": ""}.items()
    ),
    _case("iam-by-function", "http-iam.unsigned", "/signed", _FORBIDDEN, _GRANTED),
    _case(
        "signed-by-function",
        "http-lambda-authorizer.missing-identity",
        "/by-policy/1",
        _UNAUTHORIZED,
        signed=True,
    ),
)

CASES: Final = (*IDENTITY, *POLICIES, *SIMPLE, *CONTEXT, *IAM)
