"""Finds the runtime of a function by the name that the template gives it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from local_stage.lambda_runtime.function_error import FunctionUnavailableError
from local_stage.lambda_runtime.runtimes.nodejs import NodejsRuntime
from local_stage.lambda_runtime.runtimes.provided import ProvidedRuntime
from local_stage.lambda_runtime.runtimes.python import PythonRuntime
from local_stage.lambda_runtime.runtimes.runtime import Runtime

RUNTIMES: Final[Mapping[str, Runtime]] = {
    "go": ProvidedRuntime(),
    "nodejs": NodejsRuntime(),
    "provided": ProvidedRuntime(),
    "python": PythonRuntime(),
}
"""By the letters with which the name of a runtime begins, as `python3.13`.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
"""


def find_runtime(name: str) -> Runtime:
    """Return the runtime of this name. Raises FunctionUnavailableError where it is not run locally."""
    letters = re.match(r"[a-z]*", name)
    runtime = RUNTIMES.get(letters[0]) if letters else None
    if runtime is None:
        raise FunctionUnavailableError(f"the runtime {name} is not run locally")
    return runtime
