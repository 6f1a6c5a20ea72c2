"""Managed login fires the triggers that the pool's API fires."""

from __future__ import annotations

import pytest
import requests

from tests.local.emulated_pool import PASSWORD, decode
from tests.local.triggers.triggered_pools import Pool


def test_managed_login_fires_the_same_triggers(pool: Pool) -> None:
    pool.add_user("hal")
    logged_in = pool.log_in("hal")
    assert logged_in.status_code == 302
    tokens = pool.exchange(logged_in.headers["location"]).json()
    assert decode(tokens["id_token"])["plan"] == "gold"
    assert pool.sources("hal")[1:] == [
        "PreAuthentication_Authentication",
        "TokenGeneration_HostedAuth",
        "PostAuthentication_Authentication",
    ]


@pytest.mark.parametrize("operation", ["InitiateAuth", "ListUsers"])
def test_managed_login_is_known_by_its_path_whatever_operation_a_header_names(
    pool: Pool, operation: str
) -> None:
    named = {"X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}"}
    refused, passed = (f"{operation}-no-{trigger}" for trigger in ("PreAuthentication", "PostAuthentication"))
    pool.add_user(refused)
    assert pool.log_in(refused, **named).status_code == 400
    assert "PreAuthentication_Authentication" in pool.sources(refused)
    pool.add_user(passed)
    assert pool.exchange(pool.log_in(passed, **named).headers["location"], **named).status_code == 400
    assert pool.sources(passed)[-1] == "PostAuthentication_Authentication"


def test_a_failing_trigger_lets_nobody_in_by_managed_login(pool: Pool) -> None:
    pool.add_user("login-no-PreAuthentication")
    refused = pool.log_in("login-no-PreAuthentication")
    assert (refused.status_code, "location" in refused.headers) == (400, False)
    assert "PreAuthentication failed with error not today." in refused.text
    doubled = {"username": "login-no-PreAuthentication", "password": PASSWORD, "client_id": pool.client_id}
    form = "&".join(f"{name}={value}" for name, value in doubled.items())
    url = pool.stage.find_running().aws_endpoint_url + "/login"
    assert requests.post(url, data=f"{form}&username=nobody", timeout=60).status_code == 400
    for trigger in ("PostAuthentication", "TokenGeneration"):
        name = f"login-no-{trigger}"
        pool.add_user(name)
        refused = pool.exchange(pool.log_in(name).headers["location"])
        told = f"{trigger.replace('Token', 'PreToken')} failed with error not today."
        assert (refused.status_code, refused.json()) == (
            400,
            {"error": "invalid_grant", "error_description": told},
        )
