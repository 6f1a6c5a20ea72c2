"""What every document of the repository names is there, and nothing is named that has no place in it."""

from __future__ import annotations

import re

import pytest

from tests.shell_blocks import find_hidden_blocks
from tests.stage_process import REPOSITORY

DOCUMENTS = sorted(
    str(file.relative_to(REPOSITORY))
    for pattern in ("*.md", "docs/*.md", "examples/*/*.md", "packages/*/*.md", "packages/*/docs/*.md")
    for file in REPOSITORY.glob(pattern)
)

LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]*)\)")
PICTURE = re.compile(r'\b(?:src|srcset)="(?P<target>[^"]*)"')
HEADING = re.compile(r"^#+ (?P<text>.*)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
INLINE_CODE = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"\w[\w.-]*(?:/[\w.-]+)*(?:\.(?:md|py|toml|txt|yaml)|/)")
MAKE = re.compile(r"\bmake ([a-z-]*[a-z])\b(?!-)")

FOREIGN = {
    "a path of one machine": re.compile(r"(?<![\w.…])/(?:home|root|tmp|work|Users)/"),
    "an issue's number": re.compile(r"(?<!&)#\d|\bissues? \d", re.IGNORECASE),
}

OF_OTHERS = {"requirements.txt", "samconfig.yaml", "local_stage/lambda_runtime/locks/libraries.txt"}
"""Files of the reader's own project, and of the installed package."""

every_document = pytest.mark.parametrize("document", DOCUMENTS)


def read_prose(document: str) -> str:
    """Return a document without its fenced blocks."""
    return FENCED.sub("", (REPOSITORY / document).read_text(encoding="utf-8"))


def find_anchors(document: str) -> set[str]:
    """Return the anchors that GitHub gives a document's headings."""
    texts = [match["text"].replace("`", "") for match in HEADING.finditer(read_prose(document))]
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in texts}


@every_document
def test_every_link_within_the_repository_leads_somewhere(document: str) -> None:
    folder = (REPOSITORY / document).parent
    dead = []
    for match in LINK.finditer(read_prose(document)):
        path, _, anchor = match["target"].partition("#")
        if path.startswith("https://"):
            continue
        target = (folder / path).resolve() if path else REPOSITORY / document
        if not target.exists() or (
            anchor and anchor not in find_anchors(str(target.relative_to(REPOSITORY)))
        ):
            dead.append(match["target"])
    assert dead == []


def test_the_readme_shows_every_picture_and_no_other() -> None:
    pictures = {f"docs/images/{file.name}" for file in (REPOSITORY / "docs" / "images").iterdir()}
    assert pictures == {match["target"] for match in PICTURE.finditer(read_prose("README.md"))}


@every_document
def test_every_file_named_exists(document: str) -> None:
    """From the root of the repository, or from the document's folder or the folder `docs` in it."""
    here = (REPOSITORY / document).parent
    named = {name for name in INLINE_CODE.findall(read_prose(document)) if FILE.fullmatch(name)}
    places = (REPOSITORY, here, here / "docs")
    missing = {name for name in named if not any((place / name).exists() for place in places)}
    assert missing - OF_OTHERS == set()


@every_document
def test_every_make_target_named_exists_and_make_help_tells_it(document: str) -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.* ## \S", makefile, re.MULTILINE))
    text = "\n".join(
        re.findall(r"`[^`]+`|^```.*?^```$", (REPOSITORY / document).read_text(), re.DOTALL | re.MULTILINE)
    )
    assert set(MAKE.findall(text)) - targets == set()


@every_document
def test_no_command_hides_from_the_tests(document: str) -> None:
    assert find_hidden_blocks(REPOSITORY / document) == []


@every_document
def test_nothing_foreign_is_named(document: str) -> None:
    text = (REPOSITORY / document).read_text(encoding="utf-8")
    found = {kind: pattern.findall(text) for kind, pattern in FOREIGN.items()}
    assert {kind: matches for kind, matches in found.items() if matches} == {}


def test_contributing_tells_what_make_check_does() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    (parts,) = re.findall(r"^check: .*\n\t.*--jobs=2 (.*)$", makefile, re.MULTILINE)
    told = (REPOSITORY / "CONTRIBUTING.md").read_text().split("## What `make check` does")[1]
    assert re.findall(r"^\| `make ([a-z-]+)` \|", told, re.MULTILINE) == [*parts.split(), "test"]


def test_contributing_tells_every_environment_and_the_locks_it_is_built_from() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    locks = {lock.stem for lock in (REPOSITORY / "requirements").glob("*.txt")}
    built: dict[str, set[str]] = {}
    for environment, layers in re.findall(r"\$\(install\) (\S+) (.*)$", makefile, re.MULTILINE):
        built.setdefault(environment, set()).update(set(layers.split()) & locks)
    rows = re.findall(
        r"^\| `(\.venv[a-z-]*)` \| (.*?) \|", (REPOSITORY / "CONTRIBUTING.md").read_text(), re.MULTILINE
    )
    assert {name: set(re.findall(r"requirements/(\w+)\.txt", source)) for name, source in rows} == built


def test_contributing_or_the_readme_names_every_target_of_make_help() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    told = set(re.findall(r"^([a-z-]+):.* ## \S", makefile, re.MULTILINE))
    text = "".join((REPOSITORY / name).read_text() for name in ("README.md", "CONTRIBUTING.md"))
    assert told - set(MAKE.findall(text)) == set()
