"""The files of the console's page, and of Swagger UI, each with the strictest policy that it can run with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.console.console import Endpoint, Endpoints
from local_stage.console.served import FindServed
from local_stage.errors import MachineError

PAGES: Final = frozenset({"/", "/swagger"})

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


def page_endpoints(find_served: FindServed) -> Endpoints:
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
        raise MachineError("swagger-ui-py is not installed: `make stage-environment` installs it")
    return Path(spec.origin).parent / "static"
