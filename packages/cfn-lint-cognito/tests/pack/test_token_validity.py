"""How long an app client's tokens are good."""

from __future__ import annotations

import pytest

from tests.pack.found import CHOICE, client, find_messages, find_paths


@pytest.mark.parametrize(
    ("kind", "validity", "unit"),
    [
        ("IdToken", 4, "minutes"),
        ("IdToken", 25, "hours"),
        ("AccessToken", 299, "seconds"),
        ("AccessToken", 2, "days"),
        ("RefreshToken", 59, "minutes"),
        ("RefreshToken", 3651, "days"),
    ],
)
def test_a_lifetime_that_cognito_refuses_is_found(kind: str, validity: int, unit: str) -> None:
    source = client(f"{kind}Validity: {validity}\nTokenValidityUnits: {{{kind}: {unit}}}")
    assert find_paths("E9515", source) == [("Resources", "Client", "Properties", f"{kind}Validity")]


@pytest.mark.parametrize(
    ("kind", "validity", "unit"),
    [
        ("IdToken", 5, "minutes"),
        ("AccessToken", 1, "days"),
        ("AccessToken", 86400, "seconds"),
        ("RefreshToken", 1, "hours"),
        ("RefreshToken", 3650, "days"),
    ],
)
def test_a_lifetime_at_cognitos_bounds_is_possible(kind: str, validity: int, unit: str) -> None:
    assert (
        find_paths("E9515", client(f"{kind}Validity: {validity}\nTokenValidityUnits: {{{kind}: {unit}}}"))
        == []
    )


def test_a_missing_unit_means_hours_and_the_message_says_so() -> None:
    assert find_messages("E9515", client("IdTokenValidity: 60")) == [
        "IdTokenValidity is 60 hours (no unit is given): Cognito takes 5 minutes to 1 day"
    ]


def test_a_missing_unit_of_a_refresh_token_means_days() -> None:
    assert "3651 days" in find_messages("E9515", client("RefreshTokenValidity: 3651"))[0]


def test_a_refresh_token_of_no_days_has_the_default() -> None:
    assert find_paths("E9515", client("RefreshTokenValidity: 0")) == []


def test_an_unknown_unit_is_not_judged() -> None:
    properties = "{IdTokenValidity: 60, TokenValidityUnits: {IdToken: !Ref FromOutside}}"
    assert find_paths("E9515", client(properties)) == []


def test_number_and_unit_are_judged_within_one_branch() -> None:
    properties = """
        IdTokenValidity: !If [IsLeft, 60, 1]
        TokenValidityUnits: {IdToken: !If [IsLeft, minutes, hours]}
        """
    assert find_paths("E9515", client(properties, sections=CHOICE)) == []


@pytest.mark.parametrize("kind", ["IdToken", "AccessToken"])
def test_more_than_an_hour_is_long(kind: str) -> None:
    source = client(f"{kind}Validity: 61\nTokenValidityUnits: {{{kind}: minutes}}")
    assert len(find_paths("W9516", source)) == 1


@pytest.mark.parametrize("properties", ["{}", "IdTokenValidity: 1", "AccessTokenValidity: 1"])
def test_an_hour_is_not_long(properties: str) -> None:
    assert find_paths("W9516", client(properties)) == []


def test_what_cognito_refuses_is_not_called_long_as_well() -> None:
    assert find_paths("W9516", client("IdTokenValidity: 60")) == []


def test_a_refresh_token_of_more_than_thirty_days_is_long() -> None:
    (message,) = find_messages("W9516", client("RefreshTokenValidity: 31"))
    assert message.startswith("RefreshTokenValidity is 31 days")
    assert message.endswith("so take 30 days at most")


def test_a_rotated_refresh_token_may_last_longer() -> None:
    properties = "{RefreshTokenValidity: 365, RefreshTokenRotation: {Feature: ENABLED}}"
    assert find_paths("W9516", client(properties)) == []


def test_rotation_that_is_off_does_not_help() -> None:
    properties = "{RefreshTokenValidity: 365, RefreshTokenRotation: {Feature: DISABLED}}"
    assert len(find_paths("W9516", client(properties))) == 1


def test_rotation_that_is_on_only_sometimes_does_not_help() -> None:
    properties = (
        "{RefreshTokenValidity: 365, RefreshTokenRotation: {Feature: !If [IsLeft, ENABLED, DISABLED]}}"
    )
    assert len(find_paths("W9516", client(properties, sections=CHOICE))) == 1
