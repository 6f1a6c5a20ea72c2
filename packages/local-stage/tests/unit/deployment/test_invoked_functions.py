"""A function runs as the API invokes it: itself, or the version behind an alias."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local_stage.deployment.invoked_functions import find_invoked_functions, find_unshared_concurrency
from local_stage.lambda_runtime.function_settings import FunctionSettings

ARN = "arn:aws:lambda:ap-northeast-1:123456789012:function:hello"
VERSIONS = {f"{ARN}:live": "1", f"{ARN}:1": "1"}


def function(folder: Path, **changes: Any) -> FunctionSettings:
    return FunctionSettings(
        logical_id="Hello",
        name="hello",
        arn=ARN,
        code_folder=folder,
        handler="app.handler",
        runtime="python3.13",
        **changes,
    )


def found(folder: Path, *invoked: str) -> dict[str, str]:
    """Return the version that answers, by the ARN that invokes it."""
    functions = find_invoked_functions([function(folder)], VERSIONS, set(invoked))
    assert [settings.invoked_arn for settings in functions.values()] == list(functions)
    return {arn: settings.version for arn, settings in functions.items()}


def test_what_an_alias_invokes_is_the_version_that_it_names(tmp_path: Path) -> None:
    assert found(tmp_path, f"{ARN}:live") == {f"{ARN}:live": "1"}


def test_what_a_version_invokes_is_that_version(tmp_path: Path) -> None:
    assert found(tmp_path, f"{ARN}:1") == {f"{ARN}:1": "1"}


def test_the_functions_own_arn_invokes_its_code_as_it_is(tmp_path: Path) -> None:
    assert found(tmp_path, ARN) == {ARN: "$LATEST"}


def test_the_code_as_it_is_has_a_qualifier_too(tmp_path: Path) -> None:
    assert found(tmp_path, f"{ARN}:$LATEST") == {f"{ARN}:$LATEST": "$LATEST"}


def test_a_function_that_is_invoked_in_two_ways_runs_in_both(tmp_path: Path) -> None:
    assert found(tmp_path, ARN, f"{ARN}:live") == {ARN: "$LATEST", f"{ARN}:live": "1"}


def test_a_function_that_the_api_does_not_invoke_runs_as_it_is(tmp_path: Path) -> None:
    assert found(tmp_path, f"{ARN}-other:live") == {ARN: "$LATEST"}


def test_it_is_told_where_reserved_concurrency_counts_twice(tmp_path: Path) -> None:
    settings = function(tmp_path, reserved_concurrency=1)
    functions = find_invoked_functions([settings], VERSIONS, {ARN, f"{ARN}:live"})
    (told,) = find_unshared_concurrency(functions.values())
    assert str(told) == (
        "Hello.ReservedConcurrentExecutions: counts locally for each ARN that the API invokes by itself"
    )


def test_reserved_concurrency_of_what_is_invoked_in_one_way_is_enforced(tmp_path: Path) -> None:
    settings = function(tmp_path, reserved_concurrency=1)
    functions = find_invoked_functions([settings], VERSIONS, {f"{ARN}:live"})
    assert list(find_unshared_concurrency(functions.values())) == []


@pytest.mark.rule("function.initialization-type")
def test_a_function_is_told_how_its_environments_start_on_lambda(tmp_path: Path) -> None:
    live, one = f"{ARN}:live", f"{ARN}:1"
    settings = function(tmp_path, snap_start=True)
    functions = find_invoked_functions([settings], VERSIONS, {ARN, live, one}, {live})
    assert {arn: found.initialization_type for arn, found in functions.items()} == {
        ARN: "on-demand",
        live: "provisioned-concurrency",
        one: "snap-start",
    }
