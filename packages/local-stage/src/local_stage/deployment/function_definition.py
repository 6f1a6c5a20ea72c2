"""Reads a function's settings from its translated `AWS::Lambda::Function`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from local_stage.cloudformation.intrinsics import Intrinsics, PhysicalResource
from local_stage.cloudformation.local_code import find_placeholder
from local_stage.cloudformation.template import Template
from local_stage.deployment.zipped_code import ZipError, unpack_code
from local_stage.errors import NotRun, StartError, TemplateError
from local_stage.lambda_runtime.function_settings import Build, FunctionSettings, Layer

READ: Final = frozenset(
    {
        "Code",
        "Environment",
        "FunctionName",
        "Handler",
        "Layers",
        "LoggingConfig",
        "MemorySize",
        "PackageType",
        "ReservedConcurrentExecutions",
        "Runtime",
        "SnapStart",
        "Timeout",
        "TracingConfig",
    }
)

HARMLESS: Final = frozenset(
    {
        "Architectures",
        "CodeSigningConfigArn",
        "DeadLetterConfig",
        "Description",
        "EphemeralStorage",
        "KmsKeyArn",
        "RecursiveLoop",
        "Role",
        "RuntimeManagementConfig",
        "Tags",
        "VpcConfig",
    }
)
"""Properties that change neither who may call nor what is answered on this machine."""

type Resolve = Callable[[Any, str], Any]
"""Resolves the intrinsic functions of a value of the property that is named."""


@dataclass(frozen=True, slots=True)
class FunctionSource:
    """Where a function's code is, a folder or zip file, and what `--env-vars` says of its variables.

    `layers` are those of the template by ARN. `inline_folder` is where the text of an `InlineCode` may be
    written. `environment_overrides` holds the variables by logical id or function name, and those for every
    function under `Parameters`, as SAM CLI's own `--env-vars` file does. `unavailable` says why the code is
    not on this machine, `build` how the code is built, `source_folder` of what. `note` is told
    what of the function is not run.
    """

    code_folder: Path | None
    inline_folder: Path
    environment_overrides: Mapping[str, Mapping[str, str]]
    layers: Mapping[str, Layer] = field(default_factory=dict)
    unavailable: str = ""
    note: Callable[[NotRun], None] = lambda _: None
    build: Build | None = None
    source_folder: Path = Path()


def find_layers(
    template: Template, logical_ids: Iterable[str], intrinsics: Intrinsics, inline_folder: Path
) -> dict[str, Layer]:
    """Return these layers of the translated template by ARN; some may have no content on this machine.

    Those in zip files are unpacked in `inline_folder`.
    """
    layers = {}
    for logical_id in logical_ids:
        written = find_placeholder(template.resources[logical_id])
        content = template.code.layers.get(written)
        folder = content.folder if content else None
        if folder is not None and folder.is_file():
            try:
                folder = unpack_code(folder, inline_folder / written)
            except ZipError:
                folder = None
        layer = Layer(written, folder, content.method if content else "")
        layers[intrinsics.resources[logical_id].ref] = layer
    return layers


def read_function_settings(
    file: str,
    logical_id: str,
    properties: Mapping[str, Any],
    physical: PhysicalResource,
    *,
    source: FunctionSource,
    resolve: Resolve,
) -> FunctionSettings:
    """Return the function's settings.

    Raises StartError, naming the property, for values that Lambda does not take.
    """
    for name in sorted(properties.keys() - READ - HARMLESS):
        source.note(
            NotRun(logical_id, "it has no effect locally and may change what the function returns", name)
        )
    values = {
        name: resolve(properties[name], name) for name in properties.keys() & READ - {"Environment", "Code"}
    }
    source = _unpack(logical_id, source)
    reserved = values.get("ReservedConcurrentExecutions")
    logging = values.get("LoggingConfig") or {}
    try:
        return FunctionSettings(
            logical_id=logical_id,
            name=physical.ref,
            arn=physical.attributes["Arn"],
            code_folder=source.code_folder or _write_inline_code(file, logical_id, properties, source),
            handler=str(values.get("Handler", "")),
            runtime=str(values.get("Runtime", "")),
            timeout=int(values.get("Timeout", 3)),
            memory_size=int(values.get("MemorySize", 128)),
            environment=_read_environment(logical_id, physical.ref, properties, source, resolve),
            reserved_concurrency=None if reserved is None else int(reserved),
            snap_start=(values.get("SnapStart") or {}).get("ApplyOn") == "PublishedVersions",
            tracing=(values.get("TracingConfig") or {}).get("Mode") == "Active",
            package_type=str(values.get("PackageType", "Zip")),
            layers=_read_layers(values.get("Layers") or [], source),
            log_group=str(logging.get("LogGroup", "")),
            log_format=str(logging.get("LogFormat", "Text")),
            log_level=logging.get("ApplicationLogLevel"),
            unavailable=source.unavailable,
            build=source.build,
            source_folder=source.source_folder,
        )
    except StartError as error:
        error.file = error.file or file
        raise
    except (TypeError, ValueError) as error:
        raise TemplateError(f"holds what is no number: {error}", file=file, resource=logical_id) from None


def _unpack(logical_id: str, source: FunctionSource) -> FunctionSource:
    """Return where the code is once it is unpacked; what it needs is in the zip file with it."""
    if source.code_folder is None or not source.code_folder.is_file() or source.unavailable:
        return source
    folder = source.inline_folder / logical_id
    try:
        return replace(source, code_folder=unpack_code(source.code_folder, folder), source_folder=folder)
    except ZipError as error:
        return replace(source, unavailable=f"CodeUri names what is not taken: {error}")


def _read_layers(arns: Any, source: FunctionSource) -> tuple[Layer, ...]:
    listed = arns if isinstance(arns, list) else [arns]
    return tuple(source.layers.get(str(arn)) or Layer(str(arn), None) for arn in listed)


def _write_inline_code(
    file: str, logical_id: str, properties: Mapping[str, Any], source: FunctionSource
) -> Path:
    text = (properties.get("Code") or {}).get("ZipFile")
    if not isinstance(text, str):
        why = "has no code in a local folder; set CodeUri"
        raise TemplateError(why, file=file, resource=logical_id, property_path="CodeUri")
    # Lambda names the module of inline code `index`.
    suffix = "js" if str(properties.get("Runtime", "")).startswith("nodejs") else "py"
    module = source.inline_folder / logical_id / f"index.{suffix}"
    try:
        module.parent.mkdir(parents=True, exist_ok=True)
        # Written again, the same text would look like a save.
        if not module.is_file() or module.read_text(encoding="utf-8") != text:
            module.write_text(text, encoding="utf-8")
    except OSError as error:
        why = f"cannot be written to {module}: {error.strerror}"
        raise TemplateError(why, file=file, resource=logical_id, property_path="InlineCode") from error
    return module.parent


def _read_environment(
    logical_id: str,
    name: str,
    properties: Mapping[str, Any],
    source: FunctionSource,
    resolve: Resolve,
) -> dict[str, str]:
    declared = (properties.get("Environment") or {}).get("Variables") or {}
    if isinstance(declared, Mapping) and "Fn::If" in declared:
        declared = resolve(declared, "Environment.Variables") or {}
    if not isinstance(declared, Mapping):
        why = "is not a mapping of names to values"
        raise TemplateError(why, resource=logical_id, property_path="Environment.Variables")
    given: dict[str, str] = {}
    for key in ("Parameters", name, logical_id):
        given |= source.environment_overrides.get(key, {})
    environment = {}
    for variable, value in declared.items():
        # As in `sam local`, only variables that the template declares can be given.
        if variable in given:
            environment[variable] = given[variable]
        else:
            environment[variable] = _as_text(resolve(value, f"Environment.Variables.{variable}"))
    return environment


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
