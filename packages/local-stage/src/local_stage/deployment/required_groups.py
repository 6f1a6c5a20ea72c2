"""The groups that functions ask for, which API Gateway does not know and samconfig.toml can name."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from local_stage.errors import TemplateError

type RequiredGroups = Mapping[tuple[str, str], Sequence[str]]
"""By verb and path of a route: the groups of which the function asks for any one."""

FILE: Final = "samconfig.toml"
SECTION: Final = ("default", "local-stage", "parameters")
"""SAM CLI reads only the sections of its own commands, and passes over this one."""


def read_required_groups(template: Path) -> RequiredGroups:
    """Read which groups the functions of a template ask for.

    They stand in samconfig.toml beside the template, in the section `default.local-stage.parameters`, as
    `groups = {"GET /admin/hello" = "admins"}`; of a list any one group is enough. They explain a function's
    refusal and enforce nothing.

    Raises:
        StartError: the section has another form, or the file is not TOML.
    """
    file = template.parent / FILE
    return {
        (verb, path): groups
        for route, groups in _read_routes(file)
        for verb, _, path in [route.partition(" ")]
    }


def _read_routes(file: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    section = _read_section(file)
    if section is None:
        return
    groups = section.get("groups") if isinstance(section, dict) else None
    if not isinstance(groups, dict):
        raise _wrong_form(file)
    for route, names in groups.items():
        listed = (names,) if isinstance(names, str) else tuple(names) if isinstance(names, list) else ()
        if not listed or " /" not in route or not all(isinstance(name, str) for name in listed):
            raise _wrong_form(file)
        yield route, listed


def _read_section(file: Path) -> Any:
    try:
        found: Any = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise TemplateError(f"cannot be read: {error}", file=str(file)) from None
    for name in SECTION:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _wrong_form(file: Path) -> TemplateError:
    why = 'is not of the form groups = {"GET /admin/hello" = "admins"}'
    return TemplateError(why, file=str(file), resource=".".join(SECTION))
