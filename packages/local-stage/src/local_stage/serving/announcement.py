"""What the developer sees when the stage is up: routes, outputs, what is not run, and what to do next."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.box import SIMPLE, SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local_stage.api_gateway.api import Route, name_api
from local_stage.cognito.directory.sign_in_offer import SignInOffer
from local_stage.deployment.deployment import Deployment
from local_stage.deployment.served_api import DefinedApi, find_first_protected
from local_stage.errors import shorten
from local_stage.state import DEFAULT_FOLDER, RunningStage, find_console

IMPLICIT: Final = {
    "ServerlessHttpApi": "the HttpApi events without ApiId",
    "ServerlessRestApi": "the Api events without RestApiId",
}
"""The APIs that stand in no template, and of what they are made.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-api.html
"""

TOKENS: Final = {"access": "access token", "any": "any token", "id": "ID token", None: ""}
"""What the table calls the kinds of token."""

PIPE_WIDTH: Final = 120
"""Columns where there is no terminal to ask."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What there is to tell of a stage that is up; `program` is how commands are typed.

    `user_pool_arn` is the pool in AWS whose tokens are accepted instead of the local one's. `warnings` are
    sentences on who is let in otherwise than the template says. `sign_ins` are the APIs', where people can
    sign in on this machine.
    """

    running: RunningStage
    deployment: Deployment
    user_pool_arn: str | None
    access_log: Path | None
    program: str
    state_folder: Path
    warnings: tuple[str, ...] = ()
    sign_ins: tuple[SignInOffer | None, ...] = ()

    @property
    def apis(self) -> list[tuple[str, str, DefinedApi]]:
        """Each API's name, its URL and what the template says of it, in the template's order."""
        known = self.deployment.apis
        return [
            (name_api(api, known), running.url, api)
            for running, api in zip(self.running.apis, known, strict=True)
        ]

    @property
    def next_commands(self) -> tuple[str, ...]:
        """The commands that make a user with an ID token, and call the first protected route.

        Where the tokens of a pool in AWS are asked for, a local user's would be refused.
        """
        return tuple(self._list_next_commands())

    def _list_next_commands(self) -> Iterator[str]:
        local = () if self.user_pool_arn else self.sign_ins
        sign_ins = local or (None,) * len(self.apis)
        routes = [find_first_protected(api) for _, _, api in self.apis]
        for (_, url, _), route, sign_in in zip(self.apis, routes, sign_ins, strict=True):
            if route is not None and (sign_in is not None or self.user_pool_arn):
                if sign_in is not None:
                    yield self._spell_token_command(sign_in)
                yield f'curl -H "{route.identity_source}: Bearer $TOKEN" {shlex.quote(url + route.path)}'
                return
        yield from (self._spell_token_command(sign_in) for sign_in in [*filter(None, local)][:1])

    def _spell_token_command(self, sign_in: SignInOffer) -> str:
        return f"TOKEN=$({self.program} {sign_in.arguments}{_option(self.state_folder)})"


def announce(announcement: Announcement, before: Announcement | None = None) -> None:
    """Print all of it to standard output, or after a save what is another than `before`."""
    running, deployment = announcement.running, announcement.deployment
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    console = Console(highlight=False, emoji=False, soft_wrap=True, width=width)
    if before is not None:
        _announce_changes(console, announcement, before)
        return
    console.print()
    for line in _say_what_is_served(announcement):
        console.print(line)
    console.print(f"{escape(running.console_url)}/ is its page: sign in, call, see why\n")
    for name, _, api in announcement.apis:
        _print_table(console, _routes(api, f"Routes of {name}" if announcement.apis[1:] else "Routes"))
    if deployment.outputs:
        _print_table(console, _list_values("Outputs", deployment.outputs))
    if deployment.api_keys:
        _print_table(console, _api_keys(deployment))
    if announcement.user_pool_arn:
        console.print(
            f"[yellow]Tokens of {escape(announcement.user_pool_arn)} are accepted, and no others.[/]\n"
        )
    for warning in announcement.warnings:
        console.print(f"[yellow]{escape(warning)}[/]\n")
    _print_list(console, "Not run locally", map(str, deployment.not_run))
    if announcement.access_log:
        console.print(f"The access log is {escape(shorten(announcement.access_log))}\n")
    _print_list(console, "Next", announcement.next_commands)
    console.print("Ctrl-C stops everything and keeps the users.")


def _announce_changes(console: Console, now: Announcement, before: Announcement) -> None:
    """Print the parts of the announcement that a save has changed, and nothing where it has changed none."""
    known = [*_say_what_is_served(before)]
    for line in _say_what_is_served(now):
        if line not in known:
            console.print(line)
    had = {name: api.routes for name, _, api in before.apis}
    for name, _, api in now.apis:
        if api.routes != had.get(name):
            _print_table(console, _routes(api, f"Routes of {name}" if now.apis[1:] else "Routes"))
    if now.deployment.outputs != before.deployment.outputs:
        _print_table(console, _list_values("Outputs", now.deployment.outputs))
    if now.deployment.api_keys and now.deployment.api_keys != before.deployment.api_keys:
        _print_table(console, _api_keys(now.deployment))
    for warning in now.warnings:
        if warning not in before.warnings:
            console.print(f"[yellow]{escape(warning)}[/]\n")
    not_run = [*map(str, now.deployment.not_run)]
    if not_run != [*map(str, before.deployment.not_run)]:
        _print_list(console, "Not run locally", not_run)


def announce_as_json(announcement: Announcement) -> None:
    """Print all of it for a program, as one line of JSON on standard output."""
    running, deployment = announcement.running, announcement.deployment
    fields = {
        "api_url": running.api_url,
        "console_url": running.console_url,
        "aws_endpoint_url": running.aws_endpoint_url,
        "template": running.template,
        "stack_name": running.stack_name,
        "region": running.region,
        "apis": [
            {"name": name, "url": url, "console_url": find_console(url), "stage_name": api.stage_name}
            for name, url, api in announcement.apis
        ],
        "routes": [
            {
                "api": name,
                "method": route.http_method,
                "path": f"{api.base_path}{route.path}",
                "authorizer": route.authorizer,
                "token": route.token_kind,
                "scopes": list(route.scopes),
            }
            for name, _, api in announcement.apis
            for route in api.routes
        ],
        "outputs": dict(deployment.outputs),
        "user_pool_arn": announcement.user_pool_arn,
        "warnings": list(announcement.warnings),
        "api_keys": [{"name": key.logical_id, "value": key.value} for key in deployment.api_keys],
        "not_run": [str(item) for item in deployment.not_run],
        "access_log": str(announcement.access_log) if announcement.access_log else None,
        "next": list(announcement.next_commands),
    }
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def _say_what_is_served(announcement: Announcement) -> Iterator[str]:
    template = escape(shorten(Path(announcement.running.template)))
    apis = announcement.apis
    if not apis:
        yield f"{template} has no API to serve; its functions and user pools run"
    for name, url, api in apis:
        implicit = f", which SAM makes of {IMPLICIT[api.logical_id]}" if api.logical_id in IMPLICIT else ""
        served = f"{escape(name)} of {template}{implicit}" if apis[1:] else template
        yield f"[bold]{escape(url)}[/] serves {served}"


def _option(state_folder: Path) -> str:
    if state_folder == DEFAULT_FOLDER:
        return ""
    return f" --state-folder {shlex.quote(shorten(state_folder))}"


def _print_table(console: Console, table: Table) -> None:
    """Print the table without the blanks that fill its last column, and without empty lines of its own."""
    with console.capture() as capture:
        console.print(table)
    lines = [line.rstrip() for line in capture.get().splitlines()]
    console.file.write("\n".join([*filter(None, lines), "", ""]))


def _print_list(console: Console, heading: str, lines: Iterable[str]) -> None:
    told = [*lines]
    if told:
        console.print(f"[bold]{heading}[/]")
        for line in told:
            console.print(f"  {escape(line)}", no_wrap=True, crop=False)
        console.print()


def _routes(rest_api: DefinedApi, title: str) -> Table:
    table = Table(
        title=escape(title), title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False
    )
    for heading in ("Method", "Path", "Authorizer", "Token", "Scopes"):
        table.add_column(heading, overflow="fold")
    for route in rest_api.routes:
        table.add_row(*map(escape, _describe(rest_api.base_path, route)))
    return table


def _describe(base_path: str, route: Route) -> tuple[str, ...]:
    path = route.path if route.path == "$default" else f"{base_path}{route.path}"
    if route.authorizer is None and route.api_key_required:
        return route.http_method, path, "none: an API key", "", ""
    if route.authorizer is None:
        return route.http_method, path, "none: open to all", "", ""
    token = TOKENS[route.token_kind] or f"what the {route.authorizer_kind} authorizer asks for"
    return route.http_method, path, route.authorizer, token, " ".join(route.scopes)


def _api_keys(deployment: Deployment) -> Table:
    """Return the values to send as x-api-key; a key that is not enabled opens nothing."""
    values = {key.logical_id: key.value if key.is_enabled else "not enabled" for key in deployment.api_keys}
    return _list_values("API keys", values)


def _list_values(title: str, values: Mapping[str, str]) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", show_header=False, box=SIMPLE, pad_edge=False
    )
    table.add_column("Name")
    table.add_column("Value", overflow="fold")
    for name, value in values.items():
        table.add_row(escape(name), escape(value))
    return table
