"""A template as the rules look at it: resources whose properties have one or more possible values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cfn_lint_cognito.conditions import Conditions
from cfn_lint_cognito.intrinsics import Intrinsics
from cfn_lint_cognito.parameters import find_production_values, read_defaults
from cfn_lint_cognito.possible_value import PossibleValue


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource. `when` has the outcome of its own condition, and of those that the view has assumed."""

    logical_id: str
    type: str
    definition: Mapping[str, Any]
    intrinsics: Intrinsics
    when: Mapping[str, bool] = field(default_factory=dict)

    @property
    def place(self) -> PossibleValue:
        """The resource itself, with its Type, Properties and policies."""
        return PossibleValue(self.definition, ("Resources", self.logical_id), self.when)

    def attribute(self, name: str) -> Iterator[PossibleValue]:
        """Yield every possible value of what stands beside the properties, as `DeletionPolicy`."""
        return self.intrinsics.at(self.place, name)

    def possible(self, *keys: str, when: Mapping[str, bool] | None = None) -> Iterator[PossibleValue]:
        """Yield every value that a property can have, further conditions being assumed in `when`."""
        place = self.place.under(when or {})
        return self.intrinsics.at(place, "Properties", *keys) if place else iter(())

    def items(self, *keys: str, when: Mapping[str, bool] | None = None) -> Iterator[PossibleValue]:
        """Yield every value that an item of a list can have, without those that are left out."""
        place = self.place.under(when or {})
        return self.intrinsics.items_at(place, "Properties", *keys) if place else iter(())

    def written(self, name: str) -> Any:
        """Return a property as it is written, intrinsic functions and all; None where it is missing."""
        properties = self.definition.get("Properties")
        return properties.get(name) if isinstance(properties, Mapping) else None


@dataclass(frozen=True, slots=True)
class Template:
    """A template whose `Globals` are already merged into its resources, as cfn-lint merges them.

    `folder` is where the template's file is, with the code that it names; None where that is not known.
    """

    source: Mapping[str, Any]
    intrinsics: Intrinsics
    folder: Path | None = None

    @classmethod
    def of(cls, source: Mapping[str, Any], folder: Path | None = None) -> Template:
        """Return the view in which parameters have their defaults and every condition may hold or not."""
        parameters = read_defaults(_section(source, "Parameters"))
        return cls(source, Intrinsics(parameters, _section(source, "Mappings")), folder)

    def in_production(self) -> Template:
        """Return the view of the production deployment, or this one where the template does not know one.

        It knows one where a parameter can be `prod`, `production`, `prd` or `live`, alone or before a hyphen:
        then the conditions and mappings that depend on it are decided. Other parameters keep their defaults.
        """
        values = find_production_values(self.section("Parameters"), self.section("Conditions"))
        if not values:
            return self
        intrinsics = replace(
            self.intrinsics, parameters={**self.intrinsics.parameters, **values}, follows_keys=True
        )
        conditions = Conditions(self.section("Conditions"), intrinsics)
        return replace(self, intrinsics=replace(intrinsics, decide=conditions.outcome))

    def section(self, name: str) -> Mapping[str, Any]:
        """Return a section; an empty one where it is missing or is no mapping."""
        return _section(self.source, name)

    def resources(self, *types: str) -> Iterator[Resource]:
        """Yield the resources of these types (of any, if none is named) that the view does not exclude."""
        for logical_id, definition in self.section("Resources").items():
            kind = definition.get("Type") if isinstance(definition, Mapping) else None
            if isinstance(kind, str) and (kind in types or not types):
                yield from self._existing(str(logical_id), kind, definition)

    def _existing(self, logical_id: str, kind: str, definition: Mapping[str, Any]) -> Iterator[Resource]:
        condition = definition.get("Condition")
        outcome = self.intrinsics.decide(condition) if isinstance(condition, str) else True
        if outcome is not False:
            when = {condition: True} if isinstance(condition, str) and outcome is None else {}
            yield Resource(logical_id, kind, definition, self.intrinsics, when)


def _section(source: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = source.get(name)
    return section if isinstance(section, Mapping) else {}
