"""Each framework behind the Lambda proxy: what it makes of a REST API's event and of an HTTP API's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import requests

from works_with.row import Row

ORIGIN: Final = "http://localhost:5173"
BYTES: Final = bytes(range(256))


@dataclass(frozen=True, slots=True)
class Framework:
    """An application of `template.yaml`: its path's first part, its packages, and which APIs it knows."""

    path: str
    framework: str
    adapter: str
    setting: str
    kinds: tuple[str, ...] = ("rest", "http")
    cuts_path: bool = False
    """Whether the adapter hands on only what `{proxy+}` matched, behind a REST API."""
    answers_preflights: bool = False
    """Whether the HTTP API hands on preflights, and the framework answers them."""


_MANGUM: Final = 'Mangum(app, lifespan="off"); allow_headers of its CORS middleware with Authorization'
_OCTETS: Final = "application/octet-stream named as binary for the adapter"

FRAMEWORKS: Final = (
    Framework("fastapi", "fastapi", "mangum", _MANGUM, answers_preflights=True),
    Framework("starlette", "starlette", "mangum", _MANGUM, answers_preflights=True),
    Framework("litestar", "litestar", "mangum", 'Mangum(app, lifespan="off")', answers_preflights=True),
    Framework("flask", "flask", "apig-wsgi", "make_lambda_handler(app, binary_support=True) for REST"),
    Framework(
        "django", "django", "apig-wsgi", "binary_support=True for REST; ALLOWED_HOSTS for the API's host"
    ),
    Framework(
        "chalice",
        "chalice",
        "chalice",
        "app.api.binary_types; JSON among content_types, for a GET; a route as in the template",
        ("rest",),
    ),
    Framework(
        "powertools-rest",
        "aws-lambda-powertools",
        "APIGatewayRestResolver",
        "CORSConfig with allow_origin",
        ("rest",),
    ),
    Framework(
        "powertools-http",
        "aws-lambda-powertools",
        "APIGatewayHttpResolver",
        "CORSConfig with allow_origin",
        ("http",),
        answers_preflights=True,
    ),
    Framework(
        "serverless-express",
        "express",
        "@codegenie/serverless-express",
        "routes without prefix too, since for REST it hands on what {proxy+} matched; binarySettings",
        cuts_path=True,
    ),
    Framework("serverless-http", "express", "serverless-http", _OCTETS),
    Framework("koa", "koa", "serverless-http", _OCTETS),
    Framework(
        "fastify",
        "fastify",
        "@fastify/aws-lambda",
        f"NODE_OPTIONS=--experimental-require-module, as on Lambda for nodejs22.x; {_OCTETS}",
    ),
    Framework("hono", "hono", "hono/aws-lambda", setting="", answers_preflights=True),
    Framework("middy", "@middy/core", "the event itself", "isBase64Encoded where the body is binary"),
)


CALLED_BY_PROBES: Final = next(one for one in FRAMEWORKS if one.path == "hono")
"""The application to which probes send the tokens that they have got."""


class NotAsExpected(AssertionError):
    """The response of a framework is not what it should be."""


@dataclass(frozen=True, slots=True)
class Called:
    """A framework behind one kind of API."""

    url: str
    path: str
    token: str
    seen: str
    """What the application sees as the path of `caller`."""

    def call(self, verb: str, path: str, **options: object) -> requests.Response:
        """Return the response to a page's request with the token. Raises NotAsExpected where it is no 200."""
        headers = {"Authorization": f"Bearer {self.token}", "Origin": ORIGIN, "Cookie": "a=1; b=2"}
        headers["Content-Type"] = headers["Accept"] = "application/octet-stream" if verb == "POST" else "*/*"
        if verb == "GET":
            del headers["Content-Type"]
        url = f"{self.url}/{self.path}/{path}"
        response = requests.request(verb, url, headers=headers, timeout=120, **options)  # type: ignore[arg-type]
        _same(f"{verb} {path}", response.status_code, 200)
        return response


