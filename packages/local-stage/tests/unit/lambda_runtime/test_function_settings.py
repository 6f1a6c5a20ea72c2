"""Values that Lambda would refuse keep the stage from starting, named by resource and property."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local_stage.errors import StartError
from local_stage.lambda_runtime.function_settings import Layer
from tests.unit.lambda_runtime.example_settings import build_settings


def test_defaults_are_lambdas(tmp_path: Path) -> None:
    settings = build_settings(tmp_path)
    assert (settings.timeout, settings.memory_size, settings.reserved_concurrency) == (3, 128, None)


def test_region_and_log_group_follow_from_arn_and_name(tmp_path: Path) -> None:
    settings = build_settings(tmp_path)
    assert settings.region == "ap-northeast-1"
    assert settings.log_group == "/aws/lambda/hello"


@pytest.mark.rule("limits.function-timeout", "limits.environment")
@pytest.mark.parametrize(
    ("changes", "where", "why"),
    [
        ({"package_type": "Image"}, "PackageType", "Image functions need a container; use Zip"),
        ({"handler": ""}, "Handler", "'' is not of the form module.function"),
        ({"handler": "app handler"}, "Handler", "'app handler' is not of the form module.function"),
        ({"timeout": 0}, "Timeout", "0 is not between 1 and 900"),
        ({"timeout": 901}, "Timeout", "901 is not between 1 and 900"),
        ({"memory_size": 127}, "MemorySize", "127 is not between 128 and 10240"),
        ({"memory_size": 10241}, "MemorySize", "10241 is not between 128 and 10240"),
        (
            {"layers": (Layer("Shared", Path()),) * 6},
            "Layers",
            "6 layers are more than the 5 that Lambda takes",
        ),
        ({"log_format": "Xml"}, "LoggingConfig.LogFormat", "Xml is neither Text nor JSON"),
        (
            {"log_level": "DEBUG"},
            "LoggingConfig.ApplicationLogLevel",
            "DEBUG is not one of TRACE, DEBUG, INFO, WARN, ERROR, FATAL, or LogFormat is not JSON",
        ),
        (
            {"log_format": "JSON", "log_level": "LOUD"},
            "LoggingConfig.ApplicationLogLevel",
            "LOUD is not one of TRACE, DEBUG, INFO, WARN, ERROR, FATAL, or LogFormat is not JSON",
        ),
        ({"reserved_concurrency": -1}, "ReservedConcurrentExecutions", "-1 is less than 0"),
        (
            {"environment": {"AWS_REGION": "x"}},
            "Environment.Variables.AWS_REGION",
            "Lambda reserves this variable and sets it itself",
        ),
        (
            {"environment": {"A": "x"}},
            "Environment.Variables.A",
            "a name is a letter, then letters, digits or _, two at least",
        ),
        (
            {"environment": {"TEXT": "x" * 4086}},
            "Environment.Variables",
            "4097 bytes are more than the 4096 that Lambda takes",
        ),
    ],
)
def test_what_lambda_refuses_is_refused(
    tmp_path: Path, changes: dict[str, Any], where: str, why: str
) -> None:
    with pytest.raises(StartError) as raised:
        build_settings(tmp_path, **changes)
    assert str(raised.value) == f"HelloFunction.{where}: {why}"


@pytest.mark.rule("limits.function-timeout", "limits.environment")
def test_limits_themselves_are_accepted(tmp_path: Path) -> None:
    settings = build_settings(
        tmp_path, timeout=900, memory_size=10240, reserved_concurrency=0, environment={"TEXT": "x" * 4085}
    )
    assert settings.timeout == 900


def test_missing_code_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"^HelloFunction\.CodeUri: .*/nowhere is not a folder$"):
        build_settings(tmp_path / "nowhere")
