"""What the stage serves, for the page: its routes, its user pool, and its OpenAPI document."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from local_stage.api_gateway.api import Route
from local_stage.api_gateway.export.document import derive_openapi_document
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.console.console import Endpoints, answer_json
from local_stage.console.served import FindServed

PATH: Final = "/stage"
OPENAPI_PATH: Final = "/openapi.json"


def stage_endpoints(find_served: FindServed, *, user_pool_arn: str | None) -> Endpoints:
    """Return what shows the stage; `user_pool_arn` is the pool in AWS that takes the local one's place."""

    async def show(_: HttpRequest) -> HttpResponse:
        served = find_served()
        running, rest_api, outputs = served.running, served.deployment.rest_api, served.deployment.outputs
        return answer_json(
            {
                "template": Path(running.template).name,
                "stage_name": rest_api.stage_name,
                "region": running.region,
                "aws_endpoint_url": running.aws_endpoint_url,
                "routes": [_describe(route) for route in rest_api.routes],
                "user_pool_id": outputs.get("UserPoolId"),
                "client_id": outputs.get("UserPoolClientId"),
                "foreign_user_pool_arn": user_pool_arn,
            }
        )

    async def show_document(_: HttpRequest) -> HttpResponse:
        return answer_json(derive_openapi_document(find_served().deployment.rest_api))

    return {("GET", PATH): show, ("GET", OPENAPI_PATH): show_document}


def _describe(route: Route) -> dict[str, Any]:
    return {
        "method": route.http_method,
        "path": route.path,
        "authorizer": route.authorizer,
        "header": route.identity_source,
        "token": route.token_kind,
        "scopes": list(route.scopes),
    }
