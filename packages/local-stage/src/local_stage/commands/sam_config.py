"""What SAM CLI's samconfig file says of `sam local start-api`, which `start` reads as SAM CLI does.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
"""

from __future__ import annotations

import argparse
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn, override

from local_stage.errors import UsageError

DEFAULT_ENVIRONMENT: Final = "default"
TEMPLATE_NAMES: Final = ("template.yaml", "template.yml", "template.json")
"""What a template is called that no option names, the first that is there."""

_FILES: Final = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")
_COMMANDS: Final = ("global", "local_start_api", "local-stage")
"""Whose parameters are read, the later ones first; SAM CLI passes over the last, which is the stage's own."""
_LONG_PAIR: Final = re.compile(r"ParameterKey=(?P<name>[^,]+),ParameterValue=(?P<value>.*)", re.DOTALL)
_NEXT_PAIR: Final = re.compile(r"\s\w+=")

_WITHOUT_MEANING: Final[Mapping[str, str]] = {
    "--add-host": "there is no container",
    "--container-dns": "there is no container",
    "--container-env-vars": "there is no container",
    "--container-host": "there is no container",
    "--container-host-interface": "there is no container",
    "--debug-args": "the stage starts the debugger itself",
    "--debug-function": "every function is debugged, each at the next port",
    "--debugger-path": "the stage has a debugger itself",
    "--disable-authorizer": "authorizers are always enforced",
    "--docker-network": "there is no container",
    "--docker-volume-basedir": "there is no container",
    "--force-image-build": "there is no container",
    "--invoke-image": "there is no container",
    "--log-file": "`local-stage logs` prints what functions have logged",
    "--profile": "nothing asks AWS for anything with your credentials",
    "--skip-pull-image": "there is no container",
    "--ssl-cert-file": "the stage speaks plain HTTP",
    "--ssl-key-file": "the stage speaks plain HTTP",
    "--static-dir": "the stage serves the template's API and nothing else",
    "--warm-containers": "there is no container",
}
"""Options of `sam local start-api` that mean nothing here, and why."""


class _Meaningless(argparse.Action):
    @override
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> NoReturn:
        why = _WITHOUT_MEANING[self.option_strings[0]]
        parser.error(f"{option_string} of `sam local start-api` means nothing here: {why}; leave it out")


def add_sam_options(start: argparse.ArgumentParser) -> None:
    """Add what names the configuration, and what is refused with a reason of its own."""
    start.add_argument(
        "--config-file", type=Path, metavar="FILE", help="SAM CLI's configuration (samconfig.toml or .yaml)"
    )
    start.add_argument(
        "--config-env", metavar="NAME", help="which environment of the configuration is read (default)"
    )
    start.add_argument(
        "--host",
        metavar="ADDRESS",
        help="where the APIs listen (127.0.0.1); 0.0.0.0 lets every machine call that reaches this one",
    )
    for option in _WITHOUT_MEANING:
        start.add_argument(option, nargs="?", action=_Meaningless, help=argparse.SUPPRESS)


def find_template(folder: Path) -> Path:
    """Return the folder's template, or its usual name where there is none."""
    return next(
        (folder / name for name in TEMPLATE_NAMES if (folder / name).is_file()), folder / "template.yaml"
    )


def apply_sam_config(options: argparse.Namespace) -> None:
    """Put what the configuration says in place of what the command line does not say.

    Raises UsageError for a configuration that is named and not there, or cannot be read.
    """
    folder = options.template.parent if options.template else Path()
    configuration = _read(folder, options.config_file, options.config_env)
    file = configuration.pop("template_file", configuration.pop("template", None))
    if options.template is None:
        options.template = folder / str(file) if file else find_template(folder)
    if not options.parameter_overrides:
        options.parameter_overrides = [list(_spell(configuration.get("parameter_overrides") or []))]
    for name, kind in (("port", int), ("region", str), ("env_vars", Path), ("host", str)):
        if getattr(options, name) is None and name in configuration:
            setattr(options, name, _convert(name, kind, configuration[name]))
    stands_in = configuration.get("stand_in_pool", False)
    if not isinstance(stands_in, bool):
        raise UsageError(f"{stands_in!r} is neither true nor false", property_path="stand_in_pool")
    # A pool that is named on the command line is the one that is wanted.
    options.stand_in_pool = options.stand_in_pool or (stands_in and options.user_pool_arn is None)


def split_pairs(groups: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield each `Key=Value` of what `--parameter-overrides` was given, in the forms that SAM CLI takes.

    These are `Key=Value`, several of them in one text, and `ParameterKey=Key,ParameterValue=Value`.
    """
    for text in (text for group in groups for text in group):
        for pair in shlex.split(text) if _NEXT_PAIR.search(text) else [text]:
            match = _LONG_PAIR.fullmatch(pair)
            yield f"{match['name']}={match['value']}" if match else pair


def _spell(overrides: Any) -> Iterator[str]:
    if isinstance(overrides, Mapping):
        for name, value in overrides.items():
            yield f"{name}={','.join(map(str, value)) if isinstance(value, list) else value}"
    elif isinstance(overrides, list):
        yield from map(str, overrides)
    else:
        yield from shlex.split(str(overrides))


def _convert(name: str, kind: type, value: Any) -> Any:
    try:
        return kind(value)
    except (TypeError, ValueError):
        raise UsageError(f"{value!r} is no {name.replace('_', ' ')}", property_path=name) from None


def _read(folder: Path, file: Path | None, environment: str | None) -> dict[str, Any]:
    found = file or next((folder / name for name in _FILES if (folder / name).is_file()), None)
    if found is None:
        if environment is not None:
            raise UsageError(f"--config-env {environment}: there is no samconfig.toml in this folder")
        return {}
    content = _parse(found)
    named = content.get(environment or DEFAULT_ENVIRONMENT)
    if not isinstance(named, Mapping):
        if environment is not None:
            raise UsageError(f"has no environment {environment}", file=str(found))
        return {}
    merged: dict[str, Any] = {}
    for command in _COMMANDS:
        section = named.get(command)
        parameters = section.get("parameters") if isinstance(section, Mapping) else None
        merged |= parameters if isinstance(parameters, Mapping) else {}
    return merged


def _parse(file: Path) -> Mapping[str, Any]:
    import yaml  # noqa: PLC0415 - slow to import, and most commands have no file to read

    try:
        text = file.read_text(encoding="utf-8")
        content = tomllib.loads(text) if file.suffix == ".toml" else yaml.safe_load(text)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", file=str(file)) from None
    except (ValueError, yaml.YAMLError) as error:
        raise UsageError(f"cannot be read: {' '.join(str(error).split())}", file=str(file)) from None
    return content if isinstance(content, Mapping) else {}
