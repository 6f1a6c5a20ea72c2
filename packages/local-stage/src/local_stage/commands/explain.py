"""`local-stage explain`, and `local-stage test-authorizer`."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from local_stage.commands.arguments import (
    Commands,
    accept_json,
    add_api,
    add_command,
    add_json,
    add_parameter_overrides,
    add_pool,
    add_state_folder,
    find_running_stage,
    print_json,
    read_imports,
    read_pairs,
    read_text,
    require_stack_name,
)
from local_stage.console.console_client import EXPLAIN, TEST_AUTHORIZER, ask_console
from local_stage.errors import UsageError
from local_stage.serving.options import StartOptions

if TYPE_CHECKING:
    from local_stage.commands.explain_template import FoundApis
    from local_stage.explanation.explanation import Explanation

EXIT_REFUSED: Final = 1
EXIT_UNKNOWN: Final = 2

_HELP: Final = """\
Prints why a route lets a token in or refuses it: every decision with a tick or a cross, the response that API
Gateway gives, and what to do. Without --route the command tells which routes take the token, and without
TOKEN which token is wanted. TOKEN may be pasted as it is at hand: alone, as a header, a curl command or JSON.

The command asks the API of the stage that runs; with --template it reads a template that does not run; with
--stack-name it asks about a deployed stack, whose routes it reads in the template. The token stays on this
machine: the running stage gets it, or this process itself decides, by the pool's public keys and a deployed
stack's description.

With --answer the command explains a response: a body, what `curl -i` prints, or a browser's message about
CORS.

Exit code 0: the token would pass, or the response is known; 1: the token would be refused; 2: there is
nothing to ask, or the token or the response cannot be judged.
"""

_EXAMPLES: Final = """\
examples:
  local-stage explain "$TOKEN"
  local-stage explain "$TOKEN" --route 'GET /hello'
  local-stage explain 'Authorization: Bearer eyJ…' --route 'POST http://127.0.0.1:3000/dev/hello'
  local-stage explain --route 'GET /machine/hello'
  local-stage explain - --route 'GET /hello' --stack-name hello-api-dev the token comes from standard input
  curl -i http://127.0.0.1:3000/hello | local-stage explain --answer -
