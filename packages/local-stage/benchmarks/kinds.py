"""Each kind of API, authorizer and function beside a REST API with a Cognito authorizer, in one stage."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks import serverless_offline
from benchmarks.callers import sign_in
from benchmarks.effort import Effort
from benchmarks.figure import Goal, Measurement, Samples
from benchmarks.load import LoadError, run_load
from benchmarks.peers import (
    GREETING,
    LOCAL_STACK,
    PACKAGE,
    SAM_LOCAL,
    Peer,
    sam_local_peer,
    why_no_sam_local,
)
from benchmarks.processes import count_cpu
from benchmarks.templates import Resource, build_function, build_route, serve_template, write_template
from benchmarks.throughput import build_job

TITLE: Final = "Kinds of APIs"
CONNECTIONS: Final = 8
WARM_UPS: Final = 10
"""Loads of a second after which a peer that has not responded by then is measured all the same."""

REST: Final = "REST API, Cognito authorizer"
HTTP: Final = "HTTP API, JWT authorizer"
LAMBDA_AUTHORIZER: Final = "REST API, cached Lambda authorizer"
REST_NODE: Final = "REST API, Node.js function"
HTTP_NODE: Final = "HTTP API, Node.js function"
SAM_HTTP: Final = f"{SAM_LOCAL}, HTTP API"

CALLS: Final = f"calls at {CONNECTIONS}"
P50: Final = f"p50 at {CONNECTIONS}"
GATEWAY_CPU: Final = "gateway's CPU of a call"
ALL_CPU: Final = "CPU of a call, all processes"

_POLICY: Final = (
    "the kept policy is evaluated for each call, where what is made of a pool's token is kept as a whole; the"
    " spreads of the two overlap"
)

_METHOD: Final = f"""\
One stage serves all of them, each API on a port of its own, with the bare handler in Python, or the same
in Node.js; they are called in turns over {CONNECTIONS} connections. The Lambda authorizer is invoked once,
and then its policy is kept. serverless-offline, beside it, has the same HTTP API and the Node.js function."""


def measure(folder: Path, effort: Effort) -> Measurement:
    """Call each kind in turns, then the peers that can be run here."""
    samples = Samples()
    notes: dict[str, None] = {}
    with ExitStack() as running:
        called = running.enter_context(_serving(folder / "stage"))
        token = next(peer.authorization for peer, _ in called if peer.name == HTTP) or ""
        peers = [*called, *_start_peers(running, folder, token, notes)]
        for peer, _ in peers:
            _warm_up(peer)
        for _ in range(effort.repeats):
            for peer, pid in peers:
                try:
                    _measure_load(samples, peer, pid, effort.seconds)
                except LoadError as error:
                    if (peer, pid) in called:
                        raise
                    notes[f"Without a figure at least once: {peer.name}: {error}."] = None
    measured = Measurement(TITLE, _METHOD, samples.figures())
    return Measurement(TITLE, _METHOD, measured.figures, judge(measured), list(notes))


def judge(measured: Measurement) -> list[Goal]:
    """Compare what a call costs the gateway with what it costs behind a Cognito authorizer."""
    return [
        Goal(
            f"{GATEWAY_CPU}, {kind}, as a multiple of that of a {REST}",
            measured.ratio(kind, REST, GATEWAY_CPU),
            at_most=limit,
            obstacle=obstacle,
        )
        for kind, limit, obstacle in ((HTTP, 1.0, ""), (LAMBDA_AUTHORIZER, 1.1, _POLICY))
    ]


def _warm_up(peer: Peer) -> None:
    """Call until responses come: a peer may start a process or a thread for each connection first."""
    for _ in range(WARM_UPS):
        with suppress(LoadError):
            run_load(build_job(peer, CONNECTIONS, 1))
            return


def _measure_load(samples: Samples, peer: Peer, pid: int, seconds: float) -> None:
    load, gateway, everything = count_cpu(build_job(peer, CONNECTIONS, seconds), pid)
    samples.add(peer.name, CALLS, "calls/s", load.rate)
    samples.add(peer.name, P50, "ms", load.p50)
    samples.add(peer.name, GATEWAY_CPU, "ms", gateway)
    samples.add(peer.name, ALL_CPU, "ms", everything)


@contextmanager
def _serving(folder: Path) -> Iterator[list[tuple[Peer, int]]]:
    has_node = shutil.which("node") is not None
    serve = serve_template(folder, build_resources(has_node=has_node))
    for name in ("authorizer_function", "nodejs_function"):
        shutil.copytree(PACKAGE / "benchmarks" / name, folder / name)
    with serve() as stage:
        authorization = sign_in(LOCAL_STACK, stage.aws_endpoint_url)
        kinds = [(REST, "RestApi", "/hello"), (HTTP, "HttpApi", "/hello")]
        kinds += [(LAMBDA_AUTHORIZER, "AuthorizedApi", "/hello")]
        kinds += [(REST_NODE, "RestApi", "/node"), (HTTP_NODE, "HttpApi", "/node")] if has_node else []
        yield [
            (Peer(name, f"{stage.find_api_url(api)}{path}", authorization, 200, GREETING), stage.pid)
            for name, api, path in kinds
        ]


def _start_peers(
    running: ExitStack, folder: Path, authorization: str, notes: dict[str, None]
) -> Sequence[tuple[Peer, int]]:
    peers = []
    try:
        serverless_offline.install(folder / "serverless-offline")
        peers.append(
            running.enter_context(serverless_offline.running(folder / "serverless-offline", authorization))
        )
    except (serverless_offline.NotInstalledError, RuntimeError) as error:
        notes[f"serverless-offline was not measured: {error}."] = None
    else:
        notes[
            "serverless-offline 13.9.0 decodes a token and looks at issuer, audience and expiry; it verifies"
            " no signature. Its handler runs in a thread of its own process."
        ] = None
    why = why_no_sam_local()
    if why is None:
        own = folder / "sam-http"
        template = write_template(own, {**_HTTP_API, **_build_hello("HttpApi")}, has_rest_api=False)
        peer = running.enter_context(sam_local_peer(own / "run", template, 200, GREETING))
        peers.append((replace(peer[0], name=SAM_HTTP), peer[1]))
        notes["`sam local start-api` runs no JWT authorizer: every caller is let in."] = None
    else:
        notes[f"`sam local start-api` was not measured: {why}."] = None
    return peers


def build_resources(*, has_node: bool) -> dict[str, Resource]:
    """Return the APIs beside `RestApi`, and the functions behind all of them."""
    authorized: Resource = {
        "Type": "AWS::Serverless::Api",
        "Properties": {
            "StageName": "dev",
            "Auth": {
                "DefaultAuthorizer": "Kept",
                "Authorizers": {
                    "Kept": {
                        "FunctionArn": {"Fn::GetAtt": ["AuthorizerFunction", "Arn"]},
                        "Identity": {"ReauthorizeEvery": 3600},
                    }
                },
            },
        },
    }
    node = build_function(
        {"Rest": build_route("/node"), "Http": _build_http_route("/node")},
        Runtime="nodejs20.x",
        CodeUri="nodejs_function/",
        Handler="app.handler",
    )
    return {
        **_HTTP_API,
        "AuthorizedApi": authorized,
        "AuthorizerFunction": build_function({}, CodeUri="authorizer_function/"),
        **_build_hello("RestApi", "HttpApi", "AuthorizedApi"),
        **({"NodeFunction": node} if has_node else {}),
    }


_HTTP_API: Final[dict[str, Resource]] = {
    "HttpApi": {
        "Type": "AWS::Serverless::HttpApi",
        "Properties": {
            "Auth": {
                "DefaultAuthorizer": "Pool",
                "Authorizers": {
                    "Pool": {
                        "IdentitySource": "$request.header.Authorization",
                        "JwtConfiguration": {
                            "issuer": {
                                "Fn::Sub": "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${UserPool}"
                            },
                            "audience": [{"Ref": "UserPoolClient"}],
                        },
                    }
                },
            }
        },
    }
}


def _build_hello(*apis: str) -> dict[str, Resource]:
    events = {
        api: _build_http_route("/hello") if api == "HttpApi" else build_route("/hello", api) for api in apis
    }
    return {"HelloFunction": build_function(events)}


def _build_http_route(path: str) -> Resource:
    return {"Type": "HttpApi", "Properties": {"ApiId": {"Ref": "HttpApi"}, "Path": path, "Method": "GET"}}
