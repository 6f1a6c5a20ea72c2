"""`local-stage token`."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Final

from local_stage.cloudformation.aws_refusal import AwsRefusalError
from local_stage.cognito.broken_token import Defect, break_token
from local_stage.cognito.directory.authenticators import Authenticators
from local_stage.cognito.directory.made_passwords import find_made_password, keep_made_password
from local_stage.cognito.directory.pool_rules import PoolRules
from local_stage.cognito.directory.pool_stack import PoolStack
from local_stage.cognito.directory.sign_in import (
    Credentials,
    SignInRefusedError,
    fetch_machine_token,
    sign_in,
)
from local_stage.cognito.directory.users import Users
from local_stage.commands.arguments import (
    Commands,
    add_command,
    add_json,
    add_password,
    add_pool,
    find_password,
    find_pool_stack,
    find_running_stage,
    print_json,
    read_password,
    tell_refusal,
)
from local_stage.console.console_client import read_clock
from local_stage.errors import MachineError, UsageError, spell_command
from local_stage.jwt.checks import describe_duration
from local_stage.jwt.jose import decode_base64url, parse_json_object

_HELP: Final = """\
Signs in as a user of the stage's pool and prints the token, alone, on standard output: the ID token unless
asked otherwise. Everything else goes to standard error. By SRP the password is proved and never sent.
Exit code 0: there is the token; 1: the pool refuses it; 2: there is no pool to ask.
"""

_EXAMPLES: Final = """\
examples:
  local-stage token alice --create                     makes alice if need be, and signs in
  local-stage token bob --create --group admins
  curl -H "Authorization: $(local-stage token alice)" http://127.0.0.1:3000/dev/hello
  curl -H "$(local-stage token alice --header)" http://127.0.0.1:3000/dev/hello
  local-stage token --machine                          by client_credentials, with all scopes of the client
  local-stage token alice --create --expired           must be refused, as every other broken one
  local-stage token alice --stack-name hello-api-dev   a deployed stack's, with your AWS credentials
"""

_CLIPBOARDS: Final[Sequence[Sequence[str]]] = (
    ("wl-copy",),
    ("xclip", "-selection", "clipboard"),
    ("xsel", "--clipboard", "--input"),
    ("pbcopy",),
    ("clip.exe",),
)
_CLIPBOARD_TIMEOUT: Final = 10.0


def add(commands: Commands) -> None:
    """Add `token` to the commands."""
    token = add_command(
        commands,
        "token",
        _token,
        description=_HELP,
        examples=_EXAMPLES,
    )
    token.add_argument("user", nargs="?", metavar="USER", help="who signs in; nobody for a machine's token")
    add_password(token)
    token.add_argument(
        "--create",
        action="store_true",
        help="make the user if there is none, without --password with a random one, which a local stage keeps"
        " to sign in again; a user who is there keeps the password that is set",
    )
    token.add_argument(
        "--group",
        action="append",
        default=[],
        metavar="NAME",
        help="join this group first, which is made if need be; may be repeated",
    )
    token.add_argument("--kind", choices=("id", "access"), help="which of the user's tokens (id)")
    token.add_argument(
        "--flow",
        choices=("srp", "password", "admin"),
        help="how to sign in (srp; locally the one that works)",
    )
    token.add_argument("--mfa-code", metavar="CODE", help="the present code of the user's authenticator app")
    token.add_argument("--machine", action="store_true", help="the token of the stack's machine client")
    token.add_argument(
        "--scope", metavar="SCOPES", help="a machine's scopes, as hello/read; separated by blanks"
    )
    token.add_argument(
        "--client", metavar="NAME", help="which app client, where several would do: id, name or logical id"
    )
    _add_outputs(token)
    _add_defects(token)
    add_pool(token)


def _add_outputs(token: argparse.ArgumentParser) -> None:
    outputs = token.add_mutually_exclusive_group()
    outputs.add_argument("--header", action="store_true", help="print `Authorization: <token>` for curl's -H")
    outputs.add_argument("--copy", action="store_true", help="put it on the clipboard instead of printing it")
    add_json(outputs)


def _add_defects(token: argparse.ArgumentParser) -> None:
    group = token.add_argument_group("tokens that must be refused, each for one reason")
    defects = group.add_mutually_exclusive_group()
    for defect, meaning in (
        (Defect.EXPIRED, "expired an hour ago (running stage only)"),
        (Defect.NOT_YET_VALID, "issued an hour from now (running stage only)"),
        (Defect.TAMPERED, "changed after it was signed"),
        (Defect.OTHER_POOL, "of another user pool"),
    ):
        defects.add_argument(f"--{defect}", dest="defect", action="store_const", const=defect, help=meaning)
    defects.add_argument(
        "--algorithm",
        dest="defect",
        type=_read_algorithm,
        choices=(Defect.UNSIGNED,),
        help="none: not signed at all",
    )


def _read_algorithm(text: str) -> Defect:
    if text != Defect.UNSIGNED:
        raise argparse.ArgumentTypeError(f"{text!r} cannot be had; there is none (not signed at all)")
    return Defect.UNSIGNED


def _token(options: argparse.Namespace) -> int:
    is_machine = _check(options)
    stack = find_pool_stack(options)
    if options.defect and options.defect.needs_key and not stack.is_local:
        raise UsageError(
            f"--{options.defect}: only the pool's own key can sign it, and AWS gives that to nobody;"
            " use the running stage, or wait until a real token has expired"
        )
    try:
        token = fetch_machine_token(stack, options.scope) if is_machine else _sign_in(stack, options)
    except (AwsRefusalError, SignInRefusedError) as error:
        return tell_refusal(error)
    if options.defect:
        token = _break(stack, options, token)
    _hand_over(options, token)
    return 0


def _check(options: argparse.Namespace) -> bool:
    """Return whether a machine's token is asked for. Raises StartError for what cannot be."""
    if options.user and (options.machine or options.scope):
        raise UsageError(
            "a person's token has custom scopes only by the login page; leave out USER for the machine's"
            " token, or --scope and --machine for the person's"
        )
    if not options.user and not (options.machine or options.scope):
        raise UsageError("whose token? name a USER, or pass --machine")
    if not options.user and (options.create or options.group or options.kind == "id"):
        raise UsageError("a machine is no user: it has an access token alone, no password and no groups")
    return not options.user


