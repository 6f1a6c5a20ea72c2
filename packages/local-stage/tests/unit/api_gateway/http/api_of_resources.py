"""An HTTP API of resources of its own: routes, integrations and an authorizer."""

from __future__ import annotations

from typing import Any

from local_stage.api_gateway.authorizers.jwt import JwtAuthorizerSettings
from local_stage.api_gateway.http.http_api import HttpApi
from local_stage.api_gateway.http.http_api_reader import read_http_api
from local_stage.api_gateway.template_part import ApiResource
from local_stage.cloudformation.unknown import Unknown
from local_stage.errors import NotRun
from tests.http_api import FUNCTION_ARN
from tests.tokens import CLIENT_ID, ISSUER

UNKNOWN = Unknown("NONE", NotRun("Parameters", "has no default", "Kind"))
JWT = {
    "Name": "Own",
    "AuthorizerType": "JWT",
    "IdentitySource": ["$request.header.Authorization"],
    "JwtConfiguration": {"Issuer": ISSUER, "Audience": [CLIENT_ID]},
}
PROTECTED = {"AuthorizationType": "JWT", "AuthorizerId": "auth1"}
OVERRIDES = ApiResource("Own", "ApiGatewayManagedOverrides", "x", {"Route": PROTECTED})
PROXY = {"IntegrationType": "AWS_PROXY", "IntegrationUri": FUNCTION_ARN}


def route(logical_id: str = "Get", **properties: Any) -> ApiResource:
    """Return a route, `GET /` unless a property says otherwise."""
    given = {"RouteKey": "GET /", "Target": "integrations/int1", **properties}
    return ApiResource(logical_id, "Route", logical_id, given)


def authorizer(ref: str = "auth1", logical_id: str = "OwnAuthorizer", **properties: Any) -> ApiResource:
    """Return an authorizer of tokens unless a property says otherwise."""
    return ApiResource(logical_id, "Authorizer", ref, {**JWT, **properties})


def integration(**properties: Any) -> ApiResource:
    """Return the integration of the routes."""
    return ApiResource("Integration", "Integration", "int1", {**PROXY, **properties})


def read(*resources: ApiResource, **api: Any) -> tuple[HttpApi, list[NotRun]]:
    """Read an API with these properties and resources."""
    return read_http_api(
        file="template.yaml",
        logical_id="Api",
        api_properties={"Name": "own", "ProtocolType": "HTTP", **api},
        stage_properties={"StageName": "$default", "AutoDeploy": True},
        api_id="api",
        written_properties={"Name": "own"},
        resources=resources,
    )


def issuer_of(*resources: ApiResource, **api: Any) -> str | None:
    """Return the issuer whose tokens open the API's first route, None where it is open."""
    http_api, _ = read(*resources, **api)
    name = http_api.routes[0].authorizer
    if name is None:
        return None
    settings = http_api.authorizers[name]
    assert isinstance(settings, JwtAuthorizerSettings)
    return settings.issuer
