"""A policy, and what it decides of a request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Self

from local_stage.api_gateway.policy.condition import Condition, PolicyError, Verdict, read_conditions
from local_stage.api_gateway.policy.keys import Keys
from local_stage.api_gateway.policy.pattern import Pattern
from local_stage.api_gateway.policy.principal import Caller, Principals, read_principals

INVOKE: Final = "execute-api:Invoke"
"""What a request to an API is an action of."""

_VERSIONS: Final = ("2008-10-17", "2012-10-17")
_EFFECTS: Final = ("Allow", "Deny")
_POLICY_KEYS: Final = frozenset({"Id", "Statement", "Version"})
_STATEMENT_KEYS: Final = frozenset(
    {"Action", "Condition", "Effect", "NotAction", "NotResource", "Principal", "Resource", "Sid"}
)


class Decision(Enum):
    """What policies say of a request; where none says anything, it is denied implicitly."""

    ALLOW = "allow"
    EXPLICIT_DENY = "explicit deny"
    IMPLICIT_DENY = "implicit deny"


@dataclass(frozen=True, slots=True)
class PolicyRequest:
    """What a policy is asked about.

    `resource` is the ARN of the method as it was called. `spellings` are other ARNs by which the same method
    could have been called: they allow nothing, and whatever denies one of them denies the request.
    `caller` is None where a policy names no principals.
    """

    resource: str
    keys: Keys
    spellings: tuple[str, ...] = ()
    caller: Caller | None = None
    action: str = INVOKE


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; `excludes_actions` and `excludes_resources` say that it is for all but those named."""

    is_allow: bool
    actions: tuple[Pattern, ...]
    resources: tuple[Pattern, ...]
    conditions: tuple[Condition, ...] = ()
    principals: Principals | None = None
    excludes_actions: bool = False
    excludes_resources: bool = False

    def applies(self, asked: PolicyRequest) -> bool:
        """Say whether the statement is one on this request.

        What nobody here can tell, as the value of an unknown key, never allows and always denies. An allow of
        all resources but those named allows no other spelling of those either (unverified). A deny of all
        resources but those named does not ask for a slash at the end of those: it would deny them all.
        """
        if self.is_allow:
            spelled = asked.spellings if self.excludes_resources else ()
            return all(self._covers(asked, arn) is True for arn in (asked.resource, *spelled))
        spellings = asked.spellings
        if self.excludes_resources:
            spellings = tuple(one for one in spellings if one != f"{asked.resource}/")
        return any(self._covers(asked, arn) is not False for arn in (asked.resource, *spellings))

    def _covers(self, asked: PolicyRequest, resource: str) -> Verdict:
        verdicts = [
            self._names_action(asked),
            self._names_resource(resource, asked.keys),
            self._names_caller(asked),
            *(condition.holds(asked.keys) for condition in self.conditions),
        ]
        return False if False in verdicts else None if None in verdicts else True

    def _names_action(self, asked: PolicyRequest) -> Verdict:
        named = _any(pattern.matches(asked.action, asked.keys, ignores_case=True) for pattern in self.actions)
        return _negate(named) if self.excludes_actions else named

    def _names_resource(self, resource: str, keys: Keys) -> Verdict:
        named = _any(pattern.matches(resource, keys) for pattern in self.resources)
        return _negate(named) if self.excludes_resources else named

    def _names_caller(self, asked: PolicyRequest) -> Verdict:
        if self.principals is None:
            return True
        if asked.caller is None:
            return None
        return self.principals.include(asked.caller, is_allow=self.is_allow)


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy's statements, in order."""

    statements: tuple[Statement, ...]

    @classmethod
    def parse(cls, document: Any, *, has_principals: bool = False) -> Self:
        """Read a policy document, which is a mapping as JSON gives it.

        With `has_principals` each statement has to say for whom it is, as that of a resource policy does;
        without, none may. Raises PolicyError, with the reason, for what IAM could not make sense of, and for
        what nobody here can tell the meaning of.
        """
        if not isinstance(document, Mapping):
            raise PolicyError("the policy has to be an object with Version and Statement")
        _refuse_unknown(document, _POLICY_KEYS, "a policy")
        version = document.get("Version", "2008-10-17")
        if version not in _VERSIONS:
            raise PolicyError(f"Version has to be 2012-10-17, not {version!a}")
        statements = document.get("Statement")
        listed = statements if isinstance(statements, list) else [statements]
        if not listed:
            raise PolicyError("Statement is empty")
        has_variables = version == "2012-10-17"
        return cls(
            tuple(
                _read_statement(one, has_variables=has_variables, has_principals=has_principals)
                for one in listed
            )
        )

    @property
    def condition_keys(self) -> frozenset[str]:
        """The names of all condition keys that the policy asks for."""
        return frozenset(self._find_keys())

    def _find_keys(self) -> Iterator[str]:
        for statement in self.statements:
            for pattern in (*statement.actions, *statement.resources):
                yield from pattern.variables
            for condition in statement.conditions:
                yield from condition.keys

    def decide(self, asked: PolicyRequest) -> Decision:
        """Return the decision: what denies wins, wherever it stands."""
        return decide((self,), asked)


