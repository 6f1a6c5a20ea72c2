"""`local-stage event`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from local_stage.commands.arguments import (
    Commands,
    accept_json,
    add_api,
    add_command,
    add_parameter_overrides,
    add_state_folder,
    print_json,
    read_imports,
    read_pairs,
)
from local_stage.console.console_client import EVENT, ask_console
from local_stage.errors import UsageError
from local_stage.serving.options import StartOptions
from local_stage.state import RunningStage

EXIT_REFUSED: Final = 1
USER_AGENT: Final = "curl/8.7.1"

_HELP: Final = """\
Prints the proxy event that the function would get for a request, as API Gateway sends it, with the claims as
the user pool issues them. Where a function authorizes, --user is its principal and --claim its context; where
a signature does, the root user has signed. The running stage makes the event. Without a running stage, or
with --template, --parameter-overrides or --reproducible, the command makes it from the template. The event
holds a placeholder where the token stood. Exit code 0: the event is printed; 1: API Gateway would refuse the
request, so that the function would get nothing; 2: the API has no such route, or the template cannot be read.
"""

_EXAMPLES: Final = """\
examples:
  local-stage event 'GET /hello' --user alice
  local-stage event 'GET /admin/hello' --user bob --group admins --claim email=bob@example.com
  local-stage event 'POST /hello' --user alice --body '{"name": "Alice"}'
  local-stage event 'GET /machine/hello' --machine
  local-stage event 'GET /hello' --user alice | sam local invoke -e - HelloFunction
"""


def add(commands: Commands) -> None:
    """Add `event` to the commands."""
    event = add_command(
        commands,
        "event",
        _print,
        description=_HELP,
        examples=_EXAMPLES,
    )
    event.add_argument("route", metavar="ROUTE", help="method and path, as 'GET /hello' or 'GET /hello?a=b'")
    _add_caller(event)
    _add_request(event)
    event.add_argument(
        "--template",
        type=Path,
        metavar="FILE",
        help="read this SAM template, whether or not a stage runs (template.yaml where no stage runs)",
    )
    add_api(event)
    add_state_folder(event)
    event.add_argument(
        "--reproducible",
        action="store_true",
        help="ids and times that are the same in every run, for a file that is committed",
    )
    add_parameter_overrides(event)
    accept_json(event)


def _add_caller(event: argparse.ArgumentParser) -> None:
    callers = event.add_mutually_exclusive_group()
    callers.add_argument("--user", metavar="NAME", help="a user who has signed in")
    callers.add_argument("--machine", action="store_true", help="a machine, by client_credentials")
    callers.add_argument(
        "--no-authorizer", action="store_true", help="without claims, as `sam local start-api` sends it"
    )
    event.add_argument(
        "--group", action="append", default=[], metavar="NAME", help="the user's; may be repeated"
    )
    event.add_argument(
        "--scope", metavar="SCOPES", help="the access token's (those that the method asks for)"
    )
    event.add_argument(
        "--claim",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a claim more, or another value for one, as JSON or text: email=alice@example.com",
    )


def _add_request(event: argparse.ArgumentParser) -> None:
    event.add_argument("--query", action="append", default=[], metavar="NAME=VALUE", help="may be repeated")
    event.add_argument(
        "--header", action="append", default=[], metavar="'NAME: VALUE'", help="may be repeated"
    )
    event.add_argument(
        "--body", metavar="TEXT", help="the body, as JSON unless a Content-Type says otherwise"
    )


def _print(options: argparse.Namespace) -> int:
    _check_text(options)
    described = _describe_request(options) | {
        "caller": _describe_caller(options),
        "ignores_authorizer": options.no_authorizer,
        "api": options.api,
    }
    running = None if _names_template(options) else RunningStage.find(options.state_folder)
    result = ask_console(running, "POST", EVENT, described) if running else _build_event(options, described)
    if "refusal" in result:
        sys.stderr.write(f"local-stage: {result['refusal']}\n")
        return EXIT_REFUSED
    print_json(result["event"])
    return 0


def _names_template(options: argparse.Namespace) -> bool:
    """Return whether the template is to be read: a stage's own values are not the same in each run."""
    return bool(options.template or options.parameter_overrides or options.reproducible)


