"""What a policy decides: effects, actions, resources, and what is no policy at all."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.api_gateway.policy.condition import PolicyError
from local_stage.api_gateway.policy.policy import Decision, Policy
from tests.unit.api_gateway.policy.asked import API, HELLO, decide, policy, statement

ALLOW, DENY, SILENT = Decision.ALLOW, Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY
ELSEWHERE = f"{API}/POST/elsewhere"


class TestEffect:
    def test_silence_denies(self) -> None:
        assert decide(policy(statement(Resource=ELSEWHERE))) is SILENT

    def test_an_allow_allows(self) -> None:
        assert decide(policy(statement(Resource=HELLO))) is ALLOW

    @pytest.mark.parametrize(
        "statements",
        [
            (statement(), statement("Deny")),
            (statement("Deny"), statement()),
            (statement("Deny"), statement(), statement()),
            (statement(), statement(Resource=ELSEWHERE), statement(), statement("Deny", Resource=HELLO)),
        ],
    )
    def test_a_deny_wins_wherever_it_stands(self, statements: tuple[Any, ...]) -> None:
        assert decide(policy(*statements)) is DENY

    def test_a_deny_of_something_else_does_not_count(self) -> None:
        assert decide(policy(statement(), statement("Deny", Resource=ELSEWHERE))) is ALLOW

    def test_one_statement_may_stand_without_a_list(self) -> None:
        assert decide({"Version": "2012-10-17", "Statement": statement()}) is ALLOW

    def test_a_version_may_be_left_out(self) -> None:
        assert decide(policy(statement(), version=None)) is ALLOW


class TestAction:
    @pytest.mark.parametrize(
        "action",
        [
            "execute-api:Invoke", "execute-api:*", "*", "execute-api:Inv?ke", "EXECUTE-API:invoke",
            ["s3:GetObject", "execute-api:Invoke"],
        ],
    )  # fmt: skip
    def test_an_action_allows(self, action: Any) -> None:
        assert decide(policy(statement(Action=action))) is ALLOW

    @pytest.mark.parametrize(
        "action",
        [
            "execute-api:InvalidateCache", "execute-api", "s3:*", "execute-api:Invoke ", "execute-api:?",
            "execute-api:ManageConnections", "lambda:InvokeFunction",
        ],
    )  # fmt: skip
    def test_another_action_allows_nothing(self, action: str) -> None:
        assert decide(policy(statement(Action=action))) is SILENT

    @pytest.mark.parametrize(
        ("action", "decision"), [("s3:*", ALLOW), ("execute-api:*", SILENT), (["s3:*", "*"], SILENT)]
    )
    def test_not_action_is_for_all_others(self, action: Any, decision: Decision) -> None:
        assert decide(policy(statement(Action=None, NotAction=action))) is decision

    def test_a_deny_of_all_other_actions_denies(self) -> None:
        other = statement("Deny", Action=None, NotAction="s3:*")
        assert decide(policy(statement(), other)) is DENY


class TestResource:
    @pytest.mark.parametrize(
        "resource",
        [
            HELLO, "*", f"{API}/*", f"{API}/*/hello", f"{API}/GET/*", f"{API}/G?T/hello", "arn:aws:*/hello",
            f"{API}/GET/h*l*o", "arn:*:execute-api:*:*:*/*/*/*", f"{HELLO}*", f"*{HELLO}", "**",
            [ELSEWHERE, HELLO],
        ],
    )  # fmt: skip
    def test_a_resource_matches(self, resource: Any) -> None:
        assert decide(policy(statement(Resource=resource))) is ALLOW

    @pytest.mark.parametrize(
        "resource",
        [
            f"{API}/GET/Hello", f"{API}/ANY/*", f"{API}/POST/hello", f"{API}/GET/hell", f"{API}/GET/hello/",
            f"{API}/GET/hello?", "/dev/GET/hello", "execute-api:/dev/GET/hello", f"{API}/GET/h.llo", "",
            f"{API}/GET", f"{API}/GET/he?o", f"{API}/GET/[h]ello", f"{API}/GET/hello$", "a*a*a*a*b",
        ],
    )  # fmt: skip
    def test_another_resource_does_not(self, resource: str) -> None:
        assert decide(policy(statement(Resource=resource or "x"))) is SILENT

    def test_an_asterisk_stands_for_slashes_colons_and_line_ends(self) -> None:
        document = policy(statement(Resource=f"{API}/GET/*"))
        assert decide(document, f"{API}/GET/a/b:c\nd") is ALLOW

    def test_a_line_end_after_the_path_is_another_path(self) -> None:
        assert decide(policy(statement(Resource=HELLO)), f"{HELLO}\n") is SILENT

    def test_not_resource_is_for_all_others(self) -> None:
        document = policy(statement(Resource=None, NotResource=[ELSEWHERE, f"{API}/PUT/*"]))
        assert (decide(document), decide(document, ELSEWHERE)) == (ALLOW, SILENT)

    def test_a_deny_of_all_other_resources_denies(self) -> None:
        document = policy(statement(), statement("Deny", Resource=None, NotResource=ELSEWHERE))
        assert (decide(document), decide(document, ELSEWHERE)) == (DENY, ALLOW)

    def test_wildcards_take_no_time(self) -> None:
        document = policy(statement(Resource=f"{API}/GET/{'*a' * 200}b"))
        assert decide(document, f"{API}/GET/{'a' * 10_000}") is SILENT


class TestSpellings:
    """Other ways to call the same method: they allow nothing, and a deny of any of them denies."""

    OTHER = f"{HELLO}/"

    def test_a_deny_of_another_spelling_denies(self) -> None:
        document = policy(statement(), statement("Deny", Resource=HELLO))
        assert decide(document, self.OTHER, spellings=(HELLO,)) is DENY

    def test_an_allow_of_another_spelling_does_not_allow(self) -> None:
        assert decide(policy(statement(Resource=HELLO)), self.OTHER, spellings=(HELLO,)) is SILENT

    def test_an_allow_of_all_others_allows_no_other_spelling_of_those_named(self) -> None:
        document = policy(statement(Resource=None, NotResource=HELLO))
        assert decide(document, self.OTHER, spellings=(HELLO,)) is SILENT
        assert decide(document, ELSEWHERE, spellings=(f"{ELSEWHERE}/",)) is ALLOW


class TestVariables:
    RESOURCE = f"{API}/GET/from/${{aws:SourceIp}}"

    def test_a_variable_has_the_requests_value(self) -> None:
        document = policy(statement(Resource=self.RESOURCE))
        assert decide(document, f"{API}/GET/from/203.0.113.7") is ALLOW
        assert decide(document, f"{API}/GET/from/203.0.113.8") is SILENT

    def test_a_value_brings_no_wildcards(self) -> None:
        document = policy(statement(Resource="${aws:UserAgent}"))
        assert decide(document, keys={"aws:useragent": "*"}) is SILENT

    @pytest.mark.parametrize("name", ["aws:PrincipalTag/team", "aws:SourceVpc", "aws:UserAgent, 'x'"])
    def test_a_variable_without_a_value_never_allows_and_always_denies(self, name: str) -> None:
        resource = f"${{{name}}}"
        assert decide(policy(statement(Resource=resource))) is SILENT
        assert decide(policy(statement(), statement("Deny", Resource=resource))) is DENY

    def test_an_older_policy_has_no_variables(self) -> None:
        document = policy(statement(Resource=self.RESOURCE), version="2008-10-17")
        assert decide(document, f"{API}/GET/from/203.0.113.7") is SILENT
        assert decide(document, self.RESOURCE) is ALLOW

    def test_a_wildcard_can_be_meant_as_it_stands(self) -> None:
        document = policy(statement(Resource=f"{API}/GET/${{*}}"))
        assert (decide(document, f"{API}/GET/*"), decide(document)) == (ALLOW, SILENT)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (None, "the policy has to be an object with Version and Statement"),
        ("{}", "the policy has to be an object with Version and Statement"),
        ([], "the policy has to be an object with Version and Statement"),
        ({}, "Statement has to be an object, or a list of objects"),
        (policy(), "Statement is empty"),
        (policy("Allow"), "Statement has to be an object, or a list of objects"),
        (policy(statement(), version="2012-10-18"), "Version has to be 2012-10-17, not '2012-10-18'"),
        ({**policy(statement()), "version": "2012-10-17"}, "'version' is no element of a policy"),
        (policy(statement("allow")), "Effect has to be Allow or Deny, not 'allow'"),
        (policy(statement("")), "Effect has to be Allow or Deny, not ''"),
        (policy({**statement(), "effect": "Deny"}), "'effect' is no element of a statement"),
        (policy(statement(["Allow"])), "Effect has to be Allow or Deny, not ['Allow']"),
        ({**policy(statement()), "Version": {}}, "Version has to be 2012-10-17, not {}"),
        (policy(statement(Action=None)), "a statement has to have either Action or NotAction"),
        (policy(statement(NotAction="*")), "a statement has to have either Action or NotAction"),
        (policy(statement(Resource=None)), "a statement has to have either Resource or NotResource"),
        (policy(statement(NotResource="*")), "a statement has to have either Resource or NotResource"),
        (policy(statement(Resource=[])), "Resource has to be a text or a list of texts"),
        (policy(statement(Resource=1)), "Resource has to be a text or a list of texts"),
        (policy(statement(Action=["*", {}])), "Action has to be a text or a list of texts"),
        (policy(statement(Action="")), "Action has to be a text or a list of texts"),
        (policy(statement(Principal="*")), "Principal has no place in this policy"),
        (policy(statement(NotPrincipal="*")), "'NotPrincipal' is no element of a statement"),
        (policy(statement(), statement("Forbid")), "Effect has to be Allow or Deny, not 'Forbid'"),
        (policy({1: 2}), "'1' is no element of a statement"),
    ],
)
def test_what_is_no_policy_is_refused_whole(document: Any, why: str) -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.parse(document)
    assert str(caught.value) == why
