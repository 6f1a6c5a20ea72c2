"""Lambda authorizers of a REST API: what they are asked, what their policies allow, and how they fail."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from conformance.case import Api, Case, Request, Response
from conformance.event import ABSENT, Keys
from conformance.responses import echoed, no_key_value_pair, refused, unauthorized

CALLER: Final = "/requestContext/authorizer"
IN: Final = echoed({f"{CALLER}/principalId": "alice"})
FAILED: Final = refused(500, "AuthorizerConfigurationException", '{"message":null}')
_ARN: Final = r"arn:aws:execute-api:[a-z0-9-]+:\d{12}:\w+/dev"


def _denied(ending: str) -> Response:
    body = f'{{"Message":"User is not authorized to access this resource {ending}"}}'
    return refused(403, "AccessDeniedException", body)


EXPLICIT: Final = _denied("with an explicit deny in an identity-based policy")
IMPLICIT: Final = _denied("because no identity-based policy allows the execute-api:Invoke action")


def build_case(
    name: str, rule: str, line: str, response: Response, *headers: tuple[str, str], signed: bool = False
) -> Case:
    """Return a case of the API in callers.yaml; `line` is method and target."""
    method, target = line.split(" ", 1)
    request = Request(method=method, target=target, headers=headers, signed=signed)
    return Case(id=f"callers-{name}", rule=rule, request=request, response=response, api=Api.CALLERS)


def build_statement(effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """Return a statement on the call itself, without the elements that are None."""
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": "$arn", **more}
    return {name: value for name, value in statement.items() if value is not None}


def build_result(*statements: Any, principal: Any = "alice", **more: Any) -> dict[str, Any]:
    """Return an authorizer's result that allows the call, unless these statements say otherwise."""
    policy = {"Version": "2012-10-17", "Statement": [*statements] or [build_statement()]}
    result = {"principalId": principal, "policyDocument": policy, **more}
    return {name: value for name, value in result.items() if value is not ABSENT}


def ask(**asked: Any) -> str:
    """Return what the authorizers' function reads its decision from."""
    return json.dumps(asked)


def build_token_case(
    name: str, rule: str, response: Response, result: Any = None, line: str = "GET /token/1"
) -> Case:
    """Return a case whose TOKEN authorizer answers with this result, which allows the call unless given."""
    token = ask(result=build_result() if result is None else result)
    return build_case(f"lambda.{name}", f"lambda-authorizer.{rule}", line, response, ("Authorization", token))


GRANTED: Final = ask(result=build_result())

IDENTITY: Final = (
    build_token_case("allowed", "token-event", IN),
    *(
        build_case(
            f"lambda.{name}", "lambda-authorizer.missing-identity", "GET /token/1", unauthorized(), *headers
        )
        for name, headers in {
            "no-header": (),
            "empty-header": (("Authorization", ""),),
            "blank-header": (("Authorization", "  "),),
            "token-in-query": (("X-Caller", GRANTED),),
        }.items()
    ),
    build_case(
        "lambda.token-event",
        "lambda-authorizer.token-event",
        "GET /token/a%20b?x=1",
        echoed(
            {
                f"{CALLER}/event": re.compile(
                    rf'{{"type": "TOKEN", "methodArn": "{_ARN}/GET/token/a(%20| )b",'
                    r' "authorizationToken": "[{].*"}'
                )
            }
        ),
        ("Authorization", ask(result=build_result(build_statement(Resource="*")), echo=True)),
    ),
    build_case(
        "lambda.own-header", "lambda-authorizer.token-event", "GET /header", IN, ("X-Caller", GRANTED)
    ),
    build_case(
        "lambda.own-header-case", "lambda-authorizer.token-event", "GET /header", IN, ("x-cALLER", GRANTED)
    ),
    build_case(
        "lambda.other-header",
        "lambda-authorizer.missing-identity",
        "GET /header",
        unauthorized(),
        ("Authorization", GRANTED),
    ),
    build_case(
        "lambda.expression",
        "lambda-authorizer.validation-expression",
        "GET /expression",
        IN,
        ("Authorization", GRANTED),
    ),
    *(
        build_case(
            f"lambda.expression-{name}",
            "lambda-authorizer.validation-expression",
            "GET /expression",
            unauthorized(),
            ("Authorization", value),
        )
        for name, value in {"before": f"Bearer {GRANTED}", "after": f"{GRANTED} x", "else": "x"}.items()
    ),
    build_token_case("unknown-verb", "token-event", no_key_value_pair(GRANTED), line="POST /token/1"),
)


def _request(name: str, rule: str, response: Response, target: str, *headers: tuple[str, str]) -> Case:
    return build_case(
        f"lambda-request.{name}", f"lambda-authorizer.{rule}", f"GET {target}", response, *headers
    )


