"""The function's artifact: built by SAM CLI or by make alone, looked at, zipped as SAM CLI does, and run."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

REPOSITORY: Final = Path(__file__).parents[2]
FUNCTION: Final = REPOSITORY / "hello_function"
SAM_ENVIRONMENT: Final = REPOSITORY / ".venv-sam" / "bin"
VARIABLES: Final = {
    "ALLOWED_ORIGIN": "https://app.example.com",
    "POWERTOOLS_SERVICE_NAME": "hello-api",
}

_ZIP: Final = """\
import sys
from samcli.lib.package.utils import make_zip_with_lambda_permissions
make_zip_with_lambda_permissions(sys.argv[1].removesuffix(".zip"), sys.argv[2])
"""

_INVOKE: Final = """\
import json, sys
sys.path[:0] = json.loads(sys.argv[1])
import app
class Context:
    function_name, memory_limit_in_mb, invoked_function_arn, aws_request_id = "hello", 256, "arn", "request"
answers = {name: app.lambda_handler(event, Context()) for name, event in json.load(sys.stdin).items()}
own = [sys.modules[name] for name in ("app", "caller")]
print(json.dumps([answers, [file for module in own for file in (module.__file__, module.__cached__)]]))
"""


def build_with_sam(folder: Path, template: Path = REPOSITORY / "template.yaml") -> Path:
    """Run `sam build` and return the function's artifact."""
    environment = {**os.environ, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "ap-northeast-1"}
    command = [str(SAM_ENVIRONMENT / "sam"), "build", "--no-cached", "--build-dir", str(folder)]
    subprocess.run([*command, "--template", str(template)], cwd=REPOSITORY, env=environment, check=True)  # noqa: S603 - a fixed command
    return folder / "HelloFunction"


def build_with_make(source: Path, artifact: Path, umask: int = 0o022) -> subprocess.CompletedProcess[str]:
    """Do what `sam build` does with the function's folder, wherever it lies."""
    return subprocess.run(  # noqa: S603 - a fixed command
        ["make", "--makefile", str(source / "Makefile"), "build-HelloFunction"],  # noqa: S607 - whichever make a developer has
        cwd=source,
        env={**os.environ, "ARTIFACTS_DIR": str(artifact)},
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )


def find_files(artifact: Path) -> list[Path]:
    """Return the files of an artifact, relative to it."""
    return sorted(file.relative_to(artifact) for file in artifact.rglob("*") if file.is_file())


def digest_files(artifact: Path) -> dict[str, tuple[int, str]]:
    """Return the permissions and the content's digest of each file and folder, by path."""
    return {
        str(place.relative_to(artifact)): (
            place.stat().st_mode,
            hashlib.sha256(place.read_bytes()).hexdigest() if place.is_file() else "",
        )
        for place in artifact.rglob("*")
    }


def zip_like_sam(artifact: Path, file: Path) -> bytes:
    """Return the archive that `sam package` and `sam deploy` would upload."""
    command = [str(SAM_ENVIRONMENT / "python"), "-c", _ZIP, str(file), str(artifact)]
    subprocess.run(command, check=True)  # noqa: S603 - a fixed command
    return file.read_bytes()


def invoke(
    events: Mapping[str, Any], *paths: Path, options: tuple[str, ...] = ("-I", "-S")
) -> tuple[dict[str, Any], list[str]]:
    """Run the handler in a process that knows the standard library and these folders, and nothing else.

    Returns the answers by event, and the files of the function's own modules and their bytecode.
    """
    done = subprocess.run(  # noqa: S603 - a fixed command
        [sys.executable, *options, "-c", _INVOKE, json.dumps([str(path) for path in paths])],
        input=json.dumps(events),
        env=VARIABLES,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers, files = json.loads(done.stdout.splitlines()[-1])
    return answers, files
