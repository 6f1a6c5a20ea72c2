"""AWS::LanguageExtensions, run by MiniStack, which knows it: in a process of its own, as all of MiniStack.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-languageextensions.html
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from local_stage.errors import MachineError, TemplateError

_DEADLINE = 60.0


def extend(source: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template with its loops written out and its lengths and JSON texts computed.

    `parameters` has the values of those parameters whose value is known. Raises TemplateError with the
    transform's own message, and MachineError where MiniStack does not run.
    """
    given = json.dumps({"source": source, "parameters": parameters}, default=str).encode()
    try:
        ended = subprocess.run(  # noqa: S603 - this very module
            [sys.executable, "-m", __name__], input=given, capture_output=True, timeout=_DEADLINE, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise MachineError(f"AWS::LanguageExtensions cannot be run: {error}") from None
    # What MiniStack prints while it is imported stands before it.
    answer = json.loads(ended.stdout.splitlines()[-1])
    if "error" in answer:
        raise TemplateError(" ".join(answer["error"].split()))
    extended: dict[str, Any] = answer["extended"]
    return extended


def _main() -> None:
    from ministack.services.cloudformation.language_extensions import (  # noqa: PLC0415 - only in this process
        LanguageExtensionsError,
        apply,
    )

    given = json.load(sys.stdin)
    try:
        answer = {"extended": apply(given["source"], given["parameters"])}
    except LanguageExtensionsError as error:
        answer = {"error": str(error)}
    sys.stdout.write("\n" + json.dumps(answer) + "\n")


if __name__ == "__main__":
    _main()
