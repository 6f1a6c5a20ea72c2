"""What `aws apigateway` and `aws apigatewayv2` are told of the APIs that run: the local AWS asks for it here.

It is read from what the stage enforces: APIs, authorizers, stages, resources and routes. TestInvokeAuthorizer
is there for Cognito authorizers. The members are those of AWS's own answers, as far as a template says them.
https://docs.aws.amazon.com/apigateway/latest/api/API_Operations.html
https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/operations.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizerSettings
from local_stage.api_gateway.authorizers.jwt import JwtAuthorizerSettings
from local_stage.api_gateway.authorizers.lambda_authorizer import LambdaAuthorizerSettings
from local_stage.api_gateway.http.authorizer_reader import HttpAuthorizerSettings
from local_stage.api_gateway.http.http_api import HttpApi
from local_stage.api_gateway.http.lambda_authorizer import HttpLambdaAuthorizerSettings
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.api_gateway.rest.rest_api import AuthorizerSettings, RestApi
from local_stage.console.console import ConsoleError, Endpoints, FindServed, Served, json_response, read_json
from local_stage.console.decision_endpoints import Clock, invoke_authorizer
from local_stage.deployment.served_api import ServedApi
from local_stage.state import CONTROL_PLANE

type Collections = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""What an API has, by kind (`authorizers`, `stages` …) and by id or name."""

