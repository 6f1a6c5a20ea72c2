"""What the stage serves, for the page: its routes, its user pool, and its OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.api_gateway.rest_api import Method, RestApi
from local_stage.console.console import Endpoints, answer_json
from local_stage.console.served import FindServed
from local_stage.openapi_document.document import derive_openapi_document

PATH: Final = "/stage"
OPENAPI_PATH: Final = "/openapi.json"


def stage_endpoints(find_served: FindServed, *, user_pool_arn: str | None) -> Endpoints:
    """Return what shows the stage; `user_pool_arn` is the pool in AWS that takes the local one's place."""

    async def show(_: HttpRequest) -> HttpResponse:
        served = find_served()
        running, outputs = served.running, served.deployment.outputs
        return answer_json(
            {
                "template": Path(running.template).name,
                "stage_name": served.deployment.rest_api.stage_name,
                "region": running.region,
                "aws_endpoint_url": running.aws_endpoint_url,
                "routes": list(_routes(served.deployment.rest_api)),
                "user_pool_id": outputs.get("UserPoolId"),
                "client_id": outputs.get("UserPoolClientId"),
                "foreign_user_pool_arn": user_pool_arn,
            }
        )

    async def show_document(_: HttpRequest) -> HttpResponse:
        return answer_json(derive_openapi_document(find_served().deployment.rest_api))

    return {("GET", PATH): show, ("GET", OPENAPI_PATH): show_document}


def _routes(rest_api: RestApi) -> Iterator[dict[str, Any]]:
    for resource in sorted(rest_api.resources, key=lambda resource: resource.path):
        for verb, method in sorted(resource.methods.items()):
            yield {"method": verb, "path": resource.path, **_describe(rest_api, method)}


def _describe(rest_api: RestApi, method: Method) -> dict[str, Any]:
    if method.authorizer is None:
        return {"authorizer": None, "header": None, "token": None, "scopes": []}
    return {
        "authorizer": method.authorizer,
        "header": rest_api.authorizers[method.authorizer].identity_source,
        "token": "access" if method.scopes else "id",
        "scopes": list(method.scopes),
    }
