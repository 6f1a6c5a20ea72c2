"""The environment variables of a function's process, where the template has its say too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from local_stage.lambda_runtime.function_process import Launch, build_log_stream
from local_stage.lambda_runtime.function_settings import RESERVED_VARIABLES
from local_stage.lambda_runtime.process_guard import ProcessGuard
from local_stage.lambda_runtime.runtimes.provided import PreparedProvided
from local_stage.lambda_runtime.runtimes.python import PreparedPython
from tests.unit.lambda_runtime.example_settings import build_settings


def build(
    folder: Path,
    *,
    environment: dict[str, str] | None = None,
    logging: dict[str, str] | None = None,
    **changes: Any,
) -> dict[str, str]:
    settings = build_settings(folder, environment=environment or {}, **(logging or {}))
    runtime = PreparedPython(Path("/venv/bin/python"), changes.pop("requirements_folder", None))
    launch = Launch(settings, runtime, ProcessGuard(), **changes)
    return launch.build_environment("127.0.0.1:9001", "stream")


def test_every_variable_that_lambda_reserves_is_set(tmp_path: Path) -> None:
    """But for another runtime's, managed instances', the metadata endpoint's, and each invocation's own."""
    assert RESERVED_VARIABLES - set(build(tmp_path)) == {
        "AWS_ACCESS_KEY",
        "AWS_LAMBDA_MAX_CONCURRENCY",
        "AWS_LAMBDA_METADATA_API",
        "AWS_LAMBDA_METADATA_TOKEN",
        "_X_AMZN_TRACE_ID",
    }


@pytest.mark.rule("function.environment")
@pytest.mark.parametrize(
    ("runtime", "own"), [("provided.al2023", set()), ("python3.13", {"AWS_EXECUTION_ENV", "PWD", "SHLVL"})]
)
def test_a_function_with_a_runtime_of_its_own_has_less_of_lambdas(
    tmp_path: Path, runtime: str, own: set[str]
) -> None:
    settings = build_settings(tmp_path, runtime=runtime)
    prepared = PreparedPython(Path("/venv/bin/python")) if own else PreparedProvided(tmp_path / "bootstrap")
    environment = Launch(settings, prepared, ProcessGuard()).build_environment("127.0.0.1:9001", "stream")
    assert {"AWS_EXECUTION_ENV", "PWD", "SHLVL"} & environment.keys() == own


def test_text_logs_need_no_variables(tmp_path: Path) -> None:
    environment = build(tmp_path)
    assert environment["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/hello"
    assert not {"AWS_LAMBDA_LOG_FORMAT", "AWS_LAMBDA_LOG_LEVEL"} & environment.keys()


def test_the_runtime_is_told_what_logging_config_says(tmp_path: Path) -> None:
    logging = {"log_group": "own-group", "log_format": "JSON", "log_level": "WARN"}
    environment = build(tmp_path, logging=logging)
    assert environment["AWS_LAMBDA_LOG_GROUP_NAME"] == "own-group"
    assert environment["AWS_LAMBDA_LOG_FORMAT"] == "JSON"
    assert environment["AWS_LAMBDA_LOG_LEVEL"] == "WARN"


def test_json_logs_are_of_level_info_where_nothing_else_is_said(tmp_path: Path) -> None:
    assert build(tmp_path, logging={"log_format": "JSON"})["AWS_LAMBDA_LOG_LEVEL"] == "INFO"


def test_function_sets_its_own_variables(tmp_path: Path) -> None:
    assert build(tmp_path, environment={"GREETING": "hello"})["GREETING"] == "hello"


@pytest.mark.parametrize(
    "name", ["LANG", "TZ", "PATH", "HOME", "LD_LIBRARY_PATH", "AWS_XRAY_CONTEXT_MISSING"]
)
def test_what_lambda_does_not_reserve_a_function_may_change(tmp_path: Path, name: str) -> None:
    assert build(tmp_path, environment={name: "changed"})[name] == "changed"


def test_function_finds_its_requirements_whatever_its_own_python_path(tmp_path: Path) -> None:
    environment = build(tmp_path, environment={"PYTHONPATH": "/own"}, requirements_folder=Path("/packages"))
    assert environment["PYTHONPATH"] == "/own:/packages:/venv/lib/python3.13/site-packages"


def test_layers_are_found_after_the_requirements_in_lambdas_order(tmp_path: Path) -> None:
    environment = build(tmp_path, requirements_folder=Path("/packages"), opt_folder=Path("/state/opt"))
    assert environment["PYTHONPATH"].split(":") == [
        "/packages",
        "/state/opt/python/lib/python3.13/site-packages",
        "/state/opt/python",
        "/venv/lib/python3.13/site-packages",
    ]
    assert environment["PATH"].endswith(":/state/opt/bin")
    assert environment["LD_LIBRARY_PATH"].endswith(":/state/opt/lib")


def test_local_aws_has_the_last_word(tmp_path: Path) -> None:
    environment = build(
        tmp_path,
        environment={"AWS_ENDPOINT_URL": "http://elsewhere"},
        local_aws={"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_ACCESS_KEY_ID": "123456789012"},
    )
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert environment["AWS_ACCESS_KEY_ID"] == "123456789012"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, "[$LATEST]"),
        ({"qualifier": "live", "version": "12"}, "[12]"),
        ({"log_group": "/aws/lambda/hello"}, "[$LATEST]"),
        ({"log_group": "own-group"}, "hello[$LATEST]"),
        ({"log_group": "own-group", "qualifier": "live", "version": "12"}, "hello[12]"),
    ],
)
def test_log_stream_is_named_as_in_lambda(tmp_path: Path, changes: dict[str, str], named: str) -> None:
    stream = build_log_stream(build_settings(tmp_path, **changes), 1795305600.0)
    assert re.fullmatch(rf"2026/11/22/{re.escape(named)}[0-9a-f]{{32}}", stream)
