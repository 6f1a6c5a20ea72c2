"""How the page gets tokens of the local pool: by a password, by the pool's login form, or as a machine.

Where an app client takes a password from a browser the page asks the pool itself, as an application does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.cloudformation.aws_refusal import explaining_refusals
from local_stage.cloudformation.json_client import JsonClient
from local_stage.cognito.directory.app_client import SeveralClientsError, find_person_client
from local_stage.cognito.directory.pool_rules import PoolRules
from local_stage.cognito.directory.pool_stack import PoolStack, new_cognito
from local_stage.cognito.directory.sign_in import Credentials, fetch_machine_token, sign_in
from local_stage.cognito.directory.sign_in_offer import SignInOffer
from local_stage.cognito.directory.users import Users
from local_stage.console.console import (
    ConsoleError,
    Endpoints,
    FindServed,
    Served,
    find_api,
    json_response,
    origin_of,
    read_json,
)
from local_stage.errors import StartError, UsageError
from local_stage.state import CONSOLE_PATH

SIGN_IN_PATH: Final = "/sign-in"
USERS_PATH: Final = "/users"
LOGIN_PATH: Final = "/login"
MACHINE_PATH: Final = "/machine-token"
PAGE: Final = f"{CONSOLE_PATH}/"
"""Where the login form sends the browser back to."""

_READ_ONLY: Final = frozenset({"ClientSecret", "CreationDate", "LastModifiedDate"})
_ADMIN_SCOPE: Final = "aws.cognito.signin.user.admin"


def sign_in_endpoints(find_served: FindServed, *, port: int) -> Endpoints:
    """Return what signs people and machines in for the API of a port.

    A person sends `{"username": "alice", "password": "…"}`, to sign in and to become a user.
    """

    def find_offer() -> tuple[Served, SignInOffer]:
        served = find_served()
        api = find_api(served, port)
        if api is None or api.sign_in is None:
            raise ConsoleError(HTTPStatus.CONFLICT, "nobody can sign in here: the API has no local user pool")
        return served, api.sign_in

    async def sign_in_person(request: HttpRequest) -> HttpResponse:
        body = read_json(request)
        name, password = body.get("username"), body.get("password")
        if not isinstance(name, str) or not isinstance(password, str):
            raise ConsoleError(HTTPStatus.BAD_REQUEST, "send a username and a password")
        stack = _make_stack(*find_offer())
        return json_response(await asyncio.to_thread(_sign_in, stack, name, password))

    async def create_user(request: HttpRequest) -> HttpResponse:
        body = read_json(request)
        name, password = body.get("username"), body.get("password")
        if not isinstance(name, str) or not isinstance(password, str):
            raise ConsoleError(HTTPStatus.BAD_REQUEST, "send a username and a password")
        stack = _make_stack(*find_offer())
        return json_response(await asyncio.to_thread(_create_user, stack, name, password))

    async def prepare_login(request: HttpRequest) -> HttpResponse:
        read_json(request)
        return json_response(await asyncio.to_thread(_prepare_login, *find_offer(), origin_of(request)))

    async def send_machine_token(request: HttpRequest) -> HttpResponse:
        read_json(request)
        stack = _make_stack(*find_offer())
        return json_response({"access_token": await asyncio.to_thread(_fetch_machine_token, stack)})

    return {
        ("POST", SIGN_IN_PATH): sign_in_person,
        ("POST", USERS_PATH): create_user,
        ("POST", LOGIN_PATH): prepare_login,
        ("POST", MACHINE_PATH): send_machine_token,
    }


def _make_stack(served: Served, offer: SignInOffer) -> PoolStack:
    return PoolStack(
        served.running.stack_name,
        offer.user_pool_id,
        {},
        is_local=True,
        cognito=_find_cognito(served),
        client=offer.person_client,
        token_endpoint=f"{served.running.aws_endpoint_url}/oauth2/token",
    )


def _find_cognito(served: Served) -> JsonClient:
    return new_cognito(served.running.region, served.running.aws_endpoint_url)


@contextmanager
def _telling_refusals() -> Iterator[None]:
    """Raise ConsoleError for what the local AWS refuses meanwhile, and where it does not answer."""
    try:
        with explaining_refusals():
            yield
    except UsageError as error:
        raise ConsoleError(HTTPStatus.CONFLICT, str(error)) from None
    except StartError as error:
        raise ConsoleError(HTTPStatus.BAD_GATEWAY, str(error)) from None


@_telling_refusals()
def _sign_in(stack: PoolStack, name: str, password: str) -> dict[str, str | None]:
    username = PoolRules.of(stack).spell_username(name)
    tokens = sign_in(stack, Credentials(username, password))
    return {
        "id_token": tokens["IdToken"],
        "access_token": tokens["AccessToken"],
        "refresh_token": tokens.get("RefreshToken"),
        "client_id": find_person_client(stack)[0].client_id,
    }


@_telling_refusals()
def _create_user(stack: PoolStack, name: str, password: str) -> dict[str, str]:
    """Make a user who can sign in at once; one who is there already stays, and it is refused."""
    users = Users(stack)
    username = users.rules.spell_username(name)
    users.create(username, password)
    return {"username": username}


@_telling_refusals()
def _prepare_login(served: Served, offer: SignInOffer, origin: str) -> dict[str, str]:
    """Return what the page needs for the code flow, and let the pool send the browser back to the page.

    The template's callback URL is that of the application. The page's own is added in the local AWS alone,
    whose clients' secrets the page may know.
    """
    if offer.login_client is None:
        raise ConsoleError(HTTPStatus.CONFLICT, "no app client of the user pool allows the code flow")
    cognito = _find_cognito(served)
    named = {"UserPoolId": offer.user_pool_id, "ClientId": offer.login_client}
    client: dict[str, Any] = cognito.describe_user_pool_client(**named)["UserPoolClient"]
    callback = origin + PAGE
    if callback not in client.get("CallbackURLs", ()):
        # An update sets everything that it leaves out to its default:
        # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPoolClient.html
        # MiniStack describes what is not set as an empty text, which an update would not take.
        kept = {name: value for name, value in client.items() if name not in _READ_ONLY and value != ""}
        urls = [*client.get("CallbackURLs", ()), callback]
        cognito.update_user_pool_client(**(kept | {"CallbackURLs": urls}))
    return {
        "authorize_url": f"{served.running.aws_endpoint_url}/oauth2/authorize",
        "client_id": client["ClientId"],
        "client_secret": client.get("ClientSecret") or "",
        "redirect_uri": callback,
        "scope": " ".join(scope for scope in client["AllowedOAuthScopes"] if scope != _ADMIN_SCOPE),
    }


@_telling_refusals()
def _fetch_machine_token(stack: PoolStack) -> str:
    """Return an access token of the pool's first client that may have one without a user."""
    of_any = replace(stack, client=None)
    try:
        return fetch_machine_token(of_any, None)
    except SeveralClientsError as error:
        return fetch_machine_token(replace(of_any, client=error.clients[0].client_id), None)
