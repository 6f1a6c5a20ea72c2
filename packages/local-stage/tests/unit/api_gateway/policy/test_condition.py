"""Conditions: each operator with a value that it takes, one that it does not, and none at all."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.api_gateway.policy.condition import PolicyError
from local_stage.api_gateway.policy.policy import Decision, Policy
from tests.unit.api_gateway.policy.asked import KEYS, decide, policy, statement

IP, AGENT, VPC = "aws:SourceIp", "aws:UserAgent", "aws:SourceVpc"
ROLE = "arn:aws:iam::123456789012:role/app/reader"


def holds(operator: str, key: str, value: Any, **keys: str | None) -> bool:
    """Say whether a condition holds, by an Allow and by a Deny that ask for it."""
    condition = {operator: {key: value}}
    known = {**KEYS, **{f"aws:{name}": text for name, text in keys.items()}}
    allowed = decide(policy(statement(Condition=condition)), keys=known) is Decision.ALLOW
    denied = decide(policy(statement(), statement("Deny", Condition=condition)), keys=known)
    assert (denied is Decision.EXPLICIT_DENY) is allowed
    return allowed


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        ("IpAddress", IP, "203.0.113.7", True),
        ("IpAddress", IP, "203.0.113.0/24", True),
        ("IpAddress", IP, "203.0.113.9/24", True),
        ("IpAddress", IP, ["10.0.0.0/8", "203.0.113.0/24"], True),
        ("IpAddress", IP, "10.0.0.0/8", False),
        ("IpAddress", IP, "2001:db8::/32", False),
        ("NotIpAddress", IP, "10.0.0.0/8", True),
        ("NotIpAddress", IP, ["10.0.0.0/8", "203.0.113.0/24"], False),
        ("StringEquals", AGENT, "curl/8.5.0", True),
        ("StringEquals", AGENT, "CURL/8.5.0", False),
        ("StringEquals", AGENT, "curl/*", False),
        ("StringEquals", AGENT, ["a", "curl/8.5.0"], True),
        ("StringNotEquals", AGENT, "curl/8.5.0", False),
        ("StringNotEquals", AGENT, ["a", "curl/8.5.0"], False),
        ("StringNotEquals", AGENT, ["a", "b"], True),
        ("StringEqualsIgnoreCase", AGENT, "CURL/8.5.0", True),
        ("StringNotEqualsIgnoreCase", AGENT, "CURL/8.5.0", False),
        ("StringLike", AGENT, "curl/?.*", True),
        ("StringLike", AGENT, "CURL/*", False),
        ("StringNotLike", AGENT, "curl/*", False),
        ("StringNotLike", AGENT, "wget/*", True),
        ("Bool", "aws:SecureTransport", "true", True),
        ("Bool", "aws:SecureTransport", True, True),
        ("Bool", "aws:SecureTransport", "False", False),
        ("NumericEquals", "aws:EpochTime", 1718636426, True),
        ("NumericNotEquals", "aws:EpochTime", 1718636426, False),
        ("NumericLessThan", "aws:EpochTime", "1718636426", False),
        ("NumericLessThanEquals", "aws:EpochTime", "1718636426", True),
        ("NumericGreaterThan", "aws:EpochTime", "1e9", True),
        ("NumericGreaterThanEquals", "aws:EpochTime", "1718636427", False),
        ("DateEquals", "aws:CurrentTime", "2024-06-17T15:00:26Z", True),
        ("DateNotEquals", "aws:CurrentTime", "2024-06-17T15:00:26Z", False),
        ("DateLessThan", "aws:CurrentTime", "2025-01-01T00:00:00Z", True),
        ("DateLessThanEquals", "aws:CurrentTime", "2024-06-17", False),
        ("DateGreaterThan", "aws:CurrentTime", "2024-06-17T17:00:00+02:00", True),
        ("DateGreaterThanEquals", "aws:EpochTime", "1718636426", True),
        ("ForAnyValue:StringLike", AGENT, "curl/*", True),
        ("ForAnyValue:StringNotLike", AGENT, "curl/*", False),
        ("ForAllValues:StringLike", AGENT, ["wget/*", "curl/*"], True),
        ("ForAllValues:StringNotEquals", AGENT, "curl/8.5.0", False),
        ("StringEquals", "AWS:userAGENT", "curl/8.5.0", True),
        ("StringLike", AGENT, "curl/${*}", False),
        ("Null", AGENT, "false", True),
        ("Null", AGENT, "true", False),
    ],
)
def test_a_key_that_is_there(operator: str, key: str, value: Any, expected: bool) -> None:  # noqa: FBT001
    assert holds(operator, key, value) is expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("StringEquals", "vpc-1", False),
        ("StringLike", "*", False),
        ("StringNotEquals", "vpc-1", True),
        ("StringNotLike", "*", True),
        ("StringEqualsIfExists", "vpc-1", True),
        ("StringNotEqualsIfExists", "vpc-1", True),
        ("IpAddress", "0.0.0.0/0", False),
        ("IpAddressIfExists", "10.0.0.0/8", True),
        ("NotIpAddress", "0.0.0.0/0", True),
        ("ForAllValues:StringEquals", "vpc-1", True),
        ("ForAnyValue:StringEquals", "vpc-1", False),
        ("ForAnyValue:StringNotEquals", "vpc-1", False),
        ("ForAnyValue:StringEqualsIfExists", "vpc-1", True),
        ("Null", "true", True),
        ("Null", True, True),
        ("Null", "false", False),
    ],
)
def test_a_key_that_no_such_request_has(operator: str, value: Any, expected: bool) -> None:  # noqa: FBT001
    assert holds(operator, VPC, value) is expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("ArnEquals", ROLE, True),
        ("ArnEquals", "arn:aws:iam::*:role/app/*", True),
        ("ArnLike", "arn:aws:iam::*:role/*", True),
        ("ArnLike", "*", True),
        ("ArnLike", "arn:aws:iam::*/reader", None),
        ("ArnLike", "arn:aws:*:*:*:user/*", False),
        ("ArnLike", "arn:aws:i*:role/app/reader", None),
        ("ArnNotEquals", ROLE, False),
        ("ArnNotLike", "arn:aws:iam::*:user/*", True),
        ("ForAllValues:ArnNotEquals", ROLE, False),
    ],
)
def test_the_parts_of_an_arn_are_compared_one_by_one(
    operator: str,
    value: str,
    expected: bool | None,  # noqa: FBT001 - a row of the table
) -> None:
    if expected is None:
        with pytest.raises(PolicyError):
            holds(operator, "aws:PrincipalArn", value)
    else:
        assert holds(operator, "aws:PrincipalArn", value, principalarn=ROLE) is expected


def test_an_ipv4_address_in_ipv6_form_is_what_it_is() -> None:
    assert holds("IpAddress", IP, "127.0.0.0/8", sourceip="::ffff:127.0.0.1")
    assert holds("IpAddress", IP, "::1", sourceip="::1")


def test_all_operators_and_all_keys_have_to_hold() -> None:
    both = {"IpAddress": {IP: "203.0.113.0/24"}, "StringLike": {AGENT: "wget/*"}}
    assert decide(policy(statement(Condition=both))) is Decision.IMPLICIT_DENY
    both["StringLike"][AGENT] = "curl/*"
    assert decide(policy(statement(Condition=both))) is Decision.ALLOW
    two = {"StringNotEquals": {VPC: "vpc-1", AGENT: "curl/8.5.0"}}
    assert decide(policy(statement(Condition=two))) is Decision.IMPLICIT_DENY


@pytest.mark.parametrize("key", ["aws:PrincipalTag/team", "aws:RequestedRegion", "execute-api:viaVpce", "x"])
@pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals", "StringEqualsIfExists", "Null"])
def test_an_unknown_key_never_allows_and_always_denies(key: str, operator: str) -> None:
    condition = {operator: {key: "true"}}
    assert decide(policy(statement(Condition=condition))) is Decision.IMPLICIT_DENY
    assert decide(policy(statement(), statement("Deny", Condition=condition))) is Decision.EXPLICIT_DENY


def test_an_unknown_key_beside_a_condition_that_fails_does_not_deny() -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": "a", AGENT: "wget"}}
    assert decide(policy(statement(), statement("Deny", Condition=condition))) is Decision.ALLOW


def test_a_policy_tells_which_keys_it_asks_for() -> None:
    conditions = {"StringLike": {AGENT: "${aws:username}*"}, "IpAddress": {IP: "::1"}}
    read = Policy.parse(policy(statement(Condition=conditions, Resource="${aws:userid}/${*}")))
    assert read.condition_keys == {AGENT, "aws:username", IP, "aws:userid"}


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ([], "Condition has to be a mapping of operators"),
        ({"StringMatches": {AGENT: "x"}}, "'StringMatches' is no condition operator that is known here"),
        ({"stringequals": {AGENT: "x"}}, "'stringequals' is no condition operator that is known here"),
        ({"Some:Null": {AGENT: "x"}}, "'Some:Null' is no condition operator that is known here"),
        ({"BinaryEquals": {AGENT: "x"}}, "'BinaryEquals' is no condition operator that is known here"),
        ({"NullIfExists": {AGENT: "x"}}, "'NullIfExists' is no condition operator that is known here"),
        ({"StringLike": "x"}, "StringLike has to be a mapping of condition keys"),
        ({"StringLike": {}}, "StringLike has to be a mapping of condition keys"),
        ({"StringLike": {AGENT: []}}, "StringLike of aws:UserAgent has no value to compare with"),
        ({"StringLike": {AGENT: {}}}, "StringLike of aws:UserAgent has {}, which is no text"),
        ({"StringLike": {AGENT: None}}, "StringLike of aws:UserAgent has None, which is no text"),
        ({"IpAddress": {IP: "office"}}, "IpAddress cannot compare with 'office'"),
        ({"NotIpAddress": {IP: "10.0.0.0/33"}}, "NotIpAddress cannot compare with '10.0.0.0/33'"),
        ({"NumericEquals": {IP: "ten"}}, "NumericEquals cannot compare with 'ten'"),
        ({"NumericLessThan": {IP: "nan"}}, "NumericLessThan cannot compare with 'nan'"),
        ({"DateLessThan": {IP: "tomorrow"}}, "DateLessThan cannot compare with 'tomorrow'"),
        ({"Bool": {"aws:SecureTransport": "yes"}}, "Bool cannot compare with 'yes'"),
        ({"Null": {AGENT: "maybe"}}, "Null cannot compare with 'maybe'"),
        ({"ArnLike": {"aws:PrincipalArn": "role/x"}}, "ArnLike cannot compare with 'role/x'"),
    ],
)  # fmt: skip
def test_a_condition_that_nobody_can_tell_is_refused(condition: Any, why: str) -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.parse(policy(statement("Deny", Condition=condition)))
    assert str(caught.value) == why
