"""Which tests show which rules: read from the tests' source, without running them.

A test names its rules by `@pytest.mark.rule("authorizer.expired")`; the mark may also stand on one row of a
parametrised test.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class MarkedTest:
    """A test that pytest runs and the rules that it names.

    `marks` are the names of all of its marks; `reason` is that of its `xfail`, if it has one.
    """

    file: str
    name: str
    sentence: str
    rules: tuple[str, ...]
    marks: frozenset[str]
    reason: str | None

    @property
    def is_run(self) -> bool:
        """Whether it has to pass; a test that is skipped or expected to fail shows nothing."""
        return self.marks.isdisjoint({"skip", "skipif", "xfail"})


def find_tests(folder: Path) -> list[MarkedTest]:
    """Return every test of a folder that names a rule or is expected to fail."""
    files = sorted(folder.rglob("test_*.py"))
    found = [test for file in files for test in _find_in_file(file)]
    return [test for test in found if test.rules or "xfail" in test.marks]


def _find_in_file(file: Path) -> Iterator[MarkedTest]:
    module = ast.parse(file.read_text(encoding="utf-8"))
    for node in module.body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            for member in node.body:
                yield from _read(file, member)
        else:
            yield from _read(file, node)


def _read(file: Path, node: ast.stmt) -> Iterator[MarkedTest]:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not node.name.startswith("test_"):
        return
    marks = list(_find_marks(node))
    yield MarkedTest(
        file=file.relative_to(REPOSITORY).as_posix(),
        name=node.name,
        sentence=_first_sentence(node),
        rules=tuple(text for name, call in marks if name == "rule" for text in _texts(call)),
        marks=frozenset(name for name, _ in marks),
        reason=next((_reason(call) for name, call in marks if name == "xfail"), None),
    )


def _find_marks(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, ast.Call | None]]:
    """Yield name and call of each `pytest.mark.NAME` in a function's decorators."""
    for decorator in node.decorator_list:
        called = {id(call.func): call for call in ast.walk(decorator) if isinstance(call, ast.Call)}
        for part in ast.walk(decorator):
            if isinstance(part, ast.Attribute) and ast.unparse(part.value) == "pytest.mark":
                yield part.attr, called.get(id(part))


def _texts(call: ast.Call | None) -> Iterator[str]:
    for argument in call.args if call else ():
        yield str(ast.literal_eval(argument))


def _reason(call: ast.Call | None) -> str | None:
    keywords = {keyword.arg: keyword.value for keyword in call.keywords} if call else {}
    return str(ast.literal_eval(keywords["reason"])) if "reason" in keywords else None


def _first_sentence(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Return the first paragraph of a test's docstring or, without one, its name as a sentence."""
    docstring = ast.get_docstring(node)
    if docstring:
        return " ".join(docstring.partition("\n\n")[0].split())
    return node.name.removeprefix("test_").replace("_", " ")
