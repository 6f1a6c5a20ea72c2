"""`local-stage completion`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Final

from local_stage.commands.arguments import Commands, add_command

SHELLS: Final = ("bash", "zsh", "fish")

_HELP: Final = """\
Prints what lets a shell complete commands, options and files of local-stage, also where it is typed with its
folder, as .venv/bin/local-stage.
"""

_EXAMPLES: Final = """\
for this shell, and for each later one by the same line in its own file:
  bash  source <(.venv/bin/local-stage completion bash)                                  ~/.bashrc
  zsh   autoload -U compinit && compinit && source <(.venv/bin/local-stage completion zsh)      ~/.zshrc
  fish  .venv/bin/local-stage completion fish | source                     ~/.config/fish/config.fish
"""


def add(commands: Commands, parser: argparse.ArgumentParser) -> None:
    """Add `completion` to the commands; it completes all that `parser` takes."""

    def run(options: argparse.Namespace) -> int:
        import shtab  # noqa: PLC0415 - no other command needs it

        for action in _actions(parser):
            if action.metavar in {"FILE", "DIR"}:
                action.complete = shtab.FILE if action.metavar == "FILE" else shtab.DIRECTORY  # type: ignore[attr-defined]  # shtab's own
        script = shtab.complete(parser, shell=options.shell)  # nosec B604 # a shell's name, and nothing is run
        sys.stdout.write(f"{script}\n")
        return 0

    completion = add_command(
        commands,
        "completion",
        run,
        description=_HELP,
        examples=_EXAMPLES,
    )
    completion.add_argument("shell", choices=SHELLS, help="which one")


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield every argument of a parser and of the commands below it."""
    for action in parser._actions:  # noqa: SLF001 - argparse tells them in no other way
        yield action
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - it has no other name
            for command in action.choices.values():
                yield from _actions(command)