def decide(policies: Iterable[Policy], asked: PolicyRequest) -> Decision:
    """Return the decision of several policies together: a deny of any of them wins."""
    effects = {
        statement.is_allow
        for policy in policies
        for statement in policy.statements
        if statement.applies(asked)
    }
    if False in effects:
        return Decision.EXPLICIT_DENY
    return Decision.ALLOW if True in effects else Decision.IMPLICIT_DENY


def _read_statement(statement: Any, *, has_variables: bool, has_principals: bool) -> Statement:
    if not isinstance(statement, Mapping):
        raise PolicyError("Statement has to be an object, or a list of objects")
    _refuse_unknown(statement, _STATEMENT_KEYS, "a statement")
    effect = statement.get("Effect")
    if effect not in _EFFECTS:
        raise PolicyError(f"Effect has to be Allow or Deny, not {effect!a}")
    if has_principals is not ("Principal" in statement):
        raise PolicyError(
            "a statement lacks Principal" if has_principals else "Principal has no place in this policy"
        )
    actions, excludes_actions = _read_patterns(statement, "Action", has_variables=has_variables)
    resources, excludes_resources = _read_patterns(statement, "Resource", has_variables=has_variables)
    return Statement(
        is_allow=effect == "Allow",
        actions=actions,
        resources=resources,
        conditions=read_conditions(statement.get("Condition"), has_variables=has_variables),
        principals=read_principals(statement["Principal"]) if has_principals else None,
        excludes_actions=excludes_actions,
        excludes_resources=excludes_resources,
    )


def _read_patterns(
    statement: Mapping[str, Any], element: str, *, has_variables: bool
) -> tuple[tuple[Pattern, ...], bool]:
    """Return the patterns of Action or Resource, and whether they stand under the name with Not."""
    named = [name for name in (element, f"Not{element}") if statement.get(name) is not None]
    if len(named) != 1:
        raise PolicyError(f"a statement has to have either {element} or Not{element}")
    value = statement[named[0]]
    listed = value if isinstance(value, list) else [value]
    if not listed or not all(isinstance(one, str) and one for one in listed):
        raise PolicyError(f"{named[0]} has to be a text or a list of texts")
    return tuple(Pattern(one, has_variables) for one in listed), named[0] != element


def _refuse_unknown(mapping: Mapping[str, Any], known: frozenset[str], of: str) -> None:
    unknown = sorted(str(key) for key in mapping if key not in known)
    if unknown:
        raise PolicyError(f"{unknown[0]!a} is no element of {of}")


def _any(verdicts: Iterable[Verdict]) -> Verdict:
    found = set(verdicts)
    return True if True in found else None if None in found else False


def _negate(verdict: Verdict) -> Verdict:
    return None if verdict is None else not verdict
