"""Reads what SAM makes of an API, an `AWS::ApiGateway::RestApi` with its OpenAPI document, into a RestApi.

Everything that decides who may call or what is answered is either read or refused: what is not on the lists
here has no way through. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from local_stage.api_gateway.integrations.registry import (
    INTEGRATION,
    find_not_run,
    find_unknown_extensions,
    read_integration,
)
from local_stage.api_gateway.rest.definition.properties import (
    StageSettings,
    check_rest_api_properties,
    find_api_not_run,
    find_disabled,
    find_stage_not_run,
    not_compressed,
    not_encrypted,
    read_api_key_source,
    read_stage_settings,
)
from local_stage.api_gateway.rest.definition.request import VALIDATOR, VALIDATORS, RequestReader
from local_stage.api_gateway.rest.definition.resource_policy import read_resource_policy
from local_stage.api_gateway.rest.definition.resources import assemble
from local_stage.api_gateway.rest.definition.security import SecuritySchemes, find_ignored_security
from local_stage.api_gateway.rest.gateway_response import GATEWAY_RESPONSES, read_gateway_responses
from local_stage.api_gateway.rest.rest_api import ANY, Method, Resource, RestApi
from local_stage.api_gateway.rest.router import find_path_fault, is_greedy, parameter_name, split_path
from local_stage.api_gateway.template_part import ApiResource, TemplateApi, TemplatePart, is_foreign_extension
from local_stage.errors import NotRun, Refusals

ANY_METHOD: Final = "x-amazon-apigateway-any-method"
API_KEY_SOURCE: Final = "x-amazon-apigateway-api-key-source"
BINARY_MEDIA_TYPES: Final = "x-amazon-apigateway-binary-media-types"
ENDPOINT_CONFIGURATION: Final = "x-amazon-apigateway-endpoint-configuration"
MINIMUM_COMPRESSION_SIZE: Final = "x-amazon-apigateway-minimum-compression-size"
POLICY: Final = "x-amazon-apigateway-policy"

_CORS: Final = "x-amazon-apigateway-cors"
_DOCUMENT_KEYS: Final = frozenset(
    {
        "externalDocs", "info", "paths", "security", "tags",
        "x-amazon-apigateway-documentation",
        "x-amazon-apigateway-endpoint-access-mode", "x-amazon-apigateway-importexport-version",
        "x-amazon-apigateway-security-policy",
        API_KEY_SOURCE, BINARY_MEDIA_TYPES, _CORS, ENDPOINT_CONFIGURATION, GATEWAY_RESPONSES,
        MINIMUM_COMPRESSION_SIZE, POLICY, VALIDATOR, VALIDATORS,
    }
)  # fmt: skip
_SWAGGER_KEYS: Final = _DOCUMENT_KEYS | {
    "basePath", "consumes", "definitions", "host", "parameters", "produces", "responses", "schemes",
    "securityDefinitions", "swagger",
}  # fmt: skip
_OPENAPI_KEYS: Final = _DOCUMENT_KEYS | {"components", "openapi", "servers"}
_COMPONENT_KEYS: Final = frozenset(
    {
        "callbacks", "examples", "headers", "links", "parameters", "requestBodies", "responses", "schemas",
        "securitySchemes",
    }
)  # fmt: skip
_VERBS: Final = {
    **{verb.lower(): verb for verb in ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")},
    ANY_METHOD: ANY,
}
_PATH_ITEM_KEYS: Final = frozenset({"description", "parameters", "servers", "summary", *_VERBS})
_OPERATION_KEYS: Final = frozenset(
    {
        "callbacks", "consumes", "deprecated", "description", "externalDocs", "operationId", "parameters",
        "produces", "requestBody", "responses", "schemes", "security", "servers", "summary", "tags",
        INTEGRATION, VALIDATOR,
    }
)  # fmt: skip
_TLS_KEYS: Final = ("x-amazon-apigateway-endpoint-access-mode", "x-amazon-apigateway-security-policy")

_NO_METHOD: Final = (
    "it has no method, so that every request gets 403, and AWS does not deploy it;"
    " an event of a function belongs to it by RestApiId"
)


def read_rest_api(
    *,
    file: str,
    logical_id: str,
    rest_api_properties: Mapping[str, Any],
    stage_properties: Mapping[str, Any],
    api_id: str,
    deployment_id: str,
    written_properties: Mapping[str, Any] | None = None,
    resources: Sequence[ApiResource] = (),
) -> tuple[RestApi, list[NotRun]]:
    """Return the API and what of it is not run.

    Both mappings of properties are CloudFormation's as SAM's translator emits them, with every intrinsic
    function resolved. `written_properties` are those of the API in the template as written; with them an
    error names a part of a definition written by hand by its place in that definition. `resources` are those
    that add to the API.

    Raises:
        StartError: the API has what the stage cannot enforce, does not know, or cannot make sense of, with
            every reason that can be known at once.
    """
    assembled = assemble(file, logical_id, rest_api_properties.get("Body"), f"{api_id}-root", resources)
    origins, unplaced = (assembled.origins, assembled.unplaced) if assembled else ({}, ())
    api = TemplateApi(file, logical_id, written_properties or {}, origins, unplaced)
    own = {**rest_api_properties, "Body": assembled.document} if assembled else rest_api_properties
    properties = TemplatePart(api, (), own)
    with Refusals() as refusals:
        reader = _Reader(properties, TemplatePart(api, (), stage_properties), refusals)
        rest_api = reader.read(api_id, deployment_id)
        not_added = assembled.not_run if assembled else ()
        return rest_api, [*not_added, *reader.find_not_run()]


class _Reader:
    """Reads one API; the order is that of who refuses first: properties, stage, document, operations."""

    def __init__(self, properties: TemplatePart, stage_properties: TemplatePart, refusals: Refusals) -> None:
        self._refusals = refusals
        self._declared: list[tuple[str, str]] = []
        self._properties = properties
        self._stage_properties = stage_properties
        self._settings = StageSettings("", {}, None, is_traced=False, method_settings=())
        with refusals.collecting():
            check_rest_api_properties(properties)
        with refusals.collecting():
            self._settings = read_stage_settings(stage_properties)
        self._document = _find_document(properties)
        with refusals.collecting():
            _check_document(self._document)
        self._schemes = SecuritySchemes(self._document)
        self._requests = RequestReader(self._document)

    def read(self, api_id: str, deployment_id: str) -> RestApi:
        resources = tuple(self._read_resources(api_id))
        return RestApi(
            logical_id=self._properties.api.logical_id,
            api_id=api_id,
            name=_read_name(self._properties, self._document),
            stage_name=self._settings.stage_name,
            deployment_id=deployment_id,
            resources=resources,
            authorizers=self._schemes.authorizers,
            gateway_responses=read_gateway_responses(self._document),
            binary_media_types=tuple(dict.fromkeys(self._read_binary_media_types())),
            stage_variables=self._settings.variables,
            access_log_format=self._settings.access_log_format,
            is_traced=self._settings.is_traced,
            resource_policy=read_resource_policy(
                self._document[POLICY] or self._properties["Policy"], api_id
            ),
            api_key_source=read_api_key_source(
                self._document[API_KEY_SOURCE] or self._properties["ApiKeySourceType"]
            ),
        )

    def find_not_run(self) -> Iterator[NotRun]:
        if not self._declared:
            yield NotRun(self._properties.api.logical_id, _NO_METHOD)
        yield from find_ignored_security(self._document, _all_operations(self._document))
        yield from find_api_not_run(self._properties)
        yield from find_stage_not_run(self._stage_properties)
        yield from self._settings.find_unused(self._declared)
        yield from _find_document_not_run(self._document)
        yield from self._schemes.find_not_run()
        yield from self._requests.not_run
        for operation in _all_operations(self._document):
            yield from find_not_run(operation)

    def _read_resources(self, api_id: str) -> Iterator[Resource]:
        variables: dict[tuple[str, ...], str] = {}
        paths = set()
        for written, path_item in self._document["paths"].items():
            if is_foreign_extension(written):
                continue
            _check_path(written, path_item, variables)
            path = "/" + "/".join(split_path(written))
            if path in paths:
                raise path_item.refusal("another path differs from this one only by slashes at its end")
            paths.add(path)
            yield self._read_resource(api_id, path, path_item)

    def _read_resource(self, api_id: str, path: str, path_item: TemplatePart) -> Resource:
        path_item.refuse_unknown(_PATH_ITEM_KEYS, "a path")
        methods = {}
        for verb, operation in _operations(path_item).items():
            self._declared.append((verb, path))
            with self._refusals.collecting():
                methods[verb] = self._read_method(verb, path, path_item, operation)
        return Resource(_resource_id(api_id, path), path, methods)

    def _read_method(self, verb: str, path: str, path_item: TemplatePart, operation: TemplatePart) -> Method:
        operation.refuse_unknown(_OPERATION_KEYS | find_unknown_extensions(operation), "an operation")
        security = self._schemes.read_security(operation)
        return Method(
            http_method=verb,
            integration=read_integration(operation),
            authorizer=security.authorizer,
            scopes=security.scopes,
            api_key_required=security.api_key_required,
            validator=self._requests.read_validator(operation),
            request_models=self._requests.read_models(operation, path_item),
            required_parameters=self._requests.read_required_parameters(operation, path_item),
            throttle=self._settings.find_throttle(verb, path),
        )

    def _read_binary_media_types(self) -> Iterator[str]:
        # SAM writes the property as it stands in the template, with ~1, and the extension with slashes.
        for owner, key in ((self._properties, "BinaryMediaTypes"), (self._document, BINARY_MEDIA_TYPES)):
            for media_type in owner[key].elements():
                yield media_type.text().replace("~1", "/")


def _find_document(properties: TemplatePart) -> TemplatePart:
    body = properties["Body"]
    if not body:
        raise body.refusal("the API has no definition and no function with an Api event")
    return TemplatePart(properties.api, (properties.api.definition_property,), body.value)


def _check_document(document: TemplatePart) -> None:
    if document["swagger"] and document["swagger"].text() == "2.0":
        document.refuse_unknown(_SWAGGER_KEYS, "a Swagger 2.0 document")
    elif document["openapi"] and document["openapi"].text().startswith("3.0"):
        document.refuse_unknown(_OPENAPI_KEYS, "an OpenAPI 3.0 document")
    else:
        raise document.refusal("API Gateway imports Swagger 2.0 and OpenAPI 3.0 only", ("OpenApiVersion",))
    document["components"].refuse_unknown(_COMPONENT_KEYS, "the components")
    _check_endpoint(document[ENDPOINT_CONFIGURATION])
    for server in document["servers"].elements():
        server.refuse_unknown({"description", "url", "variables", ENDPOINT_CONFIGURATION}, "a server")
        _check_endpoint(server[ENDPOINT_CONFIGURATION])


def _check_endpoint(endpoint: TemplatePart) -> None:
    endpoint.refuse_unknown({"disableExecuteApiEndpoint", "vpcEndpointIds"}, "the endpoint configuration")
    if any(True for _ in endpoint["vpcEndpointIds"].elements()):
        raise endpoint["vpcEndpointIds"].refusal("VPC endpoints cannot be enforced locally")


def _all_operations(document: TemplatePart) -> Iterator[TemplatePart]:
    for path, path_item in document["paths"].items():
        if not is_foreign_extension(path):
            yield from _operations(path_item).values()


def _find_document_not_run(document: TemplatePart) -> Iterator[NotRun]:
    if document[MINIMUM_COMPRESSION_SIZE]:
        yield not_compressed(document[MINIMUM_COMPRESSION_SIZE])
    for owner in (document, *document["servers"].elements()):
        yield from find_disabled(owner[ENDPOINT_CONFIGURATION]["disableExecuteApiEndpoint"])
    if document[_CORS]:
        yield document[_CORS].not_run("REST APIs have no such configuration, here or on AWS")
    for key in _TLS_KEYS:
        if document[key]:
            yield not_encrypted(document[key])


def _check_path(path: str, path_item: TemplatePart, variables: dict[tuple[str, ...], str]) -> None:
    """Refuse a path that API Gateway cannot have, by itself or beside the others.

    `variables` collects the one path parameter that each level may have.
    """
    fault = find_path_fault(path)
    if fault is not None:
        raise path_item.refusal(fault)
    segments = split_path(path)
    for position, segment in enumerate(segments):
        if parameter_name(segment) is None:
            continue
        level = (*segments[:position], "greedy" if is_greedy(segment) else "")
        if variables.setdefault(level, segment) != segment:
            raise path_item.refusal(
                f"{variables[level]} stands in this place already; a level has one variable"
            )


def _operations(path_item: TemplatePart) -> dict[str, TemplatePart]:
    return {_VERBS[key]: operation for key, operation in path_item.items() if key in _VERBS}


def _read_name(properties: TemplatePart, document: TemplatePart) -> str:
    name = properties["Name"] or document["info"]["title"]
    return name.text() if name else properties.api.logical_id


def _resource_id(api_id: str, path: str) -> str:
    """Return an id in the form of AWS's, six letters and digits, the same at every start."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    number = int.from_bytes(hashlib.sha256(f"{api_id}{path}".encode()).digest())
    return "".join(digits[number // 36**place % 36] for place in range(6))