"""

_TEST_AUTHORIZER_HELP: Final = """\
Asks the running stage's authorizer to decide on a token, and prints the decision in the shape of AWS's own
`aws apigateway test-invoke-authorizer`: clientStatus (0, or the status code that the sender would get),
claims, log and latency. As on AWS only ID tokens pass: the test knows no method, and so no scopes. The token
stays on this machine. Exit code 0: the token passes; 1: the token is refused; 2: no stage runs.
"""


def add(commands: Commands) -> None:
    """Add `explain` and `test-authorizer` to the commands."""
    explain = add_command(
        commands,
        "explain",
        _explain,
        description=_HELP,
        examples=_EXAMPLES,
    )
    explain.add_argument(
        "token",
        nargs="*",
        metavar="TOKEN",
        help="the token, or the whole header, as it was pasted; - reads it from standard input",
    )
    what = explain.add_mutually_exclusive_group()
    what.add_argument(
        "--route",
        metavar="ROUTE",
        help="verb and path, as 'GET /hello', or verb and URL; every route without it",
    )
    what.add_argument("--answer", metavar="TEXT", help="the response that you have; - reads it as above")
    explain.add_argument("--template", type=Path, metavar="FILE", help="a SAM template that does not run")
    add_parameter_overrides(explain)
    add_api(explain)
    add_json(explain)
    add_pool(explain)
    _add_test_authorizer(commands)


def _explain(options: argparse.Namespace) -> int:
    if options.answer is not None:
        return _explain_response(options)
    _check(options)
    token = read_text(" ".join(options.token)) if options.token else None
    asks_template = options.stack_name or options.template
    explained = _explain_template(options, token) if asks_template else _ask_stage(options, token)
    if options.route is None:
        return _print_routes(options, explained, token)
    ((_, explanation),) = explained
    if token is None:
        return _print_route(options, explanation)
    _print(options, explanation)
    return _exit_code(explanation)


def _ask_stage(options: argparse.Namespace, token: str | None) -> list[tuple[str, Explanation]]:
    """Return the explanation of a call of the route, or of each, with the name of its API."""
    from local_stage.explanation.explanation import Explanation  # noqa: PLC0415 - `--help` need not wait

    running = find_running_stage(options.state_folder, ", or name --template or --stack-name")
    body = {"token": token, "route": options.route, "api": options.api}
    told = ask_console(running, "POST", EXPLAIN, body)
    routes: list[dict[str, Any]] = told.get("routes", [told])
    if token is not None and (told := _tell_changes(options.state_folder, token)):
        for route in routes:
            route["notes"] = [*route["notes"], told]
    return [(route.pop("api", ""), Explanation.from_json(route)) for route in routes]


def _tell_changes(state_folder: Path, token: str) -> str | None:
    from local_stage.cloudformation.pool_front.triggers.issued_changes import FILE, tell_changes  # noqa: PLC0415 - as above

    found = re.search(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", token)
    return tell_changes(state_folder / "aws" / FILE, found[0]) if found else None


def _check(options: argparse.Namespace) -> None:
    """Raise UsageError for an option that would be ignored."""
    for option, given in (
        ("--parameter-overrides", options.parameter_overrides),
        ("--import-value", options.import_value),
    ):
        if given and (options.stack_name or not options.template):
            raise UsageError(f"{option} goes with --template; a stage or a stack has its own")
    if not options.stack_name:
        require_stack_name(options)


def _explain_template(options: argparse.Namespace, token: str | None) -> list[tuple[str, Explanation]]:
    """Return the same as `_ask_stage`, of a template or a deployed stack."""
    # boto3 and SAM's translator take half a second, which a running stage has behind it.
    import asyncio  # noqa: PLC0415

    from local_stage.commands.explain_template import explain_every_route, explain_found  # noqa: PLC0415
    from local_stage.explanation.pasted import read_pasted  # noqa: PLC0415

    pasted = None if token is None else read_pasted(token)
    apis = _find_apis(options)
    if options.route is not None:
        found = apis.choose(options.api, options.route)
        return [("", asyncio.run(explain_found(found, options.route, pasted)))]
    return [
        (name, explanation)
        for name, found in apis.choose_all(options.api)
        for explanation in asyncio.run(explain_every_route(found, pasted))
    ]


def _find_apis(options: argparse.Namespace) -> FoundApis:
    from local_stage.cloudformation.deployed_stack import DeployedStack  # noqa: PLC0415 - as above
    from local_stage.commands.explain_template import (  # noqa: PLC0415 - as above
        find_deployed_apis,
        find_template_apis,
    )

    defaults = StartOptions()
    template = options.template or defaults.template
    if options.stack_name:
        stack = DeployedStack.find(options.stack_name, options.region, options.endpoint_url)
        return find_deployed_apis(template, stack)
    overrides = read_pairs(options.parameter_overrides)
    return find_template_apis(
        template, overrides, defaults.stack_name, defaults.region, read_imports(options)
    )


def _explain_response(options: argparse.Namespace) -> int:
    from local_stage.explanation.known_responses import explain_response  # noqa: PLC0415 - `--help` needs no rich
    from local_stage.explanation.rendering import make_console, render_known_response  # noqa: PLC0415

    if options.token:
        raise UsageError("--answer takes no token; --route does")
    known = explain_response(read_text(options.answer))
    if known is None:
        raise UsageError(
            "--answer: no response that is known; give all that `curl -i` prints, status line and headers too"
        )
    if options.json:
        print_json(known.to_json())
    else:
        render_known_response(known, make_console(sys.stdout, os.environ))
    return 0


def _print(options: argparse.Namespace, explanation: Explanation) -> None:
    from local_stage.explanation.rendering import make_console, render  # noqa: PLC0415 - as above

    if options.json:
        print_json(explanation.to_json())
    else:
        render(explanation, make_console(sys.stdout, os.environ))


def _print_route(options: argparse.Namespace, explanation: Explanation) -> int:
    """Tell what opens the route, and return 0, or 1 where there is no such route."""
    from local_stage.explanation.rendering import make_console, render_route  # noqa: PLC0415 - as above

    if options.json:
        remedy = None if explanation.has_route else explanation.remedy
        described = explanation.to_json()
        print_json({"route": described["route"], "remedy": remedy, "notes": described["notes"]})
    else:
        render_route(explanation, make_console(sys.stdout, os.environ))
    return 0 if explanation.has_route else EXIT_REFUSED


def _print_routes(
    options: argparse.Namespace, explained: list[tuple[str, Explanation]], token: str | None
) -> int:
    """Print what each route does with the token, or which it wants, and return 0 where one takes it.

    A route that is open to all takes it as well, but says nothing of the token where another asks for one.
    """
    from local_stage.explanation.rendering import make_console, render_routes  # noqa: PLC0415 - as above

    if options.json:
        print_json({"routes": [{"api": api, **explanation.to_json()} for api, explanation in explained]})
    else:
        render_routes(explained, make_console(sys.stdout, os.environ), has_token=token is not None)
    asking = [each for _, each in explained if each.steps[1:]] or [each for _, each in explained]
    return 0 if token is None else min(map(_exit_code, asking), default=EXIT_UNKNOWN)


def _exit_code(explanation: Explanation) -> int:
    from local_stage.explanation.explanation import Verdict  # noqa: PLC0415 - as above

    codes = {Verdict.PASSES: 0, Verdict.UNKNOWN: EXIT_UNKNOWN}
    return codes.get(explanation.verdict, EXIT_REFUSED)


def _add_test_authorizer(commands: Commands) -> None:
    test = add_command(
        commands,
        "test-authorizer",
        _test_authorizer,
        description=_TEST_AUTHORIZER_HELP,
    )
    test.add_argument("token", metavar="TOKEN", help="the ID token; - reads it from standard input")
    test.add_argument("--authorizer", metavar="NAME", help="which one, where the API has several")
    add_api(test)
    accept_json(test)
    add_state_folder(test)


def _test_authorizer(options: argparse.Namespace) -> int:
    running = find_running_stage(options.state_folder)
    body = {"token": read_text(options.token), "authorizer": options.authorizer, "api": options.api}
    result = ask_console(running, "POST", TEST_AUTHORIZER, body)
    sys.stdout.write(json.dumps(result, indent=4, ensure_ascii=False) + "\n")
    return EXIT_REFUSED if result["clientStatus"] else 0
