from __future__ import annotations

from pathlib import Path

import pytest

from tests.shell_blocks import Block, Command, commands_on_aws, find_hidden_blocks, read_blocks


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return tmp_path / "document.md"


def read(document: Path, text: str) -> list[Block]:
    document.write_text(text, encoding="utf-8")
    return read_blocks(document)


def test_a_console_block_holds_commands_above_their_answers(document: Path) -> None:
    (block,) = read(document, "# T\n\n```console\n$ echo a; echo b\na\nb\n$ true\n$ echo c\nc\n```\n")

    assert block.commands == [
        Command("echo a; echo b", "a\nb", 4),
        Command("true", "", 7),
        Command("echo c", "c", 8),
    ]


def test_a_sh_block_holds_commands_without_answers(document: Path) -> None:
    (block,) = read(document, "```sh\nmake start\n\nsam build\n```\n")

    assert block.commands == [Command("make start", None, 2), Command("sam build", None, 4)]


def test_a_command_goes_on_after_a_backslash(document: Path) -> None:
    (block,) = read(document, "```console\n$ echo \\\n  a\na\n```\n")

    assert block.commands == [Command("echo \\\n  a", "a", 2)]


def test_a_command_goes_on_until_its_quotes_are_closed(document: Path) -> None:
    (block,) = read(document, "```console\n$ echo '{\n  \"a\": 1\n}'\n{\n```\n")

    assert block.commands == [Command("echo '{\n  \"a\": 1\n}'", "{", 2)]


def test_commands_for_aws_alone_are_not_run(document: Path) -> None:
    blocks = read(document, '```sh title="on AWS"\nsam deploy\n```\n\n```sh\nsam build\n```\n')

    assert [block.is_run for block in blocks] == [False, True]
    assert commands_on_aws(blocks) == ["sam deploy"]


@pytest.mark.parametrize(
    "text",
    [
        "```bash\nrm file\n```\n",
        "```\nrm file\n```\n",
        "```text\n$ rm file\n```\n",
        "- a list\n  ```sh\n  rm file\n  ```\n",
        "```sh {linenos=true}\nrm file\n```\n",
    ],
)
def test_a_command_in_any_other_block_is_found(document: Path, text: str) -> None:
    read(document, text)

    assert find_hidden_blocks(document) != []


def test_a_program_is_named_by_its_file(document: Path) -> None:
    read(document, '```python title="hello.py"\nprint()\n```\n\n```python\nprint()\n```\n')

    assert find_hidden_blocks(document) == ["line 6: python"]


def test_a_document_without_hidden_commands_is_accepted(document: Path) -> None:
    read(document, "```sh\nmake\n```\n\n```text\nplain\n```\n\n```yaml\na: 1\n```\n")

    assert find_hidden_blocks(document) == []