def check_claims_and_query(api: Called) -> None:
    """The caller's name arrives, the path has no stage, and a repeated parameter both values."""
    told = api.call("GET", "caller?tag=x&tag=y").json()
    _same("caller", told["caller"], "alice")
    _same("path", told["path"], api.seen)
    _same("repeated query parameter", told["tags"], ["x", "y"])


def check_cookies(api: Called) -> None:
    """Both cookies of the request arrive, and both of the response."""
    response = api.call("GET", "cookies")
    _same("cookies sent", response.json(), {"a": "1", "b": "2"})
    _same("cookies set", dict(response.cookies), {"first": "1", "second": "2"})


def check_binary(api: Called) -> None:
    """Bytes that are no text arrive as they are, in both directions."""
    _same("binary response", api.call("GET", "binary").content, BYTES)
    _same("binary request", api.call("POST", "length", data=BYTES).json(), len(BYTES))


def check_cors(api: Called) -> None:
    """The response names the page's origin once."""
    response = api.call("GET", "caller?tag=x&tag=y")
    named = response.raw.headers.getlist("Access-Control-Allow-Origin")
    _same("Access-Control-Allow-Origin", named, [ORIGIN])


def check_preflight(api: Called) -> None:
    """A page may send the token: what answers the preflight says so once, and asks for no token itself."""
    headers = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    response = requests.options(f"{api.url}/{api.path}/caller", headers=headers, timeout=120)
    _same("preflight is good", response.ok, expected=True)
    named = response.raw.headers.getlist("Access-Control-Allow-Origin")
    _same("Access-Control-Allow-Origin of a preflight", named, [ORIGIN])
    allowed = response.raw.headers.getlist("Access-Control-Allow-Headers")
    _same("how often Access-Control-Allow-Headers is in a preflight", len(allowed), 1)
    _same("authorization is allowed", "authorization" in allowed[0].lower(), expected=True)


CHECKS: Final[tuple[Callable[[Called], None], ...]] = (
    check_claims_and_query,
    check_cookies,
    check_binary,
    check_cors,
)


def run_frameworks(only: str, given: Mapping[str, str], versions: Mapping[str, str]) -> Iterator[Row]:
    """Yield a row for each framework; what fails is told, check by check."""
    for one in FRAMEWORKS:
        if only not in one.path:
            continue
        wait_for_packages(one, given)
        failures = [failure for kind in one.kinds for failure in _check(one, kind, given)]
        adapter = f"{one.adapter} {versions[one.adapter]}" if one.adapter in versions else one.adapter
        behind = " and ".join(kind.upper() for kind in one.kinds)
        preflight = " and its preflight" if one.answers_preflights else ""
        tried = (
            f"by {adapter}, behind {behind}: claims, path, repeated query parameters, cookies, bytes, CORS"
            f"{preflight}"
        )
        yield Row(one.framework, versions[one.framework], tried, one.setting, "; ".join(failures) or None)


def wait_for_packages(one: Framework, given: Mapping[str, str]) -> None:
    """Call the application until its packages are installed; each request waits for 29 s at most."""
    called = _called(one, one.kinds[0], given)
    for _ in range(20):
        try:
            called.call("GET", "caller?tag=x&tag=y")
        except NotAsExpected as error:
            if "504" not in str(error) and "503" not in str(error):
                return


def _check(one: Framework, kind: str, given: Mapping[str, str]) -> Iterator[str]:
    called = _called(one, kind, given)
    is_asked = kind == "rest" or one.answers_preflights
    for check in (*CHECKS, check_preflight) if is_asked else CHECKS:
        try:
            check(called)
        except (NotAsExpected, requests.RequestException, LookupError, TypeError, ValueError) as error:
            yield f"{kind.upper()}: {error}"


def _called(one: Framework, kind: str, given: Mapping[str, str]) -> Called:
    seen = "/caller" if one.cuts_path and kind == "rest" else f"/{one.path}/caller"
    return Called(given[kind], one.path, given["id_token"], seen)


def _same(what: str, actual: object, expected: object) -> None:
    if actual != expected:
        raise NotAsExpected(f"{what} is {str(actual)[:80]}, not {str(expected)[:40]}")
