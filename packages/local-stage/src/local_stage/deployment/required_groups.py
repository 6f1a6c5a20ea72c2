"""The groups that functions ask for, which API Gateway does not know and the template can say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from local_stage.errors import StartError

type RequiredGroups = Mapping[tuple[str, str], Sequence[str]]
"""By verb and path of a route: the groups of which the function asks for any one."""

METADATA: Final = "local-stage"


def read_required_groups(template: Mapping[str, Any]) -> RequiredGroups:
    """Read which groups the functions of a template, as written, ask for.

    They stand in a function's Metadata, as `local-stage: {groups: {GET /admin/hello: admins}}`; of a list any
    one is enough. They explain a refusal of the function's and enforce nothing. Raises StartError where they
    stand in another form.
    """
    required = {}
    for logical_id, resource in template.get("Resources", {}).items():
        for route, groups in _read_routes(logical_id, resource):
            verb, _, path = route.partition(" ")
            required[verb, path] = groups
    return required


def _read_routes(logical_id: str, resource: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    own = (resource.get("Metadata") or {}).get(METADATA)
    if own is None:
        return
    groups = own.get("groups") if isinstance(own, dict) else None
    if not isinstance(groups, dict):
        raise _refusal(logical_id)
    for route, names in groups.items():
        listed = (names,) if isinstance(names, str) else tuple(names) if isinstance(names, list) else ()
        if not listed or " /" not in str(route) or not all(isinstance(name, str) for name in listed):
            raise _refusal(logical_id)
        yield str(route), listed


def _refusal(logical_id: str) -> StartError:
    why = "is not of the form {groups: {GET /admin/hello: admins}}"
    return StartError(why, resource=logical_id, property_path=f"Metadata.{METADATA}")