_PLACES: Final = {"context": "context", "stageVariables": "stageVariables"}
_HTTP_TYPES: Final[Mapping[str | None, str]] = {"lambda": "CUSTOM", "iam": "AWS_IAM", "jwt": "JWT"}


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of API: where its own are listed, in which member of the answer, and how one is described."""

    root: str
    member: str
    is_of: Callable[[ServedApi], bool]
    describe: Callable[[ServedApi], dict[str, Any]]
    collect: Callable[[list[ServedApi], str], Collections]


def control_plane_endpoint(find_served: FindServed, clock: Clock) -> Endpoints:
    """Return what answers `{"method": "GET", "path": "/restapis", "body": {}}`.

    Its response is `{"status", "content"}`, with `error` for AWS's name of an error, and empty where the
    question is of no API that runs here.
    """

    async def tell(request: HttpRequest) -> HttpResponse:
        asked = read_json(request)
        method, path, body = asked.get("method"), asked.get("path"), asked.get("body")
        if not (isinstance(method, str) and isinstance(path, str) and isinstance(body, dict)):
            raise ConsoleError(HTTPStatus.BAD_REQUEST, "send a method, a path, and a body")
        return json_response(await _tell(find_served(), method, path, body, clock))

    return {("POST", CONTROL_PLANE): tell}


async def _tell(
    served: Served, method: str, path: str, body: Mapping[str, Any], clock: Clock
) -> dict[str, Any]:
    for kind in _KINDS:
        if path == kind.root or path.startswith(f"{kind.root}/"):
            api_id, *asked = path.removeprefix(kind.root).strip("/").split("/")
            apis = [api for api in served.apis if kind.is_of(api)]
            stages = [api for api in apis if api.definition.api_id == api_id]
            if not api_id:
                return _list(kind, apis)
            if stages and method == "POST":
                return await _test(stages, asked, body, clock)
            return _find(kind, stages, asked, served.running.region) if stages else {}
    return {}


def _list(kind: _Kind, apis: list[ServedApi]) -> dict[str, Any]:
    described = {api.definition.api_id: kind.describe(api) for api in apis}
    return _good({kind.member: [*described.values()]})


def _find(kind: _Kind, stages: list[ServedApi], asked: list[str], region: str) -> dict[str, Any]:
    """Return an API, one of its collections, or one member of a collection."""
    if not asked:
        return _good(kind.describe(stages[0]))
    name, *rest = asked
    members = kind.collect(stages, region).get(name)
    if members is None:
        why = f"the local stage does not tell {name} of an API"
        return _refusal(HTTPStatus.BAD_REQUEST, "BadRequestException", why)
    if not rest:
        return _good({kind.member: [*members.values()]})
    if rest[0] in members and not rest[1:]:
        return _good(members[rest[0]])
    return _not_found(name)


async def _test(
    stages: list[ServedApi], asked: list[str], body: Mapping[str, Any], clock: Clock
) -> dict[str, Any]:
    """Test the authorizer with the header that the caller gives for it; `asked` is its place in the API."""
    api = stages[0]
    if asked[:1] != ["authorizers"] or len(asked) != 2:  # noqa: PLR2004 - a collection, and one of its members
        why = "the local stage tests authorizers, and changes nothing of an API"
        return _refusal(HTTPStatus.BAD_REQUEST, "BadRequestException", why)
    found = [one for one in api.authorizers if _id_of(api.definition.api_id, one) == asked[1]]
    if not found:
        return _not_found("authorizers")
    known = {settings.name: settings.identity_source for settings in api.definition.cognito_authorizers}
    if found[0] not in known:
        why = "the local stage tests Cognito authorizers alone; call a route of this authorizer"
        return _refusal(HTTPStatus.BAD_REQUEST, "BadRequestException", why)
    header = known[found[0]]
    given = {str(name).lower(): str(value) for name, value in (body.get("headers") or {}).items()}
    token = given.get(header.lower(), "")
    return _good(await invoke_authorizer(found[0], api.authorizers[found[0]], header, token, clock))


def _describe_rest(api: ServedApi) -> dict[str, Any]:
    definition = api.definition
    assert isinstance(definition, RestApi)  # noqa: S101 - its kind
    told: dict[str, Any] = {"id": definition.api_id, "name": definition.name}
    if definition.binary_media_types:
        told["binaryMediaTypes"] = [*definition.binary_media_types]
    return {**told, "apiKeySource": definition.api_key_source}


def _collect_rest(stages: list[ServedApi], region: str) -> Collections:
    definition = stages[0].definition
    assert isinstance(definition, RestApi)  # noqa: S101 - its kind
    described = {
        _id_of(definition.api_id, name): _describe_rest_authorizer(name, settings, region)
        for name, settings in definition.authorizers.items()
    }
    return {
        "authorizers": {id_: {"id": id_, **told} for id_, told in described.items() if told},
        "resources": {
            resource.resource_id: {
                "id": resource.resource_id,
                "path": resource.path,
                "resourceMethods": {method: {} for method in resource.methods},
            }
            for resource in definition.resources
        },
        "stages": {
            api.stage_name: {
                "stageName": api.stage_name,
                "deploymentId": api.definition.deployment_id,
                "variables": dict(api.definition.stage_variables),
            }
            for api in stages
            if isinstance(api.definition, RestApi)
        },
    }


def _describe_rest_authorizer(name: str, settings: AuthorizerSettings, region: str) -> dict[str, Any]:
    """Return what AWS tells of an authorizer; nothing of a signature, which is no authorizer there."""
    if isinstance(settings, CognitoAuthorizerSettings):
        told: dict[str, Any] = {
            "name": name,
            "type": "COGNITO_USER_POOLS",
            "providerARNs": [*settings.user_pool_arns],
            "authType": "cognito_user_pools",
            "identitySource": f"method.request.header.{settings.identity_source}",
        }
        if settings.validation_expression is not None:
            told["identityValidationExpression"] = settings.validation_expression
        return told
    if isinstance(settings, LambdaAuthorizerSettings):
        return {
            "name": name,
            "type": settings.kind,
            "authType": "custom",
            "authorizerUri": _uri(settings.function_arn, region),
            "identitySource": ", ".join(
                f"{_PLACES.get(one.place, f'method.request.{one.place}')}.{one.name}"
                for one in settings.sources
            ),
            "authorizerResultTtlInSeconds": settings.lifetime,
        }
    return {}


def _describe_http(api: ServedApi) -> dict[str, Any]:
    return {
        "apiId": api.definition.api_id,
        "name": api.definition.name,
        "protocolType": "HTTP",
        "apiEndpoint": api.origin,
        "routeSelectionExpression": "$request.method $request.path",
    }


def _collect_http(stages: list[ServedApi], region: str) -> Collections:
    definition = stages[0].definition
    assert isinstance(definition, HttpApi)  # noqa: S101 - its kind
    described = {
        _id_of(definition.api_id, name): _describe_http_authorizer(name, settings, region)
        for name, settings in definition.authorizers.items()
    }
    routes = {_id_of(definition.api_id, route.key): route for route in definition.http_routes}
    kinds = {(one.http_method, one.path): one.authorizer_kind for one in definition.routes}
    return {
        "authorizers": {id_: {"authorizerId": id_, **told} for id_, told in described.items() if told},
        "routes": {
            id_: {
                "routeId": id_,
                "routeKey": route.key,
                "authorizationType": _HTTP_TYPES.get(kinds[route.http_method, route.path], "NONE"),
                "authorizationScopes": [*route.scopes],
            }
            for id_, route in routes.items()
        },
        "stages": {
            api.stage_name: {
                "stageName": api.stage_name,
                "stageVariables": dict(api.definition.stage_variables),
            }
            for api in stages
        },
    }


def _describe_http_authorizer(name: str, settings: HttpAuthorizerSettings, region: str) -> dict[str, Any]:
    """Return what AWS tells of an authorizer; nothing of a signature, which is no authorizer there."""
    if isinstance(settings, JwtAuthorizerSettings):
        source = settings.token_source
        return {
            "name": name,
            "authorizerType": "JWT",
            "identitySource": [f"$request.{source.position}.{source.name}"],
            "jwtConfiguration": {"audience": [*settings.audience], "issuer": settings.issuer},
        }
    if isinstance(settings, HttpLambdaAuthorizerSettings):
        return {
            "name": name,
            "authorizerType": "REQUEST",
            "authorizerUri": _uri(settings.function_arn, region),
            "identitySource": [
                f"${_PLACES.get(one.place, f'request.{one.place}')}.{one.name}" for one in settings.sources
            ],
            "authorizerResultTtlInSeconds": settings.lifetime,
            "authorizerPayloadFormatVersion": settings.payload_format,
            "enableSimpleResponses": settings.has_simple_responses,
        }
    return {}


def _uri(function_arn: str, region: str) -> str:
    return f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function_arn}/invocations"


def _id_of(api_id: str, name: str) -> str:
    """Return an id of six characters, as API Gateway's are; it is the same at each start."""
    return hashlib.sha256(f"{api_id}/{name}".encode()).hexdigest()[:6]


def _good(content: Mapping[str, Any]) -> dict[str, Any]:
    return {"status": HTTPStatus.OK, "content": content}


def _not_found(collection: str) -> dict[str, Any]:
    why = f"Invalid {collection.removesuffix('s').title()} identifier specified"
    return _refusal(HTTPStatus.NOT_FOUND, "NotFoundException", why)


def _refusal(status: HTTPStatus, error: str, why: str) -> dict[str, Any]:
    return {"status": status, "content": {"message": why}, "error": error}


def _is_rest(api: ServedApi) -> bool:
    return isinstance(api.definition, RestApi)


def _is_http(api: ServedApi) -> bool:
    return isinstance(api.definition, HttpApi)


_KINDS: Final = (
    _Kind("/restapis", "item", _is_rest, _describe_rest, _collect_rest),
    _Kind("/v2/apis", "items", _is_http, _describe_http, _collect_http),
)
