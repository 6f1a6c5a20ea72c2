"""What documents of both kinds of API say alike of who may call, and the names of schemes that are added.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

from local_stage.api_gateway.template_part import ApiResource, TemplatePart
from local_stage.cloudformation.unknown import Unknown
from local_stage.errors import TemplateError

AUTHORIZER: Final = "x-amazon-apigateway-authorizer"
AUTHTYPE: Final = "x-amazon-apigateway-authtype"
IAM_SCHEME: Final = {"type": "apiKey", "name": "Authorization", "in": "header", AUTHTYPE: "awsSigv4"}
"""The security scheme that asks for an AWS signature."""

_LONGEST_LIFETIME: Final = 3600
"""Seconds: https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html, and alike for HTTP APIs."""


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


def find_place(operation: TemplatePart) -> tuple[str, str]:
    """Return the verb, or ANY, and the path of a document's operation."""
    path, verb = operation.path[-2:]
    return "ANY" if verb.startswith("x-") else verb.upper(), path


def describe(operation: TemplatePart) -> str:
    """Return an operation's verb and path as messages say them."""
    return " ".join(find_place(operation))


def read_scopes(part: TemplatePart) -> tuple[str, ...]:
    """Return the scopes that a requirement lists. Raises TemplateError for what is no list of scopes."""
    if not part:
        raise part.refusal("has to be a list of scopes; write [] for none")
    for scope in part.elements():
        if not isinstance(scope.value, str) or scope.value.split() != [scope.value]:
            raise scope.refusal(f"{scope.value!r} is no scope")
    return tuple(scope.text() for scope in part.elements())


def read_lifetime(name: str, part: TemplatePart, default: int) -> int:
    """Return for how many seconds an authorizer's result is kept. Raises TemplateError beyond an hour."""
    lifetime = part.number() if part else default
    if lifetime != int(lifetime) or not 0 <= lifetime <= _LONGEST_LIFETIME:
        raise part.refusal(
            f"has to be a whole number of seconds from 0 to {_LONGEST_LIFETIME}",
            ("Auth", "Authorizers", name, "Identity", "ReauthorizeEvery"),
        )
    return int(lifetime)
