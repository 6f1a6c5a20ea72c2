"""What the developer sees when the stage is up: routes, outputs, what is not run, and what to do next."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rich.box import SIMPLE, SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local_stage.api_gateway.rest_api import Method, Resource, RestApi
from local_stage.cloudformation.boto_session import ACCESS_KEY, SECRET_KEY
from local_stage.deployment import Deployment
from local_stage.state import RunningStage

CREDENTIALS: Final = f"env -u AWS_PROFILE AWS_ACCESS_KEY_ID={ACCESS_KEY} AWS_SECRET_ACCESS_KEY={SECRET_KEY}"
"""Goes before every printed command: a profile of the developer's that is gone would stop the AWS CLI."""

PASSWORD: Final = "Correct-Horse-7"  # noqa: S105 - an example that the printed commands carry

PIPE_WIDTH: Final = 120
"""Columns where there is no terminal to ask."""


def announce(
    running: RunningStage, deployment: Deployment, *, user_pool_arn: str | None, access_log: Path | None
) -> None:
    """Print everything about a stage that is up to standard output."""
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    console = Console(highlight=False, emoji=False, soft_wrap=True, width=width)
    template = _shorten(Path(running.template))
    console.print(f"\n[bold]{escape(running.api_url)}[/] serves {escape(template)}")
    console.print(f"{escape(running.console_url)}/ is its page: sign in, call, see why\n")
    _print_table(console, _routes(deployment.rest_api))
    _print_table(console, _outputs(deployment))
    if user_pool_arn:
        console.print(f"[yellow]Tokens of {escape(user_pool_arn)} are accepted, and no others.[/]\n")
    if deployment.not_run:
        console.print("[bold]Not run locally[/]")
        for item in deployment.not_run:
            console.print(f"  {escape(str(item))}")
        console.print()
    if access_log:
        console.print(f"The access log is {escape(_shorten(access_log))}\n")
    console.print("[bold]Next[/]")
    for command in next_commands(running, deployment, user_pool_arn=user_pool_arn):
        console.print(f"  {escape(command)}", no_wrap=True, crop=False)
    console.print("\nCtrl-C stops everything and keeps the users.")


def next_commands(
    running: RunningStage, deployment: Deployment, *, user_pool_arn: str | None
) -> Iterator[str]:
    """Yield the commands that make a user, get an ID token and call the first protected route.

    Where the tokens of a pool in AWS are asked for, a local user's would be refused.
    """
    outputs = deployment.outputs
    pool, client = outputs.get("UserPoolId"), outputs.get("UserPoolClientId")
    if pool and client and not user_pool_arn:
        endpoint = f"--endpoint-url {running.aws_endpoint_url} --region {running.region}"
        aws = f"{CREDENTIALS} aws {endpoint} cognito-idp"
        user = f"--user-pool-id {pool} --username alice"
        yield (
            f"{aws} admin-create-user {user} --message-action SUPPRESS && "
            f"{aws} admin-set-user-password {user} --password {PASSWORD} --permanent"
        )
        yield (
            f"TOKEN=$({aws} initiate-auth --auth-flow USER_PASSWORD_AUTH --client-id {client} "
            f"--auth-parameters USERNAME=alice,PASSWORD={PASSWORD} "
            "--query AuthenticationResult.IdToken --output text)"
        )
    protected = _find_first_protected(deployment.rest_api)
    if protected:
        path, header = protected
        yield f'curl -H "{header}: Bearer $TOKEN" {shlex.quote(running.api_url + path)}'


def _print_table(console: Console, table: Table) -> None:
    """Print the table without the blanks that fill its last column, and without empty lines of its own."""
    with console.capture() as capture:
        console.print(table)
    lines = [line.rstrip() for line in capture.get().splitlines()]
    console.file.write("\n".join([*filter(None, lines), "", ""]))


def _shorten(file: Path) -> str:
    """Return the path as the developer would type it: relative where it lies below the current folder."""
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)


def _routes(rest_api: RestApi) -> Table:
    table = Table(title="Routes", title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("Method", "Path", "Authorizer", "Token", "Scopes"):
        table.add_column(heading, overflow="fold")
    for resource, method in _methods(rest_api):
        table.add_row(*map(escape, _describe(rest_api, resource, method)))
    return table


def _describe(rest_api: RestApi, resource: Resource, method: Method) -> tuple[str, ...]:
    path = f"/{rest_api.stage_name}{resource.path}"
    if method.authorizer is None:
        return method.http_method, path, "none: open to all", "", ""
    token = "access token" if method.scopes else "ID token"
    return method.http_method, path, method.authorizer, token, " ".join(method.scopes)


def _outputs(deployment: Deployment) -> Table:
    table = Table(
        title="Outputs",
        title_justify="left",
        title_style="bold",
        show_header=False,
        box=SIMPLE,
        pad_edge=False,
    )
    table.add_column("Name")
    table.add_column("Value", overflow="fold")
    for name, value in deployment.outputs.items():
        table.add_row(escape(name), escape(value))
    return table


def _methods(rest_api: RestApi) -> Iterator[tuple[Resource, Method]]:
    for resource in sorted(rest_api.resources, key=lambda resource: resource.path):
        for http_method in sorted(resource.methods):
            yield resource, resource.methods[http_method]


def _find_first_protected(rest_api: RestApi) -> tuple[str, str] | None:
    """Return the shortest path that an ID token opens with GET (the article's is /hello), and its header."""
    protected = [
        (resource.path, rest_api.authorizers[method.authorizer].identity_source)
        for resource, method in _methods(rest_api)
        if method.http_method == "GET"
        and method.authorizer
        and not method.scopes
        and "{" not in resource.path
    ]
    return min(protected, key=lambda found: (found[0].count("/"), found[0]), default=None)
