"""As which alias or version each function of a template runs: as the API invokes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any, Final

from local_stage.cloudformation.intrinsics import Intrinsics
from local_stage.cloudformation.template import Template
from local_stage.errors import NotRun, TemplateError, reading
from local_stage.lambda_runtime.function_settings import LATEST, FunctionSettings

ALIAS: Final = "AWS::Lambda::Alias"
VERSION: Final = "AWS::Lambda::Version"
_PROVISIONED: Final = "ProvisionedConcurrencyConfig"


def find_versions(template: Template, logical_ids: Iterable[str], intrinsics: Intrinsics) -> dict[str, str]:
    """Return the version behind the ARN of each alias and version among these resources; `Ref` gives the ARN.

    Raises StartError where an alias names none that is known here.
    """
    versions = {}
    for logical_id in sorted(logical_ids):
        resource, physical = template.resources[logical_id], intrinsics.resources[logical_id]
        if resource["Type"] == VERSION:
            versions[physical.ref] = physical.attributes["Version"]
        elif resource["Type"] == ALIAS:
            with reading(str(template.file), logical_id, "FunctionVersion"):
                versions[physical.ref] = _read_version(resource, intrinsics)
    return versions


def find_provisioned(
    template: Template, logical_ids: Iterable[str], intrinsics: Intrinsics
) -> frozenset[str]:
    """Return the ARNs of the aliases and versions among these resources that have provisioned concurrency."""
    resources = {logical_id: template.resources[logical_id] for logical_id in logical_ids}
    return frozenset(
        intrinsics.resources[logical_id].ref
        for logical_id, resource in resources.items()
        if resource["Type"] in {ALIAS, VERSION} and _PROVISIONED in resource.get("Properties", {})
    )


def find_invoked_functions(
    functions: Iterable[FunctionSettings],
    versions: Mapping[str, str],
    invoked: AbstractSet[str],
    provisioned: AbstractSet[str] = frozenset(),
) -> dict[str, FunctionSettings]:
    """Return the functions by each ARN with which the API invokes them, or by their own where it does not.

    `versions` has the version behind the ARN of each alias and version, `invoked` the ARNs that the API
    invokes, `provisioned` those with provisioned concurrency. What is invoked in two ways runs twice, as on
    Lambda, where no environment is of two versions.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
    """
    found: dict[str, FunctionSettings] = {}
    for settings in functions:
        as_invoked = [one for one in _qualify(settings, versions, provisioned) if one.invoked_arn in invoked]
        found |= {one.invoked_arn: one for one in as_invoked or [settings]}
    return found


def find_unshared_concurrency(functions: Iterable[FunctionSettings]) -> Iterator[NotRun]:
    """Yield the functions that run more than once, and would share what they reserve on Lambda."""
    counted = Counter(settings.logical_id for settings in functions if settings.reserved_concurrency)
    for logical_id, number in counted.items():
        if number > 1:
            why = "counts locally for each ARN that the API invokes by itself"
            yield NotRun(logical_id, why, "ReservedConcurrentExecutions")


def _read_version(alias: Mapping[str, Any], intrinsics: Intrinsics) -> str:
    version = intrinsics.resolve(alias["Properties"].get("FunctionVersion"))
    if not isinstance(version, str | int):
        raise TemplateError("names no version")
    return str(version)


def _qualify(
    settings: FunctionSettings, versions: Mapping[str, str], provisioned: AbstractSet[str]
) -> Iterator[FunctionSettings]:
    """Yield the function as it is, and as each of its aliases and versions."""
    yield settings
    for arn, version in {f"{settings.arn}:{LATEST}": LATEST, **versions}.items():
        function, _, qualifier = arn.rpartition(":")
        if function == settings.arn:
            is_provisioned = arn in provisioned
            yield replace(settings, qualifier=qualifier, version=version, is_provisioned=is_provisioned)
