"""The console of a stage: its page, what the page shows, and every other endpoint put together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from local_stage.api_gateway.api import Route, name_api
from local_stage.api_gateway.export.http_document import derive_document
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.console.clock import AdjustableClock, clock_endpoints
from local_stage.console.console import (
    Console,
    ConsoleError,
    Endpoint,
    Endpoints,
    FindServed,
    Served,
    find_api,
    json_response,
)
from local_stage.console.control_plane import control_plane_endpoint
from local_stage.console.decision_endpoints import decision_endpoints
from local_stage.console.invocation_endpoint import invocation_endpoint
from local_stage.console.recent_requests import RecentRequests, requests_endpoints
from local_stage.console.sign_in_endpoint import sign_in_endpoints
from local_stage.deployment.served_api import ServedApi
from local_stage.errors import MachineError
from local_stage.lambda_runtime.invoker import Invoker
from local_stage.state import find_console

_PAGES: Final = frozenset({"/", "/swagger"})

_FOLDER: Final = Path(__file__).parent / "page"
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_PAGE: Final = ".html"
_SWAGGER_FILES: Final = ("swagger-ui.css", "swagger-ui-bundle.js")

# https://www.w3.org/TR/CSP3/. A script that is no file of ours does not run, and no text becomes markup
# (https://www.w3.org/TR/trusted-types/).
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' {local_aws};"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
_SWAGGER_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def build_console(
    find_served: FindServed,
    catch_up: Callable[[], Awaitable[Served]],
    recent: RecentRequests,
    clock: AdjustableClock,
    invoker: Invoker,
    *,
    port: int,
    user_pool_arn: str | None,
    allowed_hosts: frozenset[str] = frozenset(),
) -> Console:
    """Return the console at a port, where its page is that of the port's API.

    `find_served` is called for each request, so that the console never shows a stage that is gone. `catch_up`
    first loads a template that has been saved since, as a request to the API does; it raises StartError where
    that template cannot be served. `user_pool_arn` is the pool in AWS whose tokens the stage takes instead of
    the local one's, and `allowed_hosts` are names beside loopback's by which the console may be called.
    """
    endpoints = {
        **_page_endpoints(find_served),
        **stage_endpoints(find_served, port=port, user_pool_arn=user_pool_arn),
        **sign_in_endpoints(find_served, port=port),
        **decision_endpoints(catch_up, clock),
        **control_plane_endpoint(find_served, clock),
        **requests_endpoints(recent),
        **clock_endpoints(clock),
        **invocation_endpoint(catch_up, invoker, recent),
    }
    return Console(endpoints, _PAGES, allowed_hosts)


def stage_endpoints(find_served: FindServed, *, port: int, user_pool_arn: str | None) -> Endpoints:
    """Return what shows the stage and the API of a port, if there is one.

    `user_pool_arn` is the pool in AWS that takes the local one's place.
    """

    async def show(_: HttpRequest) -> HttpResponse:
        served = find_served()
        running = served.running
        api = find_api(served, port)
        sign_in = api.sign_in if api else None
        return json_response(
            {
                "template": Path(running.template).name,
                "api": name_api(api, served.apis) if api else None,
                "url": api.url if api else None,
                "base_path": api.definition.base_path if api else "",
                "apis": [_describe_api(other, served) for other in served.apis],
                "region": running.region,
                "aws_endpoint_url": running.aws_endpoint_url,
                "routes": [_describe(route) for route in api.definition.routes] if api else [],
                "user_pool_id": sign_in.user_pool_id if sign_in else None,
                "signs_in_by": sign_in.signs_in_by if sign_in else None,
                "password_client_id": sign_in.password_client if sign_in else None,
                "foreign_user_pool_arn": user_pool_arn,
            }
        )

    async def show_document(_: HttpRequest) -> HttpResponse:
        api = find_api(find_served(), port)
        if api is None:
            raise ConsoleError(HTTPStatus.NOT_FOUND, "the template has no API at this port")
        return json_response(derive_document(api.definition))

    return {("GET", "/stage"): show, ("GET", "/openapi.json"): show_document}


def _describe_api(api: ServedApi, served: Served) -> dict[str, Any]:
    return {
        "name": name_api(api, served.apis),
        "api_id": api.definition.api_id,
        "stage_name": api.stage_name,
        "url": api.url,
        "console_url": f"{find_console(api.url)}/",
    }


def _describe(route: Route) -> dict[str, Any]:
    return {
        "method": route.http_method,
        "path": route.path,
        "authorizer": route.authorizer,
        "authorizer_kind": route.authorizer_kind,
        "api_key_required": route.api_key_required,
        "header": route.identity_source,
        "token": route.token_kind,
        "scopes": list(route.scopes),
    }


def _page_endpoints(find_served: FindServed) -> Endpoints:
    """Return the console's page at `/`, Swagger UI at `/swagger`, and the files that they load."""

    def console_policy() -> str:
        return _POLICY.format(local_aws=find_served().running.aws_endpoint_url)

    assets = [file for file in sorted(_FOLDER.iterdir()) if file.suffix in _TYPES and file.suffix != _PAGE]
    assets += (_swagger_folder() / name for name in _SWAGGER_FILES)
    endpoints = {("GET", f"/{file.name}"): _serve(file, console_policy) for file in assets}
    return {
        ("GET", "/"): _serve(_FOLDER / "console.html", console_policy),
        ("GET", "/swagger"): _serve(_FOLDER / "swagger.html", lambda: _SWAGGER_POLICY),
        **endpoints,
    }


def _serve(file: Path, policy: Callable[[], str]) -> Endpoint:
    async def serve(_: HttpRequest) -> HttpResponse:
        headers = [
            ("Content-Type", _TYPES[file.suffix]),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", policy()),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return HttpResponse(HTTPStatus.OK, headers, await asyncio.to_thread(file.read_bytes))

    return serve


def _swagger_folder() -> Path:
    """Return where the package keeps Swagger UI's files; its Python, a part of web frameworks, is not run."""
    spec = find_spec("swagger_ui")
    if spec is None or spec.origin is None:
        raise MachineError("swagger-ui-py is not installed; install local-stage again")
    return Path(spec.origin).parent / "static"
