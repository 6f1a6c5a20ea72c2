"""Someone who works through a document: types each command in turn and compares what is printed.

Documents show the ports 3000 and 4566. The reader replaces them by two free ports with as many digits, so
that tables keep their width. It does not compare values that differ from run to run, such as ids and times.
"""

from __future__ import annotations

import contextlib
import random
import re
import socket
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.shell_blocks import DATA, PROGRAMS, STAGE_LOG, Block, Command, read_blocks
from tests.stage_process import REPOSITORY
from tests.terminal import StageTerminal, Terminal, TerminalError, build_environment

START: Final = "make start"
OWN_COMMAND: Final = re.compile(r"\.venv/bin/local-stage (?!completion|event|openapi)[a-z-]+")
"""A command of `local-stage` that reads the state folder, up to the place of its options."""
LAST_LINE: Final = "Ctrl-C stops everything and keeps the users."

_VARYING: Final = tuple(
    (re.compile(pattern, re.MULTILINE), placeholder)
    for pattern, placeholder in (
        (r"eyJ(?:…|[\w-]+(?:\.[\w-]*)*)", "<token>"),
        (r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<uuid>"),
        (r"(?<![\w+/-])[A-Za-z0-9]{26}(?![\w+/=-])", "<client id>"),  # and no part of a base64 text
        (r"\bap-northeast-1_[A-Za-z0-9]{9}\b", "<pool id>"),
        (r"'[A-Za-z0-9+/]{43}='", "<kid>"),
        (r"\b1[789]\d{8}(?:\.\d+)?\b", "<Unix time>"),
        (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\b", "<time>"),
        (r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", "<date>"),
        (r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?:[A-Z]{2,5}|[+-]\d{2,4})", "<local time>"),
        (r"\b(?:less than 1 s|\d+ (?:h|min|s)(?: \d+ (?:min|s))?)(?= ago$)", "<seconds>"),
        (r"\bin (?:\d+ h|\d+ min(?: \d+ s)?)$", "in <an hour>"),
        (r"(?<=x-amz-apigw-id: )\S{15}=", "<id>"),
        (r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}(;Parent=[0-9a-f]{16})?", "<trace>"),
        (r"\b\d+(?:\.\d+)? ms\b", "<duration>"),
        (r'(?<="latency": )\d+', "<milliseconds>"),
        (r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC \d{4}", "<date>"),
        (r"\*{6,}[\w-]{6}", "<masked token>"),
    )
)


@dataclass(slots=True)
class Transcript:
    """The commands of a document with the output that it shows, and with their real output."""

    shown: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)

    def add(self, heading: str, shown: str, printed: str) -> None:
        self.shown += [heading, *shown.splitlines()]
        self.printed += [heading, *printed.splitlines()]


class Reader:
    """Works through documents in the repository, with a state folder of its own.

    `instead` names commands that are run in another form, `paste` is how many of the commands that the stage
    prints the document asks to paste, `without` names programs that the reader does not have.
    """

    def __init__(
        self,
        folder: Path,
        *,
        instead: Mapping[str, str] | None = None,
        paste: int = 0,
        without: Collection[str] = (),
    ) -> None:
        self.transcript = Transcript()
        self.next_commands: list[str] = []
        self._folder = folder
        self._state_folder = folder / "state"
        self._instead = instead or {}
        self._paste = paste
        self._without = without
        self._files: list[str] = []
        self._environment = build_environment(folder)
        self._terminal = Terminal(self._environment)
        self._stage: StageTerminal | None = None
        self._ports = dict(zip(("127.0.0.1:3000", "127.0.0.1:4566"), _find_free_ports(), strict=True))

    def read(self, document: Path) -> None:
        """Run every block that is not for AWS alone; TerminalError if one without shown output fails."""
        for block in read_blocks(document):
            if block.is_run:
                self._skip_log()
                for command in block.commands:
                    self._type(command)
            elif block.title == STAGE_LOG:
                self._compare_log(block)
            elif block.language in PROGRAMS or (block.language == DATA and block.title):
                self._save(block)

    def run(self, command: str) -> str:
        """Return what a command prints that stands in no document."""
        printed, status = self._terminal.run(command)
        if status:
            raise TerminalError(f"{command!r} ends with {status}:\n{printed}")
        return printed

    def close(self) -> None:
        """Stop the stage by Ctrl-C, and everything else."""
        self._terminal.close()
        if self._stage is not None:
            self._stage.press_ctrl_c()

    def _type(self, command: Command) -> None:
        if any(f" {program} " in f" {command.text} " for program in self._without):
            return
        if command.text.startswith(START):
            printed, status = self._start_stage(command.text), 0
        else:
            printed, status = self._terminal.run(self._localize(command.text))
        heading = f"line {command.line}: {command.text}"
        if command.output is not None:
            self.transcript.add(heading, self._normalise(command.output), self._normalise(printed))
        elif status:
            raise TerminalError(f"{heading}\nends with {status}:\n{printed}")

    def _save(self, file: Block) -> None:
        assert file.title, f"line {file.line}: a program without a file"
        (self._folder / file.title).write_text(file.text, encoding="utf-8")
        self._files.append(file.title)

    def _start_stage(self, command: str) -> str:
        port, aws_port = (address.rpartition(":")[2] for address in self._ports.values())
        options = f"--port {port} --aws-port {aws_port} --state-folder {self._state_folder}"
        self._stage = StageTerminal(f"{command} ARGS='{options}'", self._environment, self._folder)
        self._stage.wait_until_printed(LAST_LINE)
        printed = self._stage.printed
        self.next_commands = re.findall(r"^  (.*)$", printed.partition("\nNext\n")[2], re.MULTILINE)
        for pasted in self.next_commands[: self._paste]:
            self.run(pasted)
        return printed

    def _skip_log(self) -> None:
        if self._stage is not None:
            self._stage.new_log()

    def _compare_log(self, block: Block) -> None:
        assert self._stage is not None, f"line {block.line}: no stage has been started yet"
        log = "\n".join(self._stage.new_log())
        self.transcript.add(f"line {block.line}: log", self._normalise(block.text), self._normalise(log))

    def _localize(self, command: str) -> str:
        command = self._instead.get(command, command)
        for shown, free in self._ports.items():
            command = command.replace(shown, free)
        for name in self._files:
            command = command.replace(name, str(self._folder / name))
        return OWN_COMMAND.sub(rf"\g<0> --state-folder {self._state_folder}", command)

    def _normalise(self, text: str) -> str:
        text = text.replace(f" --state-folder {self._state_folder}", "")
        text = text.replace(str(self._state_folder), ".local-stage").replace(str(REPOSITORY), "…")
        for shown, free in self._ports.items():
            text = text.replace(free, shown)
        for pattern, placeholder in _VARYING:
            text = pattern.sub(placeholder, text)
        return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


@contextlib.contextmanager
def reader_of(
    document: Path,
    folder: Path,
    *,
    instead: Mapping[str, str] | None = None,
    paste: int = 0,
    without: Collection[str] = (),
) -> Iterator[Reader]:
    """Yield a reader who has come to the end of the document; everything it started is stopped afterwards."""
    reader = Reader(folder, instead=instead, paste=paste, without=without)
    try:
        reader.read(document)
        yield reader
    finally:
        reader.close()


def _find_free_ports() -> tuple[str, str]:
    """Return two addresses with free ports of four digits."""
    free: list[str] = []
    for port in random.sample(range(5000, 10000), 1000):
        with contextlib.suppress(OSError), socket.socket() as sock:
            sock.bind(("127.0.0.1", port))
            free.append(f"127.0.0.1:{port}")
        if len(free) > 1:
            return free[0], free[1]
    raise TerminalError("no two free ports between 5000 and 9999")
