"""Answers every route of the Hello API: everybody who has signed in is greeted."""

from __future__ import annotations

import os
from http import HTTPStatus
from typing import Any, Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig, Response, content_types
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.logging.correlation_paths import API_GATEWAY_REST
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from caller import Caller, NotInGroupError, RefusedError, TokenUse

GREETING: Final = "Hello AWS API Gateway!"
ADMINS: Final = "admins"
READ_SCOPE: Final = "hello/read"

logger = Logger()
metrics = Metrics(namespace="HelloApi")
# Powertools' debug mode would print the whole event, the token in it.
app = APIGatewayRestResolver(cors=CORSConfig(allow_origin=os.environ["ALLOWED_ORIGIN"]), debug=False)


def admit_caller(app: APIGatewayRestResolver, next_middleware: NextMiddleware) -> Response[Any]:
    """Let nobody unknown reach a route, whatever the gateway in front has left undone."""
    try:
        caller = Caller.from_proxy_event(app.current_event.raw_event)
        logger.append_keys(sub=caller.sub)
        logger.info("Caller identified", token_use=caller.token_use)
        metrics.add_metric(name="Calls", unit=MetricUnit.Count, value=1)
        app.context["caller"] = caller
        return next_middleware(app)
    except RefusedError as error:
        return _refuse(error)


app.use(middlewares=[admit_caller])


@app.get("/hello")
@app.post("/hello")
def greet() -> dict[str, str]:
    """Greet the person who has signed in."""
    return {"message": GREETING, "username": _person().username}


@app.get("/me")
def describe_caller() -> dict[str, Any]:
    """Say who calls, as the function understands the claims; times are ISO 8601."""
    person = _person()
    return {
        "sub": person.sub,
        "username": person.username,
        "email": person.email,
        "email_verified": person.email_verified,
        "groups": person.groups,
        "signed_in_at": person.signed_in_at.isoformat(),
        "expires_at": person.expires_at.isoformat(),
    }


@app.get("/admin/hello")
def greet_admin() -> dict[str, str]:
    """Greet members of the group admins only: API Gateway itself knows no groups."""
    person = _person()
    person.require_group(ADMINS)
    return {"message": GREETING, "username": person.username}


@app.get("/machine/hello")
def greet_machine() -> dict[str, str | None]:
    """Greet a caller with an access token that has the scope hello/read, which API Gateway checks before."""
    caller = _caller()
    caller.require_scope(READ_SCOPE)
    return {"message": GREETING, "client_id": caller.client_id}


@logger.inject_lambda_context(correlation_id_path=API_GATEWAY_REST, log_event=False, clear_state=True)
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a Lambda proxy event of format 1.0 with a proxy response."""
    return app.resolve(event, context)


def _caller() -> Caller:
    caller: Caller = app.context["caller"]
    return caller


def _person() -> Caller:
    # Without scopes on the method API Gateway takes ID tokens only; other gateways are less strict.
    person = _caller()
    person.require_token_use(TokenUse.ID)
    return person


def _refuse(error: RefusedError) -> Response[Any]:
    status, message = HTTPStatus.UNAUTHORIZED, "Unauthorized"
    if isinstance(error, NotInGroupError):
        status, message = HTTPStatus.FORBIDDEN, f"Only members of the group {error.group} may call this"
    logger.warning("Caller refused", status=status, reason=str(error))
    metrics.add_metric(name="Refusals", unit=MetricUnit.Count, value=1)
    return Response(status, content_types.APPLICATION_JSON, {"statusCode": status, "message": message})
