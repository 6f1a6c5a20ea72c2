"""Rules for user pools: who may delete the users, and how hard it is to sign in as one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from cfn_lint_cognito.possible_value import ABSENT, UNKNOWN, PossibleValue, read_number, read_text
from cfn_lint_cognito.rule import Finding, Rule
from cfn_lint_cognito.template import Resource, Template

USER_POOL: Final = "AWS::Cognito::UserPool"
LEAST_LENGTH: Final = 12
LEAST_LENGTH_WITH_MFA: Final = 8
DEFAULT_LENGTH: Final = 8
"""What Cognito asks of passwords where the template says nothing."""


def find_unprotected(template: Template) -> Iterator[Finding]:
    """Find pools that anybody with the right to delete pools deletes in one call."""
    for pool in template.in_production().resources(USER_POOL):
        for value in _all_at_fault(pool.possible("DeletionProtection"), ["ACTIVE"]):
            yield Finding(
                value.path, f"Set DeletionProtection of {pool.logical_id} to ACTIVE: {_WHY_PROTECT}"
            )


def find_deleted_with_stack(template: Template) -> Iterator[Finding]:
    """Find pools that end with their stack, or with a change that CloudFormation makes by replacing them."""
    for pool in template.in_production().resources(USER_POOL):
        for attribute, kept in _POLICIES.items():
            for value in _all_at_fault(pool.attribute(attribute), kept):
                yield Finding(value.path, f"Set {attribute} of {pool.logical_id} to {kept[0]}: {_WHY_KEEP}")


def find_short_passwords(template: Template) -> Iterator[Finding]:
    """Find pools that accept passwords which are quickly guessed."""
    for pool in template.resources(USER_POOL):
        for value in pool.possible("Policies", "PasswordPolicy", "MinimumLength"):
            length = DEFAULT_LENGTH if value.value is ABSENT else read_number(value.value)
            if length is not None and length < _least_length(pool, value):
                yield Finding(
                    value.path,
                    f"Passwords of {length:g} characters are short: set MinimumLength to {LEAST_LENGTH}, or "
                    f"to {LEAST_LENGTH_WITH_MFA} where MfaConfiguration is ON",
                )


def find_without_mfa(template: Template) -> Iterator[Finding]:
    """Find pools whose users cannot add a second factor even if they want to."""
    for pool in template.in_production().resources(USER_POOL):
        for value in _all_at_fault(pool.possible("MfaConfiguration"), ["ON", "OPTIONAL"]):
            yield Finding(
                value.path,
                f"A password alone opens every account of {pool.logical_id}: set MfaConfiguration to "
                "OPTIONAL or ON, with EnabledMfas",
            )


def find_two_kinds_of_names(template: Template) -> Iterator[Finding]:
    """Find pools that ask for aliases and for sign-in by an attribute at once."""
    for pool in template.resources(USER_POOL):
        for alias in pool.possible("AliasAttributes"):
            for name in pool.possible("UsernameAttributes", when=alias.when):
                if _is_filled(alias.value) and _is_filled(name.value):
                    yield Finding(
                        alias.path,
                        f"Cognito refuses {pool.logical_id}: it takes AliasAttributes or UsernameAttributes, "
                        "not both, and CloudFormation cannot change either later",
                    )


def find_without_factor(template: Template) -> Iterator[Finding]:
    """Find pools with MFA that have no second factor to offer."""
    for pool in template.resources(USER_POOL):
        for mode in pool.possible("MfaConfiguration"):
            if read_text(mode.value) in {"ON", "OPTIONAL"} and not _may_have_factor(pool, mode):
                yield Finding(
                    mode.path,
                    f"{pool.logical_id} has no second factor: add EnabledMfas: [SOFTWARE_TOKEN_MFA], or "
                    "SmsConfiguration",
                )


def _may_have_factor(pool: Resource, mode: PossibleValue) -> bool:
    factors = [factor.value for factor in pool.items("EnabledMfas", when=mode.when)]
    enabled = [found.value for found in pool.possible("EnabledMfas", when=mode.when)]
    texts = [found.value for found in pool.possible("SmsConfiguration", when=mode.when)]
    without_phone = any(factor is UNKNOWN or factor != "SMS_MFA" for factor in factors) or UNKNOWN in enabled
    return without_phone or any(found is not ABSENT for found in texts)


def _is_filled(value: object) -> bool:
    return isinstance(value, list) and bool(value)


_WHY_PROTECT: Final = "without it one call deletes every user"
_WHY_KEEP: Final = "the default deletes every user"
_POLICIES: Final = {
    "DeletionPolicy": ("Retain", "RetainExceptOnCreate"),
    "UpdateReplacePolicy": ("Retain",),
}


def _all_at_fault(values: Iterator[PossibleValue], right: Collection[str]) -> Sequence[PossibleValue]:
    """Return the values, if none of them is right or unknown: a template that distinguishes has decided."""
    found = list(values)
    wrong = [value for value in found if value.value is not UNKNOWN and read_text(value.value) not in right]
    return wrong if len(wrong) == len(found) else ()


def _least_length(pool: Resource, length: PossibleValue) -> int:
    configurations = [value.value for value in pool.possible("MfaConfiguration", when=length.when)]
    return LEAST_LENGTH_WITH_MFA if set(map(str, configurations)) == {"ON"} else LEAST_LENGTH


RULES: Final = (
    Rule(
        id="W9501",
        title="User pools are protected against deletion",
        why=(
            "Without DeletionProtection one wrong call deletes the pool with every user, and only Support at "
            "AWS can bring it back, within 14 days."
        ),
        looks_at="DeletionProtection of AWS::Cognito::UserPool, in production where the template knows one",
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-deletion-protection.html",
        find=find_unprotected,
    ),
    Rule(
        id="W9502",
        title="User pools outlive their stack and their replacement",
        why=(
            "CloudFormation's default policies delete the pool with the stack, and with any change that "
            "replaces it by a new, empty one."
        ),
        looks_at=(
            "DeletionPolicy (Retain or RetainExceptOnCreate) and UpdateReplacePolicy (Retain) of "
            "AWS::Cognito::UserPool, in production where the template knows one"
        ),
        source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html",
        find=find_deleted_with_stack,
    ),
    Rule(
        id="W9503",
        title="Passwords have 12 characters at least, or 8 where a second factor is required",
        why=(
            "Cognito's default of 8 is short for the only factor; length counts more than kinds of "
            "characters, which are therefore not asked for (NIST SP 800-63B-4 3.1.1.2 asks 15 of an only "
            "factor, 8 beside another one)."
        ),
        looks_at="Policies.PasswordPolicy.MinimumLength and MfaConfiguration of AWS::Cognito::UserPool",
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html",
        find=find_short_passwords,
    ),
    Rule(
        id="W9504",
        title="Users can have a second factor",
        why=(
            "With MfaConfiguration OFF, which is the default, a stolen password is all that an attacker "
            "needs, and no user can do anything about it."
        ),
        looks_at=(
            "MfaConfiguration (ON or OPTIONAL) of AWS::Cognito::UserPool, in production where the template "
            "knows one"
        ),
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html",
        find=find_without_mfa,
    ),
    Rule(
        id="E9505",
        title="A pool has alias attributes or user name attributes",
        why="Cognito refuses to create a pool with both, and the deployment is rolled back.",
        looks_at="AliasAttributes and UsernameAttributes of AWS::Cognito::UserPool",
        source="https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPool.html",
        find=find_two_kinds_of_names,
    ),
    Rule(
        id="E9507",
        title="A pool with MFA has a second factor",
        why=(
            "Cognito refuses MfaConfiguration ON or OPTIONAL while neither authenticator apps nor text "
            "messages are set up, and the deployment is rolled back."
        ),
        looks_at="MfaConfiguration, EnabledMfas and SmsConfiguration of AWS::Cognito::UserPool",
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html",
        find=find_without_factor,
    ),
)
