from __future__ import annotations

from pathlib import Path

import pytest

from tests.reader import Transcript, reader_of
from tests.terminal import TerminalError


def read(tmp_path: Path, text: str) -> Transcript:
    document = tmp_path / "document.md"
    document.write_text(text, encoding="utf-8")
    with reader_of(document, tmp_path) as reader:
        return reader.transcript


def test_another_answer_than_the_one_shown_is_noticed(tmp_path: Path) -> None:
    transcript = read(tmp_path, "```console\n$ echo a\nb\n```\n")

    assert transcript.shown == ["line 2: echo a", "b"]
    assert transcript.printed == ["line 2: echo a", "a"]


def test_an_answer_that_is_not_shown_is_noticed(tmp_path: Path) -> None:
    transcript = read(tmp_path, "```console\n$ echo a\n```\n")

    assert transcript.shown != transcript.printed


def test_what_one_command_sets_the_next_block_has(tmp_path: Path) -> None:
    transcript = read(tmp_path, "```sh\nNAME=a\n```\n\n```console\n$ echo $NAME\na\n```\n")

    assert transcript.shown == transcript.printed


def test_ids_and_times_are_not_compared(tmp_path: Path) -> None:
    shown = "eyJ… 379de986-cd40-49b3-a45d-e8abae8dfad1 8.2 ms"
    printed = "eyJraWQiOiJy.eyJvcmln.R-_4 00000000-cd40-49b3-a45d-e8abae8dfad1 12 ms"
    transcript = read(tmp_path, f"```console\n$ echo '{printed}'\n{shown}\n```\n")

    assert transcript.shown == transcript.printed


@pytest.mark.parametrize("place", [0, 8, 17])
def test_a_key_id_that_holds_as_many_letters_as_a_client_id_is_a_key_id(tmp_path: Path, place: int) -> None:
    letters = "HA689X1KYNRX5HvoC5IFcgaBpV"
    around = "+" * place, "/" * (43 - len(letters) - place)
    kid = f"'{around[0]}{letters}{around[1]}='"
    shown = "key '6781MWYnPRpk1Hk2LmXNpiommET3Se3fhHxsh6v5tOw='; client 11Z7isguKQNatSBDif9YyA4niH"
    transcript = read(tmp_path, f'```console\n$ echo "key {kid}; client {letters}"\n{shown}\n```\n')

    assert transcript.shown == transcript.printed


def test_a_program_is_run_as_it_is_shown(tmp_path: Path) -> None:
    program = '```python title="hello.py"\nprint("a")\n```\n\n'
    transcript = read(tmp_path, f"{program}```console\n$ python3 hello.py\na\n```\n")

    assert transcript.shown == transcript.printed


def test_what_the_reader_does_not_have_is_left_out(tmp_path: Path) -> None:
    document = tmp_path / "document.md"
    document.write_text("```console\n$ A=1 no-such-thing a\na\n$ echo b\nb\n```\n", encoding="utf-8")
    with reader_of(document, tmp_path, without=["no-such-thing"]) as reader:
        assert reader.transcript.shown == ["line 4: echo b", "b"]


def test_a_command_without_answer_that_fails_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TerminalError, match="ends with 3"):
        read(tmp_path, "```sh\n(exit 3)\n```\n")


def test_a_command_that_ends_the_shell_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TerminalError, match="no end"):
        read(tmp_path, "```sh\nexit 3\n```\n")
