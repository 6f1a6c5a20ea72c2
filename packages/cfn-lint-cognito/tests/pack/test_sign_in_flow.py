"""The flows by which an app client signs in, and what may stand beside them."""

from __future__ import annotations

import pytest

from tests.pack.found import CHOICE, client, find_paths

REFRESH = "ExplicitAuthFlows: [ALLOW_USER_SRP_AUTH, ALLOW_REFRESH_TOKEN_AUTH]"


def test_the_refresh_flow_beside_rotation_is_found() -> None:
    source = client(f"{{RefreshTokenRotation: {{Feature: ENABLED}}, {REFRESH}}}")
    assert find_paths("E9523", source) == [("Resources", "Client", "Properties", "ExplicitAuthFlows", 1)]


@pytest.mark.parametrize(
    "properties",
    [
        f"{{RefreshTokenRotation: {{Feature: DISABLED}}, {REFRESH}}}",
        f"{{{REFRESH}}}",
        "{RefreshTokenRotation: {Feature: ENABLED}, ExplicitAuthFlows: [ALLOW_USER_SRP_AUTH]}",
    ],
)
def test_one_way_to_refresh_is_right(properties: str) -> None:
    assert find_paths("E9523", client(properties)) == []


def test_flow_and_rotation_are_judged_within_one_branch() -> None:
    source = client(
        """
        RefreshTokenRotation: !If [IsLeft, {Feature: ENABLED}, !Ref AWS::NoValue]
        ExplicitAuthFlows: [!If [IsLeft, !Ref AWS::NoValue, ALLOW_REFRESH_TOKEN_AUTH]]
        """,
        sections=CHOICE,
    )
    assert find_paths("E9523", source) == []


@pytest.mark.parametrize("old", ["ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH"])
def test_old_and_new_names_of_flows_are_found(old: str) -> None:
    assert len(find_paths("E9524", client(f"{{ExplicitAuthFlows: [{old}, ALLOW_USER_SRP_AUTH]}}"))) == 1
    assert find_paths("E9524", client(f"{{ExplicitAuthFlows: [{old}]}}")) == []
