"""For whom a statement of a resource policy is."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.api_gateway.policy.condition import PolicyError
from local_stage.api_gateway.policy.policy import Decision, Policy
from local_stage.api_gateway.policy.principal import ANONYMOUS, Caller
from tests.unit.api_gateway.policy.asked import decide, policy, statement

ALLOW, DENY, SILENT = Decision.ALLOW, Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY
ACCOUNT = "123456789012"
USER = f"arn:aws:iam::{ACCOUNT}:user/alice"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/morning"
ALICE = Caller(ACCOUNT, frozenset({USER}))
READER = Caller(ACCOUNT, frozenset({ROLE, SESSION}))
ROOT = Caller(ACCOUNT, frozenset({f"arn:aws:iam::{ACCOUNT}:root"}), is_root=True)


def allowed(principal: Any, caller: Caller) -> Decision:
    return decide(policy(statement(Principal=principal)), caller=caller)


def denied(principal: Any, caller: Caller) -> Decision:
    document = policy(statement(Principal="*"), statement("Deny", Principal=principal))
    return decide(document, caller=caller)


@pytest.mark.parametrize("everybody", ["*", {"AWS": "*"}, {"AWS": ["*"]}])
@pytest.mark.parametrize("caller", [ANONYMOUS, ALICE, READER, ROOT])
def test_everybody_is_also_an_anonymous_caller(everybody: Any, caller: Caller) -> None:
    assert (allowed(everybody, caller), denied(everybody, caller)) == (ALLOW, DENY)


@pytest.mark.parametrize(
    "principal",
    [ACCOUNT, USER, ROLE, SESSION, f"arn:aws:iam::{ACCOUNT}:root", [USER, ACCOUNT]],
)
def test_an_anonymous_caller_is_nobody_in_particular(principal: Any) -> None:
    assert (allowed({"AWS": principal}, ANONYMOUS), denied({"AWS": principal}, ANONYMOUS)) == (SILENT, ALLOW)


@pytest.mark.parametrize(
    ("principal", "caller", "decision"),
    [
        (USER, ALICE, ALLOW),
        ([ROLE, USER], ALICE, ALLOW),
        (USER, READER, SILENT),
        (ROLE, READER, ALLOW),
        (SESSION, READER, ALLOW),
        (f"{SESSION}2", READER, SILENT),
        (USER.upper(), ALICE, None),
    ],
)
def test_a_caller_is_named_by_arn(principal: Any, caller: Caller, decision: Decision | None) -> None:
    if decision is None:
        with pytest.raises(PolicyError):
            allowed({"AWS": principal}, caller)
    else:
        assert allowed({"AWS": principal}, caller) is decision


@pytest.mark.parametrize("account", [ACCOUNT, int(ACCOUNT), f"arn:aws:iam::{ACCOUNT}:root"])
def test_to_allow_an_account_allows_its_root_alone_and_to_deny_it_denies_all(account: Any) -> None:
    named = {"AWS": account}
    assert [allowed(named, caller) for caller in (ROOT, ALICE, READER)] == [ALLOW, SILENT, SILENT]
    assert [denied(named, caller) for caller in (ROOT, ALICE, READER)] == [DENY, DENY, DENY]


def test_an_account_id_that_yaml_took_for_a_number_keeps_its_zeros() -> None:
    caller = Caller("000000000012", frozenset(), is_root=True)
    assert allowed({"AWS": 12}, caller) is ALLOW


def test_services_and_other_kinds_call_no_api() -> None:
    for kind in ("Service", "Federated", "CanonicalUser"):
        assert allowed({kind: "x"}, ROOT) is SILENT


@pytest.mark.parametrize(
    ("principal", "why"),
    [
        ("alice", 'Principal has to be "*" or an object such as {"AWS": "123456789012"}'),
        ({}, 'Principal has to be "*" or an object such as {"AWS": "123456789012"}'),
        (None, "a statement lacks Principal"),
        ({"AWS": []}, "Principal names nobody"),
        ({"AWS": "alice"}, "'alice' is no principal: write an account id, or the ARN of a user or role"),
        ({"AWS": "a*"}, "'a*' is no principal: write an account id, or the ARN of a user or role"),
        ({"AWS": True}, "True is no principal: write an account id, or the ARN of a user or role"),
        ({"Aws": "*"}, "'Aws' is no kind of Principal"),
    ],
)  # fmt: skip
def test_what_is_no_principal_is_refused(principal: Any, why: str) -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.parse(policy(statement(Principal=principal)), has_principals=True)
    assert str(caught.value) == why
