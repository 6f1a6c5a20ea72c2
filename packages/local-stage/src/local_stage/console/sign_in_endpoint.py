"""How the page gets tokens of the local pool: by the pool's login form, or as a machine.

By user name and password the page asks the pool itself, as every browser application does.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.cloudformation.aws_refusal import explaining_refusals
from local_stage.console.console import (
    ConsoleError,
    Endpoints,
    FindServed,
    Served,
    json_response,
    origin_of,
    read_json,
)
from local_stage.errors import StartError
from local_stage.state import CONSOLE_PATH

LOGIN_PATH: Final = "/login"
MACHINE_PATH: Final = "/machine-token"
PAGE: Final = f"{CONSOLE_PATH}/"
"""Where the login form sends the browser back to."""

TIMEOUT: Final = 10.0
_CODE: Final = "code"
_MACHINE: Final = "client_credentials"
_READ_ONLY: Final = frozenset({"ClientSecret", "CreationDate", "LastModifiedDate"})
_ADMIN_SCOPE: Final = "aws.cognito.signin.user.admin"


def sign_in_endpoints(find_served: FindServed, new_client: Callable[[str], Any]) -> Endpoints:
    """Return what prepares a sign-in; `new_client` makes a boto3 client of a service of the local AWS."""

    async def prepare_login(request: HttpRequest) -> HttpResponse:
        read_json(request)
        return json_response(
            await asyncio.to_thread(_prepare_login, find_served(), new_client, origin_of(request))
        )

    async def fetch_machine_token(request: HttpRequest) -> HttpResponse:
        read_json(request)
        token = await asyncio.to_thread(_fetch_machine_token, find_served(), new_client)
        return json_response({"access_token": token})

    return {("POST", LOGIN_PATH): prepare_login, ("POST", MACHINE_PATH): fetch_machine_token}


@contextmanager
def _telling_refusals() -> Iterator[None]:
    """Raise ConsoleError for what the local AWS refuses meanwhile, and where it does not answer."""
    try:
        with explaining_refusals():
            yield
    except StartError as error:
        raise ConsoleError(HTTPStatus.BAD_GATEWAY, str(error)) from None


@_telling_refusals()
def _prepare_login(served: Served, new_client: Callable[[str], Any], origin: str) -> dict[str, str]:
    """Return what the page needs for the code flow, and let the pool send the browser back to the page.

    The template's callback URL is that of the application. The page's own is added in the local AWS alone.
    """
    cognito = new_client("cognito-idp")
    client = _describe_client(cognito, served, served.deployment.outputs.get("UserPoolClientId"))
    if _CODE not in client.get("AllowedOAuthFlows", ()):
        raise ConsoleError(HTTPStatus.CONFLICT, "the app client does not allow the code flow")
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
        "redirect_uri": callback,
        "scope": " ".join(scope for scope in client["AllowedOAuthScopes"] if scope != _ADMIN_SCOPE),
    }


@_telling_refusals()
def _fetch_machine_token(served: Served, new_client: Callable[[str], Any]) -> str:
    """Return an access token of the pool's first client that may have one without a user."""
    cognito = new_client("cognito-idp")
    pool_id = _find_pool_id(served)
    listed = cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=60)["UserPoolClients"]
    for entry in listed:
        client = _describe_client(cognito, served, entry["ClientId"])
        if _MACHINE in client.get("AllowedOAuthFlows", ()):
            return _ask_for_token(served, client)
    raise ConsoleError(HTTPStatus.CONFLICT, "no app client of the pool allows client_credentials")


def _describe_client(cognito: Any, served: Served, client_id: str | None) -> dict[str, Any]:
    if client_id is None:
        raise ConsoleError(HTTPStatus.CONFLICT, "the template has no output UserPoolClientId")
    described = cognito.describe_user_pool_client(UserPoolId=_find_pool_id(served), ClientId=client_id)
    client: dict[str, Any] = described["UserPoolClient"]
    return client


def _find_pool_id(served: Served) -> str:
    pool_id = served.deployment.outputs.get("UserPoolId")
    if pool_id is None:
        raise ConsoleError(HTTPStatus.CONFLICT, "the template has no output UserPoolId")
    return pool_id


def _ask_for_token(served: Served, client: dict[str, Any]) -> str:
    """Ask the token endpoint as a machine does (RFC 6749, 4.4.2)."""
    form = {"grant_type": _MACHINE, "scope": " ".join(client.get("AllowedOAuthScopes", ()))}
    basic = b64encode(f"{client['ClientId']}:{client.get('ClientSecret', '')}".encode()).decode()
    url = f"{served.running.aws_endpoint_url}/oauth2/token"
    request = Request(url, urlencode(form).encode(), {"Authorization": f"Basic {basic}"})  # noqa: S310 - always http
    try:
        # A proxy of the environment cannot reach this machine's loopback.
        with build_opener(ProxyHandler({})).open(request, timeout=TIMEOUT) as answer:
            return str(json.load(answer)["access_token"])
    except HTTPError as error:
        raise ConsoleError(HTTPStatus.BAD_GATEWAY, f"the pool answers {error.code}") from None
    except (OSError, HTTPException, ValueError, KeyError):
        raise ConsoleError(HTTPStatus.BAD_GATEWAY, "the pool does not answer") from None