REQUEST: Final = (
    _request("allowed", "request-event", IN, "/request/7?tenant=north", ("X-Caller", GRANTED)),
    _request("no-header", "all-sources", unauthorized(), "/request/7?tenant=north"),
    _request("blank-header", "all-sources", unauthorized(), "/request/7?tenant=north", ("X-Caller", " ")),
    _request("no-query", "all-sources", unauthorized(), "/request/7", ("X-Caller", GRANTED)),
    _request("empty-query", "all-sources", unauthorized(), "/request/7?tenant=", ("X-Caller", GRANTED)),
    _request("other-query", "all-sources", unauthorized(), "/request/7?Tenant=north", ("X-Caller", GRANTED)),
    _request("nothing", "all-sources", unauthorized(), "/request/7"),
    _request(
        "event",
        "request-event",
        echoed(
            {
                f"{CALLER}/event": re.compile(
                    rf'{{"type": "REQUEST", "methodArn": "{_ARN}/GET/request/7",'
                    r' "resource": "/request/[{]id[}]", "path": "/request/7", "httpMethod": "GET",'
                    r' "headers": [{].*[}],'
                    r' "multiValueHeaders": [{].*[}], "queryStringParameters": [{]"tenant": "north"[}],'
                    r' "multiValueQueryStringParameters": [{]"tenant": \["south", "north"\][}],'
                    r' "pathParameters": [{]"id": "7"[}], "stageVariables": [{]"tenant": "north"[}],'
                    r' "requestContext": [{].*[}][}]'
                )
            }
        ),
        "/request/7?tenant=south&tenant=north",
        ("X-Caller", ask(result=build_result(), echo=True)),
    ),
)

_MALFORMED: Final = {
    "null": ABSENT,
    "text": "Allow",
    "number": 5,
    "true": True,
    "list": [build_result()],
    "empty": {},
    "no-policy": {"principalId": "alice"},
    "simple-response": {"isAuthorized": True, "principalId": "alice"},
    "proxy-response": {"statusCode": 200, "body": ""},
    "policy-text": {"principalId": "alice", "policyDocument": json.dumps(build_result()["policyDocument"])},
    "no-statement": {"principalId": "alice", "policyDocument": {"Version": "2012-10-17"}},
    "statement-text": build_result("Allow"),
    "effect-case": build_result(build_statement("allow")),
    "effect-missing": build_result(build_statement(Effect=None)),
    "no-action": build_result(build_statement(Action=None)),
    "no-resource": build_result(build_statement(Resource=None)),
    "both-resources": build_result(build_statement(NotResource="x")),
    "resource-number": build_result(build_statement(Resource=1)),
    "context-list": build_result(context={"groups": ["admin"]}),
    "context-object": build_result(context={"groups": {"admin": True}}),
    "context-text": build_result(context="admin"),
}

RESULTS: Final = (
    *(
        build_case(
            f"lambda.malformed-{name}",
            "lambda-authorizer.malformed",
            "GET /token/1",
            FAILED,
            ("Authorization", ask(result=None if result is ABSENT else result)),
        )
        for name, result in _MALFORMED.items()
    ),
    *(
        build_case(
            f"lambda.fails-{name}",
            f"lambda-authorizer.{rule}",
            "GET /token/1",
            response,
            ("Authorization", ask(fail=text)),
        )
        for name, rule, response, text in (
            ("unauthorized", "unauthorized", unauthorized(), "Unauthorized"),
            ("lower-case", "failure", FAILED, "unauthorized"),
            ("more-text", "failure", FAILED, "Unauthorized: expired"),
            ("blank", "failure", FAILED, "Unauthorized "),
            ("other", "failure", FAILED, "out of order"),
        )
    ),
    build_case(
        "lambda.not-json", "lambda-authorizer.failure", "GET /token/1", FAILED, ("Authorization", "abc")
    ),
    build_token_case("no-principal", "no-principal", FAILED, build_result(principal=ABSENT)),
    build_token_case("empty-principal", "no-principal", FAILED, build_result(principal="")),
    build_token_case("number-as-principal", "no-principal", FAILED, build_result(principal=5)),
    build_token_case(
        "no-principal-denied",
        "no-principal",
        EXPLICIT,
        build_result(build_statement("Deny"), principal=ABSENT),
    ),
    build_token_case(
        "context",
        "context",
        echoed(
            {
                CALLER: Keys(("text", "number", "true", "null", "principalId", "integrationLatency")),
                f"{CALLER}/text": "a b",
                f"{CALLER}/number": "5",
                f"{CALLER}/true": "true",
                f"{CALLER}/null": None,
                f"{CALLER}/integrationLatency": int,
            }
        ),
        build_result(context={"text": "a b", "number": 5, "true": True, "null": None}),
    ),
    build_token_case(
        "context-own-principal",
        "context",
        IN,
        build_result(context={"principalId": "mallory", "integrationLatency": "x"}),
    ),
    build_token_case("no-context", "context", echoed({CALLER: Keys(("principalId", "integrationLatency"))})),
)

CASES: Final = (*IDENTITY, *REQUEST, *RESULTS)
