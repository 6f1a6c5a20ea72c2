"""Rules for how long an app client's tokens are good.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cognito-userpoolclient-tokenvalidityunits.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cfn_lint_cognito.possible_value import ABSENT, PossibleValue, read_number
from cfn_lint_cognito.rule import Finding, Rule
from cfn_lint_cognito.template import Resource, Template

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
SECONDS: Final = {"seconds": 1, "minutes": MINUTE, "hours": HOUR, "days": DAY}
TEN_YEARS: Final = 315_360_000


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of token. Times are in seconds; `unit` is the one that counts where none is named."""

    name: str
    unit: str
    shortest: int
    longest: int
    advised: int


KINDS: Final = (
    Kind("IdToken", "hours", 5 * MINUTE, DAY, HOUR),
    Kind("AccessToken", "hours", 5 * MINUTE, DAY, HOUR),
    Kind("RefreshToken", "days", HOUR, TEN_YEARS, 30 * DAY),
)


@dataclass(frozen=True, slots=True)
class Validity:
    """How long tokens of a kind are good, in seconds, and how the template says it."""

    kind: Kind
    seconds: float
    wording: str
    value: PossibleValue

    @property
    def is_possible(self) -> bool:
        """Whether Cognito takes it."""
        return self.kind.shortest <= self.seconds <= self.kind.longest


def find_impossible(template: Template) -> Iterator[Finding]:
    """Find lifetimes that Cognito refuses."""
    for client in template.resources("AWS::Cognito::UserPoolClient"):
        for validity in _validities(client):
            if not validity.is_possible:
                yield Finding(
                    validity.value.path,
                    f"{validity.kind.name}Validity is {validity.wording}: Cognito takes "
                    f"{_in_words(validity.kind.shortest)} to {_in_words(validity.kind.longest)}",
                )


def find_long(template: Template) -> Iterator[Finding]:
    """Find lifetimes that leave a thief, or a user who has been disabled, much time."""
    for client in template.resources("AWS::Cognito::UserPoolClient"):
        for validity in _validities(client):
            if (
                validity.is_possible
                and validity.seconds > validity.kind.advised
                and not _is_rotated(client, validity)
            ):
                yield Finding(
                    validity.value.path,
                    f"{validity.kind.name}Validity is {validity.wording}: a stolen token is good for as "
                    f"long, so take {_in_words(validity.kind.advised)} at most",
                )


def _validities(client: Resource) -> Iterator[Validity]:
    for kind in KINDS:
        for value in client.possible(f"{kind.name}Validity"):
            number = read_number(value.value)
            # Cognito replaces a refresh token's 0 by its default.
            if number is not None and not (number == 0 and kind.name == "RefreshToken"):
                yield from _in_units(client, kind, value, number)


def _in_units(client: Resource, kind: Kind, value: PossibleValue, number: float) -> Iterator[Validity]:
    for unit in client.possible("TokenValidityUnits", kind.name, when=value.when):
        name = kind.unit if unit.value is ABSENT else unit.value
        if isinstance(name, str) and name in SECONDS:
            said = f"{number:g} {name}" + (" (no unit is given)" if unit.value is ABSENT else "")
            yield Validity(kind, number * SECONDS[name], said, value)


def _is_rotated(client: Resource, validity: Validity) -> bool:
    # A rotated refresh token is good for one use: a thief and the user cannot both go on.
    features = client.possible("RefreshTokenRotation", "Feature", when=validity.value.when)
    return validity.kind.name == "RefreshToken" and all(feature.value == "ENABLED" for feature in features)


def _in_words(seconds: int) -> str:
    if seconds == TEN_YEARS:
        return "10 years"
    unit = max((unit for unit in SECONDS if seconds % SECONDS[unit] == 0), key=SECONDS.__getitem__)
    count = seconds // SECONDS[unit]
    return f"1 {unit.removesuffix('s')}" if count == 1 else f"{count} {unit}"


RULES: Final = (
    Rule(
        id="E9515",
        title="Token lifetimes are within what Cognito takes",
        why=(
            "Outside 5 minutes to 1 day (ID and access token) and 1 hour to 10 years (refresh token) the "
            "deployment fails; most often because the unit is missing, and 60 then means hours."
        ),
        looks_at=(
            "IdTokenValidity, AccessTokenValidity, RefreshTokenValidity and TokenValidityUnits of "
            "AWS::Cognito::UserPoolClient"
        ),
        source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cognito-userpoolclient-tokenvalidityunits.html",
        find=find_impossible,
    ),
    Rule(
        id="W9516",
        title="ID and access tokens last an hour at most, refresh tokens 30 days unless they are rotated",
        why=(
            "API Gateway accepts a token until it expires, even when its user has signed out, been disabled "
            "or been deleted."
        ),
        looks_at=(
            "IdTokenValidity, AccessTokenValidity, RefreshTokenValidity, TokenValidityUnits and "
            "RefreshTokenRotation of AWS::Cognito::UserPoolClient"
        ),
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-with-identity-providers.html",
        find=find_long,
    ),
)
