"""`local-stage invoke`: one event for one function, as `sam local invoke`, and without Docker."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from local_stage.commands.arguments import (
    Commands,
    add_command,
    add_json,
    add_parameter_overrides,
    add_state_folder,
    add_template,
    print_json,
    read_text,
)
from local_stage.console.console_client import ask_console
from local_stage.errors import MachineError, UsageError
from local_stage.state import INVOCATIONS, RunningStage

EXIT_FAILED: Final = 1

_HELP: Final = """\
Invokes a function with an event, in the execution environments of the running stage, or of one that this
command starts for the time of the invocation. The function's result is written to standard output and its log
to standard error. FUNCTION is the logical id in the template, the function's name, or its ARN. With --json
one object has both: function, request_id, payload (a text of JSON), error_type (empty for none), log.

Exit code 0: the function returned a result; 1: it failed, and the error is on standard output as Lambda
returns it; 2: it was not invoked.
"""
_EXAMPLES: Final = """\
examples:
  local-stage invoke HelloFunction                          the event {}
  local-stage invoke HelloFunction -e events/signed_in.json
  local-stage event 'GET /hello' --user alice | local-stage invoke HelloFunction -e -
  local-stage invoke WorkerFunction --event-type sqs       a message of the queue that the template names
"""


def add(commands: Commands) -> None:
    """Add `invoke` to the commands."""
    invoke = add_command(
        commands,
        "invoke",
        _invoke,
        description=_HELP,
        examples=_EXAMPLES,
    )
    invoke.add_argument("function", metavar="FUNCTION", help="which function of the template")
    invoke.add_argument(
        "--event", "-e", metavar="FILE", help="the event, a JSON file; - reads it from standard input"
    )
    invoke.add_argument(
        "--event-type",
        metavar="TYPE",
        help="make the event of a source that the template gives the function: sqs, sns, s3, kinesis, "
        "dynamodb, eventbridge, schedule, cognito, or cognito: and a trigger's name or source; "
        "it carries what -e has",
    )
    add_json(invoke)
    add_template(invoke)
    add_parameter_overrides(invoke)
    add_state_folder(invoke)


def _invoke(options: argparse.Namespace) -> int:
    given = _read_event(options.event)
    with _find_or_start(options) as running:
        event = _build_event(running, options, given) if options.event_type else given
        told = ask_console(running, "POST", INVOCATIONS, {"function": options.function, "event": event})
    exit_code = EXIT_FAILED if told["error_type"] else 0
    if options.json:
        print_json(told)
        return exit_code
    for line in told["log"]:
        sys.stderr.write(f"{line}\n")
    sys.stdout.write(f"{told['payload']}\n")
    return exit_code


def _build_event(running: RunningStage, options: argparse.Namespace, content: Any) -> Any:
    from local_stage.cloudformation.deployed_stack import DeployedStack  # noqa: PLC0415 - half a second
    from local_stage.deployment.function_sources import build_source_event  # noqa: PLC0415 - as above

    stack = DeployedStack.of_running_stage(running)
    carried = content if options.event is not None else None
    return build_source_event(stack, options.function, options.event_type, carried)


def _read_event(given: str | None) -> Any:
    """Return the event. Raises UsageError, naming the file, for what is no JSON."""
    if given is None:
        return {}
    try:
        text = read_text(given) if given == "-" else Path(given).read_text(encoding="utf-8")
        return json.loads(text)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", file=given) from None
    except ValueError as error:
        raise UsageError(f"the event is not JSON: {error}", file=given) from None


@contextmanager
def _find_or_start(options: argparse.Namespace) -> Iterator[RunningStage]:
    """Yield the stage that runs from the state folder, or one that runs meanwhile.

    Raises MachineError, with what the stage has printed, where it does not start.
    """
    running = RunningStage.find(options.state_folder)
    if running is not None:
        yield running
        return
    from local_stage.testing.stage_process import StageProcessError, running_stage  # noqa: PLC0415 - rarely needed

    with tempfile.TemporaryDirectory(prefix="local-stage-") as folder:
        try:
            with running_stage(Path(folder), *_start_options(options)):
                yield RunningStage.find(options.state_folder)  # type: ignore[misc] # it has just been written
        except StageProcessError as error:
            raise MachineError(f"no stage runs, and none could be started: {error}") from None


def _start_options(options: argparse.Namespace) -> Iterator[str]:
    folders: Mapping[str, Path] = {
        "--template": options.template,
        "--state-folder": options.state_folder,
        "--cache-folder": options.state_folder / "cache",
    }
    for name, path in folders.items():
        yield from (name, str(path.absolute()))
    for name, groups in (
        ("--parameter-overrides", options.parameter_overrides),
        ("--import-value", options.import_value),
    ):
        for group in groups:
            yield from (name, *group)
