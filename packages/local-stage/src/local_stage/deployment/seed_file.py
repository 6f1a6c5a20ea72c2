"""A file of data that a team keeps beside its template, in YAML or JSON: items of tables, objects of buckets.

    tables:
      OrdersTable:
        - {id: "1", customer: alice, quantity: 3}
    buckets:
      PicturesBucket:
        notes/hello.txt: a text
        logo.png: {file: pictures/logo.png}

A table or bucket is named by its logical id or its own name; a file's path is relative to this one's folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, DecimalException
from pathlib import Path
from typing import Any, Final, Never

import yaml
from yaml.constructor import ConstructorError, SafeConstructor

from local_stage.cloudformation.template_source import compose
from local_stage.errors import UsageError

TABLES: Final = "tables"
BUCKETS: Final = "buckets"
_FORM: Final = "is not of the form `tables:` and `buckets:`, each with the data below a name"
_TEXT: Final = "tag:yaml.org,2002:str"
_TEXTS: Final = frozenset({_TEXT, "tag:yaml.org,2002:timestamp"})
_INTEGER: Final = "tag:yaml.org,2002:int"
_NUMBERS: Final = frozenset({_INTEGER, "tag:yaml.org,2002:float"})
_BINARY: Final = "tag:yaml.org,2002:binary"


@dataclass(frozen=True, slots=True)
class SeedItem:
    """An item of a table; numbers are Decimal. `place` is file and line."""

    place: str
    table: str
    item: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SeedObject:
    """An object of a bucket. `place` is file and line."""

    place: str
    bucket: str
    key: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seed:
    """What a file holds, in its order."""

    items: tuple[SeedItem, ...] = ()
    objects: tuple[SeedObject, ...] = ()


def read_seed_file(file: Path) -> Seed:
    """Return the data of a file.

    Raises UsageError, with file, line, table or bucket and key, for what cannot be read.
    """
    if file.suffix.lower() not in {".yaml", ".yml", ".json"}:
        raise UsageError("is neither .yaml nor .json", file=str(file))
    parts = dict(_pairs(file, _compose(file), None, _FORM))
    if not parts.keys() <= {TABLES, BUCKETS}:
        raise UsageError(_FORM, file=str(file))
    items, objects = parts.get(TABLES), parts.get(BUCKETS)
    return Seed(
        tuple(_read_tables(file, items)) if items else (),
        tuple(_read_buckets(file, objects)) if objects else (),
    )


def _compose(file: Path) -> yaml.Node | None:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        why = f"cannot be read: {error.strerror}; pass the YAML or JSON file of your data"
        raise UsageError(why, file=str(file)) from None
    except UnicodeDecodeError:
        raise UsageError("is not UTF-8 text", file=str(file)) from None
    is_json = file.suffix.lower() == ".json"
    try:
        # JSON is YAML, but for tabs between its tokens.
        return compose(text.replace("\t", " ") if is_json else text)
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UsageError(
            f"is not {'JSON' if is_json else 'YAML'}: {error.problem}", file=f"{file}{line}"
        ) from None
    except yaml.YAMLError as error:
        raise UsageError(f"cannot be read: {' '.join(str(error).split())}", file=str(file)) from None


def _read_tables(file: Path, node: yaml.Node) -> Iterator[SeedItem]:
    for table, items in _pairs(file, node, None, "has to name tables"):
        if not isinstance(items, yaml.SequenceNode):
            _refuse(file, items, table, None, "has to be a list of items")
        for item in items.value:
            if not isinstance(item, yaml.MappingNode):
                _refuse(file, item, table, None, "an item has to be a map of names and values")
            yield SeedItem(_place(file, item), table, _read_map(file, item, table))


def _read_buckets(file: Path, node: yaml.Node) -> Iterator[SeedObject]:
    for bucket, objects in _pairs(file, node, None, "has to name buckets"):
        for key, content in _pairs(file, objects, bucket, "has to be a map of keys and contents"):
            yield SeedObject(_place(file, content), bucket, key, _read_body(file, content, bucket, key))


def _read_body(file: Path, node: yaml.Node, bucket: str, key: str) -> bytes:
    if isinstance(node, yaml.ScalarNode):
        is_binary = node.tag == _BINARY
        return bytes(_read_scalar(file, node, bucket, key)) if is_binary else str(node.value).encode()
    parts = dict(_pairs(file, node, bucket, "an object is a text, or `file:` with a path"))
    path = parts.get("file")
    if parts.keys() != {"file"} or not isinstance(path, yaml.ScalarNode):
        _refuse(file, node, bucket, key, "an object is a text, or `file:` with a path")
    try:
        return (file.parent / str(path.value)).read_bytes()
    except OSError as error:
        _refuse(file, path, bucket, key, f"{path.value} cannot be read: {error.strerror}")


def _pairs(
    file: Path, node: yaml.Node | None, resource: str | None, why: str
) -> Iterator[tuple[str, yaml.Node]]:
    """Yield the names of a map and their values. Raises UsageError for what is no map, or has one twice."""
    if not isinstance(node, yaml.MappingNode):
        _refuse(file, node, resource, None, why)
    seen = set()
    for key, value in node.value:
        name = str(key.value)
        if name in seen:
            _refuse(file, key, resource, name, "stands twice")
        seen.add(name)
        yield name, value


def _read_map(file: Path, node: yaml.Node, table: str) -> dict[str, Any]:
    pairs = _pairs(file, node, table, "has to be a map")
    return {name: _read_value(file, value, table, name) for name, value in pairs}


def _read_value(file: Path, node: yaml.Node, table: str, name: str) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return _read_scalar(file, node, table, name)
    if isinstance(node, yaml.MappingNode):
        return _read_map(file, node, table)
    return [_read_value(file, child, table, name) for child in node.value]


def _read_scalar(file: Path, node: yaml.ScalarNode, resource: str, name: str) -> Any:
    """Return a text, a number as Decimal, a boolean, None or bytes; a date is a text."""
    # What stands in JSON without quotes is a number, also 2e3, which YAML reads as a text.
    is_json = node.tag == _TEXT and not node.style and file.suffix.lower() == ".json"
    try:
        if node.tag in _NUMBERS or is_json:
            written = SafeConstructor().construct_object(node) if node.tag == _INTEGER else node.value
            number = Decimal(written)
            if number.is_finite():
                return number
            raise ValueError  # noqa: TRY301 - as for what is no number
        if node.tag in _TEXTS:
            # Of JSON's escapes YAML makes two halves of a character beyond the first 65,536.
            return node.value.encode("utf-16", "surrogatepass").decode("utf-16")
        return SafeConstructor().construct_object(node)
    except (ConstructorError, DecimalException, ValueError):
        why = f"{ascii(node.value)[1:-1]} cannot be read as {node.tag.rpartition(':')[2]}"
        _refuse(file, node, resource, name, why)


def _refuse(file: Path, node: yaml.Node | None, resource: str | None, name: str | None, why: str) -> Never:
    place = _place(file, node) if node else str(file)
    raise UsageError(why, file=place, resource=resource, property_path=name)


def _place(file: Path, node: yaml.Node) -> str:
    return f"{file}:{node.start_mark.line + 1}"