def _build_event(options: argparse.Namespace, described: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the event, or why there is none, by the template alone, as the running stage's console does."""
    # SAM's translator and cryptography are slow to import, and a running stage needs neither.
    from local_stage.api_gateway.api import choose_api  # noqa: PLC0415
    from local_stage.api_gateway.rest.rest_api import RestApi  # noqa: PLC0415
    from local_stage.cloudformation.template import read_template  # noqa: PLC0415
    from local_stage.deployment.deployment import read_template_apis  # noqa: PLC0415
    from local_stage.explanation.any_api import matches, sample_events  # noqa: PLC0415
    from local_stage.explanation.sample_event import (  # noqa: PLC0415
        REPRODUCIBLE_DEPLOYMENT,
        REPRODUCIBLE_TIME,
        ReproducibleBytes,
        RequestRefusedError,
        SampleRequest,
    )

    sample, defaults = SampleRequest.from_json(described), StartOptions()
    file = options.template or defaults.template
    template = read_template(
        file, read_pairs(options.parameter_overrides), defaults.region, read_imports(options)
    )
    rest_apis = read_template_apis(template, defaults.stack_name, defaults.region)
    rest_api = choose_api(rest_apis, options.api, lambda api: matches(api, sample.request))
    fixed: dict[str, Any] = {}
    if options.reproducible:
        if isinstance(rest_api, RestApi):
            rest_api = replace(rest_api, deployment_id=REPRODUCIBLE_DEPLOYMENT)
        fixed = {
            "clock": lambda: REPRODUCIBLE_TIME,
            "random_bytes": ReproducibleBytes(f"{options.route} {sample.caller}"),
        }
    try:
        sample = sample.signing_in_by(_find_address(template.resources))
        return {"event": sample_events(rest_api, defaults.region, **fixed).build(sample)}
    except RequestRefusedError as error:
        return {"refusal": str(error)}


def _find_address(resources: Mapping[str, Any]) -> str | None:
    """Return by what the users of the template's pools sign in, if not by a name in one of them."""
    from local_stage.cognito.directory.pool_rules import choose_address  # noqa: PLC0415 - slow to import

    pools = [one for one in resources.values() if one["Type"] == "AWS::Cognito::UserPool"]
    asked = [(pool.get("Properties") or {}).get("UsernameAttributes") or () for pool in pools]
    found = {choose_address(names) if isinstance(names, list) else None for names in asked}
    return found.pop() if len(found) == 1 else None


def _check_text(options: argparse.Namespace) -> None:
    """Raise StartError for what no JSON can hold: Python keeps an argument's stray bytes as surrogates."""
    words = [options.route, options.user, options.scope, options.body]
    for word in filter(None, [*words, *options.group, *options.claim, *options.query, *options.header]):
        try:
            word.encode()
        except UnicodeEncodeError:
            raise UsageError(f"{word!a} is not UTF-8 text") from None


def _describe_caller(options: argparse.Namespace) -> dict[str, Any] | None:
    claims = {name: _read_json(value) for name, value in map(_split_pair, options.claim)}
    if options.machine and options.group:
        raise UsageError("--group: a machine is in no group; say whose by --user, or leave it out")
    if options.user or options.machine:
        return {"username": options.user, "groups": options.group, "scope": options.scope, "claims": claims}
    if options.group or options.scope or claims:
        raise UsageError("--group, --scope and --claim are of somebody's token: name --user or --machine")
    return None


def _describe_request(options: argparse.Namespace) -> dict[str, Any]:
    method, _, target = options.route.partition(" ")
    path, _, query = target.strip().partition("?")
    if not path.startswith("/"):
        raise UsageError(f"{options.route!a} is no route; write it as 'GET /hello'")
    pairs = [
        f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in map(_split_pair, options.query)
    ]
    headers = [_split_header(header) for header in options.header]
    given = {name.lower() for name, _ in headers}
    defaults = {"Accept": "*/*", "User-Agent": USER_AGENT}
    if options.body is not None:
        defaults["Content-Type"] = "application/json"
    headers += [(name, value) for name, value in defaults.items() if name.lower() not in given]
    return {
        "method": method.upper(),
        "path": path,
        "query": "&".join([*filter(None, [query]), *pairs]),
        "headers": headers,
        "body": options.body or "",
    }


def _split_pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"{text!a} is not of the form NAME=VALUE")
    return name, value


def _split_header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise UsageError(f"{text!a} is not of the form 'NAME: VALUE'")
    return name.strip(), value.strip()


def _read_json(text: str) -> Any:
    """Return JSON, or the text itself where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text
