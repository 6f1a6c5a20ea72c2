"""Reads an HTTP API: an `AWS::ApiGatewayV2::Api` with its OpenAPI document, and what adds to it.

What decides who may call is read or refused. What else is not run is told, and keeps no API from starting.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from local_stage.api_gateway.http.cors import CorsConfiguration
from local_stage.api_gateway.http.http_api import ANY, DEFAULT, HttpApi, HttpRoute
from local_stage.api_gateway.http.lambda_integration import find_not_run, read_integration
from local_stage.api_gateway.http.resources import VERBS, assemble
from local_stage.api_gateway.http.router import Router, split_path
from local_stage.api_gateway.http.security import SecuritySchemes
from local_stage.api_gateway.http.stage_settings import StageSettings, find_stage_not_run, read_stage_settings
from local_stage.api_gateway.rest.router import is_greedy, parameter_name
from local_stage.api_gateway.template_part import ApiResource, TemplateApi, TemplatePart, is_foreign_extension
from local_stage.cloudformation.unknown import find_unknown
from local_stage.errors import NotRun

CORS: Final = "x-amazon-apigateway-cors"
POLICY: Final = "x-amazon-apigateway-policy"

_CORS_KEYS: Final = frozenset(
    {"allowCredentials", "allowHeaders", "allowMethods", "allowOrigins", "exposeHeaders", "maxAge"}
)
_ENDPOINT: Final = "x-amazon-apigateway-endpoint-configuration"
_NO_DOMAIN: Final = "custom domains are not served here; the API is called by its own address all the same"
_VARIABLE: Final = re.compile(r"\{[\w.:-]+\+?\}", re.ASCII)


def read_http_api(
    *,
    file: str,
    logical_id: str,
    api_properties: Mapping[str, Any],
    stage_properties: Mapping[str, Any],
    api_id: str,
    written_properties: Mapping[str, Any] | None = None,
    resources: Sequence[ApiResource] = (),
) -> tuple[HttpApi, list[NotRun]]:
    """Return the API and what of it is not run.

    Both mappings of properties are CloudFormation's as SAM's translator emits them, with every intrinsic
    function resolved. `written_properties` are those of the API in the template as written; with them an
    error names a part of a definition written by hand by its place in that definition. `resources` are those
    that add to the API.

    Raises TemplateError where the API has what decides who may call and cannot be enforced, or what AWS does
    not take.
    """
    assembled = assemble(file, logical_id, api_properties, resources)
    origins, unplaced = (assembled.origins, assembled.unplaced) if assembled else ({}, ())
    api = TemplateApi(file, logical_id, written_properties or {}, origins, unplaced)
    own = {**api_properties, "Body": assembled.document} if assembled else api_properties
    reader = _Reader(TemplatePart(api, (), own), TemplatePart(api, (), stage_properties))
    not_added = assembled.not_run if assembled else ()
    return reader.read(api_id), [*not_added, *reader.find_not_run()]


class _Reader:
    """Reads one API."""

    def __init__(self, properties: TemplatePart, stage_properties: TemplatePart) -> None:
        self._properties = properties
        self._stage_properties = stage_properties
        self._settings: StageSettings = read_stage_settings(stage_properties)
        self._document = _find_document(properties)
        self._schemes = SecuritySchemes(self._document)
        self._not_run: list[NotRun] = []

    def read(self, api_id: str) -> HttpApi:
        routes = tuple(self._read_routes())
        try:
            Router(routes)
        except ValueError as error:
            raise self._document["paths"].refusal(str(error)) from None
        self._not_run += self._settings.find_unused({route.key for route in routes})
        title = self._properties["Name"] or self._document["info"]["title"]
        return HttpApi(
            logical_id=self._properties.api.logical_id,
            api_id=api_id,
            name=title.text() if title else self._properties.api.logical_id,
            stage_name=self._settings.stage_name,
            http_routes=routes,
            authorizers=self._schemes.authorizers,
            cors=self._read_cors(self._document[CORS] or self._properties["CorsConfiguration"]),
            stage_variables=self._settings.variables,
            access_log_format=self._settings.access_log_format,
        )

    def find_not_run(self) -> Iterator[NotRun]:
        yield from self._not_run
        yield from self._schemes.find_not_run()
        yield from find_stage_not_run(self._stage_properties)
        for part in self._find_endpoints():
            if not find_unknown(part.value) and part.boolean():
                yield part.not_run(_NO_DOMAIN, ("DisableExecuteApiEndpoint",))

    def _read_cors(self, part: TemplatePart) -> CorsConfiguration | None:
        if part and not isinstance(part.value, Mapping):
            why = (
                "SAM writes an intrinsic function of AllowOrigins in the place of the whole configuration,"
                " which AWS cannot read: there is none; write the origins as a list"
            )
            self._not_run.append(part.not_run(why, ("CorsConfiguration",)))
            return None
        return _read_cors(part)

    def _find_endpoints(self) -> Iterator[TemplatePart]:
        yield self._properties["DisableExecuteApiEndpoint"]
        for server in self._document["servers"].elements():
            yield server[_ENDPOINT]["disableExecuteApiEndpoint"]

    def _read_routes(self) -> Iterator[HttpRoute]:
        for path, path_item in self._document["paths"].items():
            if is_foreign_extension(path):
                continue
            for key, operation in path_item.items():
                if key in VERBS and self._has_route(VERBS[key], path, operation):
                    yield self._read_route(VERBS[key], path, operation)

    def _read_route(self, verb: str, path: str, operation: TemplatePart) -> HttpRoute:
        authorizer, scopes = self._schemes.read_security(operation)
        # With FailOnWarnings SAM writes /$default.
        written = DEFAULT if path.strip("/") == DEFAULT else path
        route = HttpRoute(verb, written, read_integration(operation, self._document), authorizer, scopes)
        self._not_run += find_not_run(operation, self._document)
        return replace(route, throttle=self._settings.find_throttle(route.key))

    def _has_route(self, verb: str, path: str, operation: TemplatePart) -> bool:
        """Say whether API Gateway makes a route of an operation; the developer is told of others."""
        if path.strip("/") == DEFAULT:
            if verb == ANY or operation["isDefaultRoute"].boolean():
                return True
            self._not_run.append(operation.not_run("AWS makes no route of it: $default takes ANY"))
            return False
        if path.endswith("/") and path != "/":
            why = "AWS makes no route of a path that ends in a slash, without a word: cut it off"
            self._not_run.append(operation.not_run(why))
            return False
        if fault := find_path_fault(path):
            raise operation.refusal(fault)
        return True


def find_path_fault(path: str) -> str | None:
    """Return why an HTTP API cannot have a route with this path, or None if it can."""
    if not path.startswith("/"):
        return "a path starts with a slash"
    segments = split_path(path)
    for segment in segments:
        if ("{" in segment or "}" in segment) and not _VARIABLE.fullmatch(segment):
            return f"a path parameter is a segment of its own, as {{id}}, and not {segment!r}"
    if any(is_greedy(segment) for segment in segments[:-1]):
        return "nothing can follow a greedy path parameter"
    names = [name for name in map(parameter_name, segments) if name is not None]
    return "a path parameter stands twice in this path" if len(set(names)) < len(names) else None


def _find_document(properties: TemplatePart) -> TemplatePart:
    protocol = properties["ProtocolType"]
    if protocol and protocol.text().upper() != "HTTP":
        raise protocol.refusal("WebSocket APIs are not served locally")
    base_path = properties["BasePath"]
    if base_path and (find_unknown(base_path.value) or base_path.text() != "ignore"):
        why = "only `ignore` is served here; write it, and the whole path at every route"
        raise base_path.refusal(why)
    body = properties["Body"]
    if not body:
        why = "the API has no definition in the template, and no function with an HttpApi event"
        raise body.refusal(why, ("DefinitionUri",))
    document = TemplatePart(properties.api, (properties.api.definition_property,), body.value)
    if document["security"].value:
        _check_security(document)
    if document[POLICY]:
        raise document[POLICY].refusal("an HTTP API has no resource policy: AWS would not enforce it either")
    return document


def _check_security(document: TemplatePart) -> None:
    """Refuse an operation that relies on the whole document's security: REST APIs ignore it."""
    for path, path_item in document["paths"].items():
        for key, operation in () if is_foreign_extension(path) else path_item.items():
            if key in VERBS and "security" not in operation.mapping():
                why = (
                    "what AWS makes of security that stands for the whole document is not known;"
                    f" write it for {VERBS[key]} {path} itself"
                )
                raise document["security"].refusal(why)


def _read_cors(part: TemplatePart) -> CorsConfiguration | None:
    """Read the document's or the resource's CORS configuration, whose keys differ in their first letter."""
    if not part:
        return None
    keys = {f"{key[:1].lower()}{key[1:]}": key for key in part.mapping()}
    read = {key: part[keys.get(key, key)] for key in _CORS_KEYS}
    age = read["maxAge"]
    return CorsConfiguration(
        allow_origins=_texts(read["allowOrigins"]),
        allow_methods=_texts(read["allowMethods"]),
        allow_headers=_texts(read["allowHeaders"]),
        expose_headers=_texts(read["exposeHeaders"]),
        max_age=int(age.number()) if age and not find_unknown(age.value) else None,
        allow_credentials=not find_unknown(read["allowCredentials"].value)
        and read["allowCredentials"].boolean(),
    )


def _texts(part: TemplatePart) -> tuple[str, ...]:
    """Return a list's texts; one that is not known allows nothing."""
    return () if find_unknown(part.value) else tuple(element.text() for element in part.elements())
