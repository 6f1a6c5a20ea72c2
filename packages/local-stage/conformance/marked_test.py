"""Which tests show which rules: read from the tests' source, without running them.

A test names its rules by `@pytest.mark.rule("authorizer.expired")`; the mark may also stand on one row of a
parametrised test. A test that `@differs("how")` asserts what AWS does, and fails since MiniStack does not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class MarkedTest:
    """A test that pytest runs and the rules that it names.

    `marks` are the names of all of its marks; `difference` is what MiniStack does otherwise, if it does.
    """

    file: str
    name: str
    sentence: str
    rules: tuple[str, ...]
    marks: frozenset[str]
    difference: str | None

    @property
    def is_run(self) -> bool:
        """Whether it has to pass; a test that is skipped or expected to fail shows nothing."""
        return self.marks.isdisjoint({"differs", "skip", "skipif", "xfail"})


def find_tests(folder: Path) -> list[MarkedTest]:
    """Return every test of a folder that names a rule or a difference."""
    files = sorted(folder.rglob("test_*.py"))
    found = [
        test
        for file in files
        for test in read_tests(
            file.relative_to(PACKAGE).as_posix(), ast.parse(file.read_text(encoding="utf-8"))
        )
    ]
    return [test for test in found if test.rules or test.difference]


def read_tests(file: str, module: ast.Module) -> Iterator[MarkedTest]:
    """Yield every test of a module, whatever its marks."""
    for node in module.body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            for member in node.body:
                yield from _read(file, member)
        else:
            yield from _read(file, node)


def _read(file: str, node: ast.stmt) -> Iterator[MarkedTest]:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not node.name.startswith("test_"):
        return
    marks = list(_find_marks(node))
    yield MarkedTest(
        file=file,
        name=node.name,
        sentence=_first_sentence(node),
        rules=tuple(text for name, call in marks if name == "rule" for text in _texts(call)),
        marks=frozenset(name for name, _ in marks),
        difference=next((text for name, call in marks if name == "differs" for text in _texts(call)), None),
    )


def _find_marks(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, ast.Call | None]]:
    """Yield name and call of each `pytest.mark.NAME`, and of `differs`, in a function's decorators."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "differs":
            yield "differs", decorator
        called = {id(call.func): call for call in ast.walk(decorator) if isinstance(call, ast.Call)}
        for part in ast.walk(decorator):
            if isinstance(part, ast.Attribute) and ast.unparse(part.value) == "pytest.mark":
                yield part.attr, called.get(id(part))


def _texts(call: ast.Call | None) -> Iterator[str]:
    for argument in call.args if call else ():
        yield str(ast.literal_eval(argument))


def _first_sentence(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Return the first paragraph of a test's docstring or, without one, its name as a sentence."""
    docstring = ast.get_docstring(node)
    if docstring:
        return " ".join(docstring.partition("\n\n")[0].split())
    return node.name.removeprefix("test_").replace("_", " ")
