"""The policies that a Lambda authorizer returns, and whom they let in."""

from __future__ import annotations

from typing import Any, Final

from conformance.case import Case, Response
from conformance.cases.lambda_authorizer import (
    EXPLICIT,
    IMPLICIT,
    IN,
    build_result,
    build_statement,
    build_token_case,
)


def _policy(name: str, response: Response, *statements: Any, line: str = "GET /token/1") -> Case:
    return build_token_case(f"policy-{name}", "policy", response, build_result(*statements), line)


_WHOLE: Final = "arn:aws:execute-api:*:*:*/dev"

CASES: Final = (
    _policy("one-object", IN, build_statement()),
    _policy("asterisk", IN, build_statement(Resource="*")),
    _policy("any-verb", IN, build_statement(Resource=f"{_WHOLE}/*/token/1")),
    _policy("any-path", IN, build_statement(Resource=f"{_WHOLE}/GET/*")),
    _policy("question-mark", IN, build_statement(Resource=f"{_WHOLE}/GET/token/?")),
    _policy("question-mark-too-many", IMPLICIT, build_statement(Resource=f"{_WHOLE}/GET/token/1?")),
    _policy("list", IN, build_statement(Resource=["arn:aws:execute-api:*:*:*/prod/*", "$arn"])),
    _policy("other-path", IMPLICIT, build_statement(Resource=f"{_WHOLE}/GET/token/2")),
    _policy("other-case", IMPLICIT, build_statement(Resource=f"{_WHOLE}/get/token/1")),
    _policy("other-verb", IMPLICIT, build_statement(Resource=f"{_WHOLE}/POST/*")),
    _policy("other-stage", IMPLICIT, build_statement(Resource="arn:aws:execute-api:*:*:*/prod/*")),
    _policy("path-parameter", IMPLICIT, build_statement(Resource=f"{_WHOLE}/GET/token/{{proxy+}}")),
    _policy("verb-any", IMPLICIT, build_statement(Resource=f"{_WHOLE}/ANY/any"), line="GET /any"),
    _policy("verb-of-any", IN, build_statement(Resource=f"{_WHOLE}/GET/any"), line="GET /any"),
    _policy("prefix-alone", IMPLICIT, build_statement(Resource=f"{_WHOLE}/GET/token")),
    _policy("action-any", IN, build_statement(Action="*")),
    _policy("action-of-service", IN, build_statement(Action="execute-api:*")),
    _policy("action-case", IN, build_statement(Action="Execute-API:invoke")),
    _policy("action-list", IN, build_statement(Action=["s3:GetObject", "execute-api:Invoke"])),
    _policy("action-other", IMPLICIT, build_statement(Action="execute-api:InvalidateCache")),
    _policy("not-action", IN, build_statement(Action=None, NotAction="s3:*")),
    _policy("not-this-action", IMPLICIT, build_statement(Action=None, NotAction="execute-api:*")),
    _policy("not-resource", IN, build_statement(Resource=None, NotResource=f"{_WHOLE}/GET/token/2")),
    _policy("not-this-resource", IMPLICIT, build_statement(Resource=None, NotResource="$arn")),
    _policy("deny", EXPLICIT, build_statement("Deny")),
    _policy("deny-last", EXPLICIT, build_statement(), build_statement(Resource="*"), build_statement("Deny")),
    _policy("deny-first", EXPLICIT, build_statement("Deny"), build_statement(Resource="*")),
    _policy(
        "deny-not-resource",
        EXPLICIT,
        build_statement(),
        build_statement("Deny", Resource=None, NotResource="x"),
    ),
    _policy("deny-other", IN, build_statement(), build_statement("Deny", Resource=f"{_WHOLE}/GET/token/2")),
    _policy(
        "deny-all-else", IN, build_statement(), build_statement("Deny", Resource=None, NotResource="$arn")
    ),
    _policy(
        "condition", IN, build_statement(Condition={"IpAddress": {"aws:SourceIp": ["0.0.0.0/0", "::/0"]}})
    ),
    _policy(
        "condition-not-met",
        IMPLICIT,
        build_statement(Condition={"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}),
    ),
    _policy(
        "condition-absent-key", IMPLICIT, build_statement(Condition={"StringEquals": {"aws:Referer": "x"}})
    ),
    _policy(
        "condition-denies",
        EXPLICIT,
        build_statement(),
        build_statement("Deny", Condition={"StringNotEquals": {"aws:Referer": "x"}}),
    ),
    _policy(
        "condition-if-exists", IN, build_statement(Condition={"StringEqualsIfExists": {"aws:Referer": "x"}})
    ),
    _policy(
        "conditions-together",
        IMPLICIT,
        build_statement(
            Condition={"Null": {"aws:Referer": "true"}, "StringEquals": {"aws:UserAgent": "nobody"}}
        ),
    ),
)