def _sign_in(stack: PoolStack, options: argparse.Namespace) -> str:
    users = Users(stack) if options.create or options.group else None
    username = options.user
    if users is not None or stack.is_local:
        username = (PoolRules.of(stack) if users is None else users.rules).spell_username(username)
    password = _create(users, stack, options, username) if users and options.create else None
    if users and options.group:
        users.add_to_groups(username, options.group)
    if password is None:
        password = read_password(options, username, _recall_password(stack, options, username))
    credentials = Credentials(username, password, options.mfa_code)
    tokens = sign_in(stack, credentials, options.flow, _tell, Authenticators(options.state_folder))
    return tokens["AccessToken" if options.kind == "access" else "IdToken"]


def _create(users: Users, stack: PoolStack, options: argparse.Namespace, username: str) -> str:
    """Make the user unless there is one, who keeps the password; return the password to sign in with."""
    given = find_password(options)
    if users.has(username):
        password = given or _find_made_password(stack, options, username)
        _tell(f"{username} is there already, and keeps the password that is set")
        return password
    password = given or users.rules.make_password()
    users.create(username, password)
    if not given and stack.is_local:
        keep_made_password(options.state_folder, stack.user_pool_id, username, password)
    _tell(f"{username} is a user now")
    return password


def _find_made_password(stack: PoolStack, options: argparse.Namespace, username: str) -> str:
    """Return what an earlier --create has made up. Raises UsageError where nobody knows the password."""
    made = _recall_password(stack, options, username)
    if made is None:
        raise UsageError(
            f"{username} is there already, and --create replaces nobody's password; sign in with --password,"
            f" or set one: `{spell_command('users set-password')} {username}{stack.option}`"
        )
    return made


def _recall_password(stack: PoolStack, options: argparse.Namespace, username: str) -> str | None:
    return find_made_password(options.state_folder, stack.user_pool_id, username) if stack.is_local else None


def _tell(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


def _break(stack: PoolStack, options: argparse.Namespace, token: str) -> str:
    key, now = None, 0.0
    if options.defect.needs_key:
        from local_stage.cognito.directory.signing_key import read_signing_key  # noqa: PLC0415 - slow to import

        key = read_signing_key(options.state_folder, stack.user_pool_id, read_claims(token)["token_use"])
        now = read_clock(find_running_stage(options.state_folder))
    return break_token(token, options.defect, now=now, key=key)


def read_claims(token: str) -> dict[str, Any]:
    """Return the claims of a token that the pool has just issued."""
    return parse_json_object(decode_base64url(token.split(".")[1]))


def _hand_over(options: argparse.Namespace, token: str) -> None:
    if options.json:
        print_json({"token": token, "claims": read_claims(token)})
    elif options.copy:
        _copy(token)
        claims = read_claims(token)
        lifetime = describe_duration(claims["exp"] - claims["iat"])
        sys.stderr.write(f"the token is on the clipboard, good for {lifetime}\n")
    else:
        sys.stdout.write(f"{'Authorization: ' if options.header else ''}{token}\n")


def _copy(text: str) -> None:
    """Put the text on the clipboard. Raises StartError where no program can."""
    for program in _CLIPBOARDS:
        found = shutil.which(program[0])
        if found and _run_clipboard([found, *program[1:]], text):
            return
    names = ", ".join(program[0] for program in _CLIPBOARDS)
    raise MachineError(f"--copy: none of {names} reaches a clipboard; install one, or leave out --copy")


def _run_clipboard(command: Sequence[str], text: str) -> bool:
    try:
        ended = subprocess.run(  # noqa: S603 - one of the programs above
            command,
            input=text.encode(),
            # It may stay in the background to own the clipboard, and would hold a pipe open.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=_CLIPBOARD_TIMEOUT,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0
