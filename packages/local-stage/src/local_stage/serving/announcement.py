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
    """Print all of it to standard output, or after a save the parts that `before` did not have."""
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    console = Console(highlight=False, emoji=False, soft_wrap=True, width=width)
    told = set() if before is None else {*_render(console, before)}
    console.file.writelines(part for part in _render(console, announcement) if part not in told)
    console.file.flush()


def _render(console: Console, announcement: Announcement) -> Iterator[str]:
    """Yield the parts as they are printed."""
    for part in _list_parts(announcement):
        with console.capture() as capture:
            console.print(part)
        # Without the blanks that fill a table's last column, and without empty lines of its own.
        lines = [line.rstrip() for line in capture.get().splitlines() if line.strip()]
        yield "\n".join([*lines, "", ""]) if isinstance(part, Table) else capture.get()


def _list_parts(announcement: Announcement) -> Iterator[str | Table]:
    running, deployment = announcement.running, announcement.deployment
    yield ""
    yield from _say_what_is_served(announcement)
    yield f"{escape(running.console_url)}/ is its page: sign in, call, see why\n"
    for name, _, api in announcement.apis:
        yield _routes(api, f"Routes of {name}" if announcement.apis[1:] else "Routes")
    if deployment.outputs:
        yield _list_values("Outputs", deployment.outputs)
    if deployment.api_keys:
        yield _api_keys(deployment)
    if announcement.user_pool_arn:
        yield f"[yellow]Tokens of {escape(announcement.user_pool_arn)} are accepted, and no others.[/]\n"
    for warning in announcement.warnings:
        yield f"[yellow]{escape(warning)}[/]\n"
    yield from _list_lines("Not run locally", map(str, deployment.not_run))
    if announcement.access_log:
        yield f"The access log is {escape(shorten(announcement.access_log))}\n"
    yield from _list_lines("Next", announcement.next_commands)
    yield "Ctrl-C stops everything and keeps the users."


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


def _list_lines(heading: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield a list as one part, and nothing where it has no lines."""
    if told := [f"  {escape(line)}\n" for line in lines]:
        yield f"[bold]{heading}[/]\n{''.join(told)}"


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
