"""The commands of a document, and the output that it shows for each.

    ```sh                                 commands to copy, one a line, without their output
    ```console                            `$ command` lines, each above its output
    ```text title="the stage's log"       the stage's log of the commands in the previous block
    ```sh title="on AWS"                  commands that no test can run
    ```sh title="in your own project"     commands for another folder than this repository
    ```python title="hello.py"            a program, for the file that is its title
    ```yaml title="users.yaml"            data, for the file that is its title

A command goes on in the next line after a backslash, and until its quotes are closed.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ON_AWS: Final = "on AWS"
OWN_PROJECT: Final = "in your own project"
STAGE_LOG: Final = "the stage's log"
SHELL: Final = frozenset({"sh", "console"})
PROGRAMS: Final = frozenset({"javascript", "python"})
"""Languages of programs, which a document's test writes into files."""
DATA: Final = "yaml"
NOT_RUN: Final = frozenset({"json", "mermaid", "text", "toml", DATA})
"""Other languages of blocks. A language that is in no set could hide a command from the tests."""

PROMPT: Final = "$ "

_BLOCK: Final = re.compile(
    r'^```(?P<language>[^\s`]*)(?: title="(?P<title>[^"]*)")?\n(?P<text>.*?)^```$', re.DOTALL | re.MULTILINE
)

type NumberedLines = list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it stands in a document; `output` None means that the document does not show it."""

    text: str
    output: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block; `line` is the one of its first line inside the fence."""

    language: str
    title: str | None
    text: str
    line: int

    @property
    def is_run(self) -> bool:
        return self.language in SHELL and self.title not in {ON_AWS, OWN_PROJECT}

    @property
    def commands(self) -> list[Command]:
        """The block's commands; a block that is not for a shell has none."""
        if self.language not in SHELL:
            return []
        lines = list(enumerate(self.text.splitlines(), self.line))
        return list(_read_console(lines) if self.language == "console" else _read_script(lines))


def read_blocks(document: Path) -> list[Block]:
    """Return the fenced blocks of a Markdown document in their order."""
    text = document.read_text(encoding="utf-8")
    return [
        Block(match["language"], match["title"], match["text"], text.count("\n", 0, match.start("text")) + 1)
        for match in _BLOCK.finditer(text)
    ]


def find_hidden_blocks(document: Path) -> list[str]:
    """Return what could be a command, but is in no block that the tests know. The list should be empty."""
    blocks = read_blocks(document)
    fences = document.read_text(encoding="utf-8").count("```")
    hidden = [] if fences == 2 * len(blocks) else [f"{fences} fences make more than {len(blocks)} blocks"]
    return hidden + [
        f"line {block.line}: {block.language or 'no language'}"
        for block in blocks
        if block.language not in SHELL | PROGRAMS | NOT_RUN
        or (block.language in NOT_RUN and _has_prompt(block))
        or (block.language in PROGRAMS and not block.title)
    ]


def commands_on_aws(blocks: Iterable[Block]) -> list[str]:
    """Return the commands that stand in a document for AWS alone: its tests never run them."""
    return commands_titled(ON_AWS, blocks)


def commands_titled(title: str, blocks: Iterable[Block]) -> list[str]:
    """Return the commands of the blocks with this title."""
    return [command.text for block in blocks if block.title == title for command in block.commands]


def _read_script(lines: NumberedLines) -> Iterator[Command]:
    while lines:
        number = lines[0][0]
        if text := _take_command(lines):
            yield Command(text, None, number)


def _read_console(lines: NumberedLines) -> Iterator[Command]:
    while lines:
        number, first = lines[0]
        assert first.startswith(PROMPT), f"line {number}: output without a command"
        lines[0] = number, first.removeprefix(PROMPT)
        text, output = _take_command(lines), []
        while lines and not lines[0][1].startswith(PROMPT):
            output.append(lines.pop(0)[1])
        yield Command(text, "\n".join(output), number)


def _take_command(lines: NumberedLines) -> str:
    taken = [lines.pop(0)[1]]
    while lines and (taken[-1].endswith("\\") or _is_open("\n".join(taken))):
        taken.append(lines.pop(0)[1])
    return "\n".join(taken)


def _is_open(text: str) -> bool:
    try:
        shlex.split(text)
    except ValueError:
        return True
    return False


def _has_prompt(block: Block) -> bool:
    return any(line.startswith(PROMPT) for line in block.text.splitlines())
