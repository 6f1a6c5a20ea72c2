"""An API's OpenAPI document, to which resources of the template add what it would say itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local_stage.api_gateway.security_schemes import NO_NAMES, SchemeNames, find_asked_for, name_schemes
from local_stage.api_gateway.template_part import ApiResource, Assembled
from local_stage.api_gateway.unplaced_route import UnplacedRoute
from local_stage.cloudformation.unknown import find_unknown
from local_stage.errors import NotRun, TemplateError


@dataclass(slots=True)
class DocumentAssembler:
    """Adds resources to the document of one API; `owner` is the property by which they name their API."""

    file: str
    logical_id: str
    owner: str
    document: dict[str, Any]
    resources: Sequence[ApiResource]
    origins: dict[tuple[str, ...], str] = field(default_factory=dict)
    not_run: list[NotRun] = field(default_factory=list)
    unplaced: list[UnplacedRoute] = field(default_factory=list)
    names: SchemeNames = NO_NAMES

    @property
    def assembled(self) -> Assembled:
        """The document with what has been added to it."""
        return Assembled(self.document, self.origins, self.not_run, self.unplaced)

    @property
    def schemes_path(self) -> tuple[str, ...]:
        """Where the document has its security schemes."""
        return "components", "securitySchemes"

    def name_schemes(self, *others: str) -> set[str]:
        """Name the schemes of the authorizers and these others; return those that operations ask for."""
        self.descend("paths")
        asked_for = find_asked_for(self.document)
        authorizers = list(self.of_type("Authorizer"))
        defined = self.schemes().keys()
        self.names = name_schemes(self.file, authorizers, others, defined=defined, asked_for=asked_for)
        return asked_for

    def of_type(self, kind: str) -> Iterable[ApiResource]:
        """Return the resources of a type."""
        return (resource for resource in self.resources if resource.type == kind)

    def may_be_elsewhere(self, resource: ApiResource) -> bool:
        """Say whether nobody knows which API a resource belongs to."""
        return find_unknown(resource.properties.get(self.owner)) is not None

    def require_authorizer(self, resource: ApiResource) -> ApiResource:
        """Return the authorizer that a route or method names. Raises TemplateError for one of another API."""
        ref = resource.properties.get("AuthorizerId")
        for authorizer in self.of_type("Authorizer"):
            if authorizer.ref == ref:
                return authorizer
        raise self.refusal(resource, "AuthorizerId", f"{ref} is no authorizer of this API in the template")

    def define(self, name: str, authorizer: ApiResource, scheme: Mapping[str, Any]) -> None:
        """Add the security scheme of an authorizer."""
        self.schemes()[name] = scheme
        self.origins[*self.schemes_path, name] = authorizer.logical_id

    def require(self, wanted: str, scheme: Mapping[str, Any]) -> dict[str, Any]:
        """Return the requirement of a scheme that is no authorizer's, and add that to the document."""
        name = self.names.others[wanted]
        self.schemes()[name] = scheme
        return {name: []}

    def schemes(self) -> dict[str, Any]:
        """Return the document's security schemes."""
        return self.descend(*self.schemes_path)

    def descend(self, *keys: str) -> dict[str, Any]:
        """Return a mapping in the document, which is made where it is not there."""
        found = self.document
        for key in keys:
            if found.get(key) is None:
                found[key] = {}
            found = found[key]
            if not isinstance(found, dict):
                why = f"{'.'.join(keys)} has to be a mapping, so that a resource can add to it"
                raise TemplateError(why, file=self.file, resource=self.logical_id, property_path="Body")
        return found

    def refusal(self, resource: ApiResource, property_path: str, why: str) -> TemplateError:
        """Return the error that names a property of a resource."""
        return TemplateError(why, file=self.file, resource=resource.logical_id, property_path=property_path)
