"""What `local-stage start` was told."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from local_stage.errors import StartError, UsageError
from local_stage.log.log_form import LogForm
from local_stage.state import DEFAULT_FOLDER

_REGION: Final = re.compile(r"(?!cn-|us-gov-|us-iso|eu-iso|eusc-)[a-z]{2}-[a-z]+-[0-9]")
_EVERY_ADDRESS: Final = "0.0.0.0"  # noqa: S104 - only on demand, and warned of
_HOSTS: Final = frozenset({"127.0.0.1", _EVERY_ADDRESS})
_HOST_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\]")
_STACK_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOptions:
    """The options of `local-stage start`; making one raises StartError for a value that cannot be used."""

    template: Path = Path("template.yaml")
    port: int = 3000
    aws_port: int = 4566
    region: str = "ap-northeast-1"
    stack_name: str = "hello-api"
    parameter_overrides: Mapping[str, str] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)
    """What other stacks export, and what SSM and Secrets Manager hold, by name."""
    environment_overrides: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    outputs_file: Path | None = None
    user_pool_arn: str | None = None
    stand_in_pool: bool = False
    """Whether a local pool takes the place of each pool outside the template."""
    concurrency: int | None = None
    debug_port: int | None = None
    strict_runtimes: bool = False
    layers: Mapping[str, Path] = field(default_factory=dict)
    users_file: Path | None = None
    seed_file: Path | None = None
    state_folder: Path = DEFAULT_FOLDER
    cache_folder: Path = DEFAULT_FOLDER / "cache"
    source_ip: str | None = None
    """The address that calls are taken to come from, None for the client's own."""
    host: str = "127.0.0.1"
    """Where the APIs listen: on loopback, or on every address of the machine (0.0.0.0)."""
    allowed_hosts: frozenset[str] = frozenset()
    """Names and addresses beside loopback's by which the APIs and the page may be called, in lower case."""
    log_form: LogForm | None = None
    """In which form the log is written, None for the one that fits where it is read."""
    as_json: bool = False
    """Whether the stage is announced to a program instead of a person."""

    def __post_init__(self) -> None:
        if not _REGION.fullmatch(self.region):
            raise UsageError(
                f"--region {self.region}: no region of the partition aws, such as ap-northeast-1"
            )
        if self.port == self.aws_port != 0:
            raise UsageError(f"--aws-port {self.aws_port}: the API listens there; pass another one")
        if self.debug_port and self.debug_port in {self.port, self.aws_port}:
            raise UsageError(f"--debug {self.debug_port}: the stage listens there; pass another one")
        if self.debug_port is not None and self.concurrency not in {None, 1}:
            raise UsageError("--concurrency: a function that is debugged has one execution environment")
        _check_hosts(self.host, self.allowed_hosts)
        if not _STACK_NAME.fullmatch(self.stack_name):
            raise UsageError(f"--stack-name {self.stack_name}: letters, digits and hyphens, a letter first")
        if self.user_pool_arn is not None:
            _check_user_pool_arn(self.user_pool_arn)
            if self.stand_in_pool:
                raise UsageError("--stand-in-pool: --user-pool-arn names another pool already; leave one out")
            if self.users_file is not None:
                raise UsageError(
                    "--users: with --user-pool-arn no user of the local pool gets in; leave one out"
                )

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence where others than this machine's own user may reach the stage."""
        if self.host != _EVERY_ADDRESS:
            return ()
        told = (
            "The APIs and their page listen on every address of this machine: everybody who reaches it"
            " can call them, make users and invoke functions. Leave --host out where that is not wanted."
        )
        return (told,)


def _check_hosts(host: str, allowed_hosts: frozenset[str]) -> None:
    if host not in _HOSTS:
        why = "pass 0.0.0.0 to listen on every address, and --allow-host for the name to call it by"
        raise UsageError(f"--host {host}: the stage listens on 127.0.0.1, or everywhere; {why}")
    for name in allowed_hosts:
        if not _HOST_NAME.fullmatch(name):
            raise UsageError(f"--allow-host {name}: no host name or address; leave scheme and port out")


def _check_user_pool_arn(arn: str) -> None:
    from local_stage.cognito.user_pool import UserPoolArn  # noqa: PLC0415 - most commands need no cryptography

    try:
        UserPoolArn.parse(arn)
    except StartError as error:
        raise UsageError(f"--user-pool-arn: {error.why}") from None


def read_environment_overrides(file: Path) -> dict[str, dict[str, str]]:
    """Read SAM CLI's `--env-vars` file: variables by function, those of every function under `Parameters`.

    Raises StartError where it is not a JSON object of objects, naming the variable that is a list or object.
    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-using-invoke.html
    """
    functions = _read_json(file)
    if not isinstance(functions, dict) or not all(isinstance(item, dict) for item in functions.values()):
        raise UsageError('is not of the form {"HelloFunction": {"NAME": "value"}}', file=str(file))
    return {
        function: {name: _as_text(file, function, name, value) for name, value in variables.items()}
        for function, variables in functions.items()
    }


def _read_json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", file=str(file)) from None
    except UnicodeDecodeError:
        raise UsageError("is not UTF-8 text", file=str(file)) from None
    except ValueError as error:
        raise UsageError(f"cannot be read as JSON: {error}", file=str(file)) from None


def _as_text(file: Path, function: str, name: str, value: Any) -> str:
    # SAM CLI's own rules; it makes an empty text of lists and objects too, which nobody can want.
    if isinstance(value, dict | list):
        raise UsageError("is neither text nor number", file=str(file), resource=function, property_path=name)
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
