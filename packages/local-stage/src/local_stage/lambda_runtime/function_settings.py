"""A function as the template describes it, with the values that Lambda accepts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_stage.errors import TemplateError


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer: what `content_folder` holds goes to /opt; None where the template only names its ARN.

    `name` is its logical id, or the ARN. With a `method` it is made as `sam build` makes it by this
    BuildMethod: `python3.13` puts the folder and the packages of its requirements.txt into /opt/python.
    """

    name: str
    content_folder: Path | None
    method: str = ""


@dataclass(frozen=True, slots=True)
class Build:
    """What `Metadata` says of a function's build, and where `sam build` puts what it makes.

    `method` is BuildMethod, empty where there is none, `properties` are the BuildProperties.
    """

    sam_folder: Path
    method: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)


LATEST = "$LATEST"
"""The version of a function that is not published: its code as it is."""

ENVIRONMENT_LIMIT = 4096
"""Bytes of a function's environment variables together, measured as JSON.

Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

RESERVED_VARIABLES = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_MAX_CONCURRENCY",
        "AWS_LAMBDA_METADATA_API",
        "AWS_LAMBDA_METADATA_TOKEN",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API",
        "LAMBDA_TASK_ROOT",
        "LAMBDA_RUNTIME_DIR",
    }
)
"""Variables that Lambda sets and a function may not.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

LAYER_LIMIT = 5
"""Layers of a function: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

LOG_LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
"""Source: https://docs.aws.amazon.com/lambda/latest/api/API_LoggingConfig.html"""

_VARIABLE_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSettings:
    """A function's properties; making one raises StartError, naming the property Lambda would refuse.

    `timeout` is in seconds, `memory_size` in MB; their defaults are Lambda's. `code_folder` holds the
    handler's module. `reserved_concurrency` None means that the function reserves nothing; 0 means that it is
    switched off. `log_group` is by default the one that Lambda gives a function which names none. `qualifier`
    is the alias or version by which it is invoked, empty where its own ARN is, and `version` the one that
    answers then. Concurrency is provisioned for what it is invoked by where it `is_provisioned`, and
    published versions start from a snapshot where it has `snap_start`. `unavailable` says why the code is not
    on this machine, and the function cannot run; it is empty where it can. `build` says how the code is
    built, None where `code_folder` is ready to run; `source_folder` is what it is built of, by default the
    code's own.

    Sources: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html,
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
    """

    logical_id: str
    name: str
    arn: str
    code_folder: Path
    handler: str
    runtime: str
    timeout: int = 3
    memory_size: int = 128
    environment: Mapping[str, str] = field(default_factory=dict)
    reserved_concurrency: int | None = None
    tracing: bool = False
    package_type: str = "Zip"
    layers: tuple[Layer, ...] = ()
    log_group: str = ""
    log_format: str = "Text"
    log_level: str | None = None
    qualifier: str = ""
    version: str = LATEST
    is_provisioned: bool = False
    snap_start: bool = False
    unavailable: str = ""
    build: Build | None = None
    source_folder: Path = Path()

    def __post_init__(self) -> None:
        object.__setattr__(self, "code_folder", self.code_folder.absolute())
        if self.source_folder == Path():
            object.__setattr__(self, "source_folder", self.code_folder)
        object.__setattr__(self, "log_group", self.log_group or self.default_log_group)
        self._validate_code()
        self._validate_limits()
        self._validate_environment()
        self._validate_logging()

    @property
    def region(self) -> str:
        """The region in the function's ARN."""
        return self.arn.split(":")[3]

    @property
    def invoked_arn(self) -> str:
        """The ARN by which the function is invoked: its own, or its alias's or version's."""
        return f"{self.arn}:{self.qualifier}" if self.qualifier else self.arn

    @property
    def default_log_group(self) -> str:
        """The log group that Lambda gives a function which names none."""
        return f"/aws/lambda/{self.name}"

    @property
    def initialization_type(self) -> str:
        """How the function is told that its environments are started; here all of them start on demand.

        https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
        """
        if self.is_provisioned:
            return "provisioned-concurrency"
        return "snap-start" if self.snap_start and self.version != LATEST else "on-demand"

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders whose files make the function: its source, what `sam build` made of it, its layers'."""
        sam_builds = [
            build.sam_folder for build in [self.build] if build and build.sam_folder == self.code_folder
        ]
        return (
            self.source_folder,
            *sam_builds,
            *(layer.content_folder for layer in self.layers if layer.content_folder),
        )

    @property
    def is_built(self) -> bool:
        """Whether the code was built, packages and all."""
        return self.code_folder != self.source_folder

    @property
    def logging_variables(self) -> dict[str, str]:
        """The variables by which Lambda tells the runtime how to log: those of `LoggingConfig`."""
        if self.log_format == "Text":
            return {}
        return {"AWS_LAMBDA_LOG_FORMAT": self.log_format, "AWS_LAMBDA_LOG_LEVEL": self.log_level or "INFO"}

    def _refuse(self, property_path: str, why: str) -> TemplateError:
        return TemplateError(why, resource=self.logical_id, property_path=property_path)

    def _validate_code(self) -> None:
        if self.unavailable:
            return
        if self.package_type != "Zip":
            raise self._refuse("PackageType", f"{self.package_type} functions need a container; use Zip")
        if not self.code_folder.is_dir():
            raise self._refuse("CodeUri", f"{self.code_folder} is not a folder")
        if len(self.layers) > LAYER_LIMIT:
            why = f"{len(self.layers)} layers are more than the {LAYER_LIMIT} that Lambda takes"
            raise self._refuse("Layers", why)
        if not self.handler or any(character.isspace() for character in self.handler):
            raise self._refuse("Handler", f"{self.handler!r} is not of the form module.function")

    def _validate_limits(self) -> None:
        for property_path, value, least, most in (
            ("Timeout", self.timeout, 1, 900),
            ("MemorySize", self.memory_size, 128, 10240),
        ):
            if not least <= value <= most:
                raise self._refuse(property_path, f"{value} is not between {least} and {most}")
        if self.reserved_concurrency is not None and self.reserved_concurrency < 0:
            raise self._refuse("ReservedConcurrentExecutions", f"{self.reserved_concurrency} is less than 0")

    def _validate_logging(self) -> None:
        if self.log_format not in {"Text", "JSON"}:
            raise self._refuse("LoggingConfig.LogFormat", f"{self.log_format} is neither Text nor JSON")
        if self.log_level is not None and (self.log_format == "Text" or self.log_level not in LOG_LEVELS):
            why = f"{self.log_level} is not one of {', '.join(LOG_LEVELS)}, or LogFormat is not JSON"
            raise self._refuse("LoggingConfig.ApplicationLogLevel", why)

    def _validate_environment(self) -> None:
        where = "Environment.Variables"
        for name in self.environment:
            if name in RESERVED_VARIABLES:
                raise self._refuse(f"{where}.{name}", "Lambda reserves this variable and sets it itself")
            if not _VARIABLE_NAME.fullmatch(name):
                raise self._refuse(
                    f"{where}.{name}", "a name is a letter, then letters, digits or _, two at least"
                )
        size = len(json.dumps(dict(self.environment), separators=(",", ":"), ensure_ascii=False).encode())
        if size > ENVIRONMENT_LIMIT:
            raise self._refuse(where, f"{size} bytes are more than the {ENVIRONMENT_LIMIT} that Lambda takes")
