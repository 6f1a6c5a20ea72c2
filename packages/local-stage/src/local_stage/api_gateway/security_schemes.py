"""The names of the security schemes that resources of the template add to an API's document."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

from local_stage.api_gateway.template_part import ApiResource
from local_stage.cloudformation.unknown import Unknown
from local_stage.errors import TemplateError


class SchemeNames(NamedTuple):
    """A name for each authorizer, by its logical id, and one for each other scheme that a resource needs.

    No two of them are equal, and none of them is that of a scheme which the document has.
    """

    authorizers: Mapping[str, str]
    others: Mapping[str, str]


NO_NAMES: Final = SchemeNames({}, {})


def name_schemes(
    file: str,
    authorizers: Collection[ApiResource],
    others: Iterable[str],
    *,
    defined: Collection[str],
    asked_for: Collection[str],
) -> SchemeNames:
    """Return the names: an authorizer has its own where that is known and free.

    `defined` has the names of the document's schemes, `asked_for` those that its operations ask for; an
    operation gets by no other name than its authorizer's what it asks for. Raises TemplateError where two
    authorizers have a name for which an operation asks.
    """
    written = {name: one for one in reversed(list(authorizers)) if (name := find_name(one)) is not None}
    taken = {*defined, *asked_for, *written}
    names: dict[str, str] = {}
    for authorizer in authorizers:
        name = find_name(authorizer)
        first = written.get(name) if name is not None else None
        if name in asked_for and first is not authorizer and first is not None:
            why = f"an operation asks for {name}, which is {first.logical_id}'s name as well; write another"
            raise TemplateError(why, file=file, resource=authorizer.logical_id, property_path="Name")
        if name is None or first is not authorizer or name in defined:
            name = _find_free_name(authorizer.logical_id, taken)
            taken.add(name)
        names[authorizer.logical_id] = name
    return SchemeNames(names, {other: _find_free_name(other, taken) for other in others})


def find_name(authorizer: ApiResource) -> str | None:
    """Return an authorizer's name, or None where that is not known."""
    name = authorizer.properties.get("Name")
    return name if isinstance(name, str) and not isinstance(name, Unknown) else None


def find_asked_for(document: Mapping[str, Any]) -> set[str]:
    """Return the names of the security schemes that the document's operations ask for."""
    names: set[str] = set()
    for path_item in document["paths"].values():
        for operation in path_item.values() if isinstance(path_item, Mapping) else ():
            security = operation.get("security") if isinstance(operation, Mapping) else None
            for requirement in security if isinstance(security, list) else ():
                names |= {str(name) for name in requirement} if isinstance(requirement, Mapping) else set()
    return names


def _find_free_name(wanted: str, taken: Collection[str]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name
