"""The settings of a function that is not run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from local_stage.lambda_runtime.function_settings import FunctionSettings


def build_settings(folder: Path, **changes: Any) -> FunctionSettings:
    """Build settings of which all but what is a must, or changed, are the defaults."""
    values = {
        "logical_id": "HelloFunction",
        "name": "hello",
        "arn": "arn:aws:lambda:ap-northeast-1:123456789012:function:hello",
        "code_folder": folder,
        "handler": "app.handler",
        "runtime": "python3.13",
        **changes,
    }
    return FunctionSettings(**values)
