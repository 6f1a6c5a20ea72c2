"""An API's document, with the `AWS::ApiGateway` resources of the template that add to it.

A method, authorizer, model, validator or gateway response of its own says what an OpenAPI document would say,
so it is written into one and read from there.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGateway.html
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, override

from local_stage.api_gateway.document_assembler import DocumentAssembler
from local_stage.api_gateway.integrations.registry import INTEGRATION
from local_stage.api_gateway.rest.definition.authorizer_resource import (
    build_scheme,
    find_unknown_of,
)
from local_stage.api_gateway.rest.definition.method_resource import (
    build_integration,
    build_parameters,
    lower_first,
)
from local_stage.api_gateway.rest.definition.request import VALIDATOR, VALIDATORS
from local_stage.api_gateway.rest.gateway_response import GATEWAY_RESPONSES
from local_stage.api_gateway.security_schemes import (
    AUTHORIZER,
    AUTHTYPE,
    IAM_SCHEME,
    find_name,
)
from local_stage.api_gateway.template_part import ApiResource, Assembled
from local_stage.api_gateway.unplaced_route import DECIDING, UnplacedRoute, is_open
from local_stage.cloudformation.unknown import Unknown, find_unknown
from local_stage.errors import NotRun

TYPES: Final = frozenset({"Authorizer", "GatewayResponse", "Method", "Model", "RequestValidator", "Resource"})
"""What comes after `AWS::ApiGateway::` in the types of resources that add to an API."""

_MODEL_ADDRESS: Final = re.compile(r"https://apigateway\.[\w.-]+/restapis/[\w-]+/models/(\w+)")
_BUILT_IN_MODELS: Final = {"Empty": {"type": "object"}, "Error": {"type": "object"}}
_IAM_NAME: Final = "sigv4"
_API_KEY_NAME: Final = "api_key"
_API_KEY: Final = {"type": "apiKey", "name": "x-api-key", "in": "header"}


def assemble(
    file: str, logical_id: str, body: Any, root_id: str, resources: Sequence[ApiResource]
) -> Assembled | None:
    """Return the document of an API, made of its own one and its resources, or None where nothing adds to it.

    `root_id` is the id of the API's resource `/`. Raises TemplateError where it is not clear who may call a
    method.
    """
    if body is not None and (not isinstance(body, Mapping) or not resources):
        return None
    document = copy.deepcopy(dict(body)) if isinstance(body, Mapping) else {"openapi": "3.0.1", "info": {}}
    assembler = _Assembler(file, logical_id, "RestApiId", document, resources, paths={root_id: ""})
    assembler.add()
    return assembler.assembled


@dataclass(slots=True)
class _Assembler(DocumentAssembler):
    paths: dict[str, str] = field(default_factory=dict)

    def add(self) -> None:
        """Add everything to the document."""
        asked_for = self.name_schemes(_IAM_NAME, _API_KEY_NAME)
        self._find_paths()
        for model in self.of_type("Model"):
            self._schemas()[model.ref] = self._read_schema(model)
        for validator in self.of_type("RequestValidator"):
            self.descend(VALIDATORS)[validator.ref] = {
                "validateRequestBody": validator.properties.get("ValidateRequestBody", False),
                "validateRequestParameters": validator.properties.get("ValidateRequestParameters", False),
            }
        for response in self.of_type("GatewayResponse"):
            properties = response.properties
            self.descend(GATEWAY_RESPONSES)[str(properties.get("ResponseType"))] = {
                lower_first(name): value for name, value in properties.items() if name in _RESPONSE_PROPERTIES
            }
        for method in sorted(self.of_type("Method"), key=self.may_be_elsewhere):
            self._add_method(method)
        self._complete_schemes(asked_for)

    def _find_paths(self) -> None:
        missing = list(self.of_type("Resource"))
        while found := [one for one in missing if self._has_path(one)]:
            for one in found:
                part = str(one.properties.get("PathPart"))
                self.paths[one.ref] = f"{self.paths[str(one.properties['ParentId'])]}/{part}"
            missing = [one for one in missing if one not in found]
        for one in missing:
            unknown = find_unknown([one.properties.get(name) for name in ("PathPart", "ParentId")])
            why = (
                f"its path is not known: {unknown.reason}"
                if unknown
                else "its parent is not in this template"
            )
            self.not_run.append(NotRun(one.logical_id, why))

    def _has_path(self, resource: ApiResource) -> bool:
        parent, part = (resource.properties.get(name) for name in ("ParentId", "PathPart"))
        return find_unknown([parent, part]) is None and parent in self.paths

    def _add_method(self, method: ApiResource) -> None:
        properties = method.properties
        resource, written = properties.get("ResourceId"), str(properties.get("HttpMethod")).lower()
        if isinstance(verb := properties.get("HttpMethod"), Unknown):
            why = f"its verb is not known, so that there is no such method here: {verb.reason}"
            self._leave_out(method, "ANY", NotRun(method.logical_id, why, "HttpMethod"))
            return
        if isinstance(resource, Unknown) or str(resource) not in self.paths:
            why = "its resource is not in this template, so that its path is not known and has no method here"
            self._leave_out(method, written.upper(), NotRun(method.logical_id, why, "ResourceId"))
            return
        path = self.paths[str(resource)] or "/"
        verb = "x-amazon-apigateway-any-method" if written == "any" else written
        path_item = self.descend("paths", path)
        if verb in path_item:
            if self.may_be_elsewhere(method):
                return
            raise self.refusal(method, "HttpMethod", f"{written.upper()} {path} is there already")
        path_item[verb] = self._operation(method)
        self.origins["paths", path, verb] = method.logical_id

    def _leave_out(self, method: ApiResource, verb: str, not_run: NotRun) -> None:
        self.not_run.append(not_run)
        if not is_open(method.properties):
            self.unplaced.append(UnplacedRoute(verb, Unknown("unknown-path", not_run)))

    def _operation(self, method: ApiResource) -> dict[str, Any]:
        properties = method.properties
        operation: dict[str, Any] = {"responses": {}, "security": self._security(method)}
        if isinstance(properties.get("Integration"), Mapping):
            operation[INTEGRATION] = build_integration(properties["Integration"])
        if validator := properties.get("RequestValidatorId"):
            operation[VALIDATOR] = validator
        if parameters := properties.get("RequestParameters"):
            operation["parameters"] = list(build_parameters(parameters))
        self._add_models(method, operation)
        return operation

    def _security(self, method: ApiResource) -> Any:
        properties = method.properties
        unknown = find_unknown([properties.get(name) for name in ("RestApiId", *DECIDING)])
        if unknown is not None:
            return unknown
        authorizer = properties.get("AuthorizerId")
        kind = str(properties.get("AuthorizationType", "NONE" if authorizer is None else "CUSTOM")).upper()
        requirement: dict[str, Any] = {}
        if kind in {"NONE", "AWS_IAM"} and (authorizer is not None or properties.get("AuthorizationScopes")):
            why = (
                f"is {kind}, which asks for no authorizer, and the method names one or its scopes;"
                " write COGNITO_USER_POOLS or CUSTOM, or take AuthorizerId and AuthorizationScopes away"
            )
            raise self.refusal(method, "AuthorizationType", why)
        match kind:
            case "NONE" if method.condition is not None:
                # Where that does not hold, a method that is protected may take its requests.
                return method.condition
            case "NONE":
                pass
            case "AWS_IAM":
                requirement = self.require(_IAM_NAME, IAM_SCHEME)
            case "CUSTOM" | "COGNITO_USER_POOLS":
                named = self.require_authorizer(method)
                unknown = find_unknown_of(named)
                if unknown is not None:
                    return unknown
                name = self.names.authorizers[named.logical_id]
                self.define(name, named, build_scheme(named))
                requirement = {name: list(properties.get("AuthorizationScopes") or [])}
            case _:
                raise self.refusal(method, "AuthorizationType", f"{kind} is no type of authorization")
        if str(properties.get("ApiKeyRequired", False)).lower() == "true":
            requirement |= self.require(_API_KEY_NAME, _API_KEY)
        return [requirement] if requirement else []

    def _complete_schemes(self, asked_for: set[str]) -> None:
        """Define the schemes that the document asks for by an authorizer's name and does not define."""
        own = [one for one in self.of_type("Authorizer") if not self.may_be_elsewhere(one)]
        by_name = {one.logical_id: one for one in own}
        by_name |= {name: one for one in own if (name := find_name(one)) is not None}
        for name in sorted(asked_for & by_name.keys()):
            if _is_incomplete(self.schemes().get(name)):
                self.define(name, by_name[name], build_scheme(by_name[name]))

    def _add_models(self, method: ApiResource, operation: dict[str, Any]) -> None:
        models = method.properties.get("RequestModels")
        for content_type, model in (models if isinstance(models, Mapping) else {}).items():
            if model in _BUILT_IN_MODELS:
                self._schemas().setdefault(model, _BUILT_IN_MODELS[model])
            if model not in self._schemas():
                why = f"the model {model} is not in this template, and no body is validated by it"
                self.not_run.append(NotRun(method.logical_id, why, "RequestModels"))
                continue
            schema = {"$ref": f"#/{'/'.join(self._schemas_path())}/{model}"}
            if self._is_swagger:
                body = {"in": "body", "name": str(model), "schema": schema}
                operation.setdefault("parameters", []).append(body)
                operation["consumes"] = [content_type]
            else:
                content = operation.setdefault("requestBody", {"content": {}})["content"]
                content[content_type] = {"schema": schema}

    def _read_schema(self, model: ApiResource) -> Any:
        schema = model.properties.get("Schema") or {}
        text = schema if isinstance(schema, str) else json.dumps(schema)
        try:
            return json.loads(_MODEL_ADDRESS.sub(rf"#/{'/'.join(self._schemas_path())}/\1", text))
        except ValueError as error:
            raise self.refusal(model, "Schema", f"cannot be read as JSON: {error}") from None

    @property
    def _is_swagger(self) -> bool:
        return "swagger" in self.document

    @property
    @override
    def schemes_path(self) -> tuple[str, ...]:
        return ("securityDefinitions",) if self._is_swagger else ("components", "securitySchemes")

    def _schemas_path(self) -> tuple[str, ...]:
        return ("definitions",) if self._is_swagger else ("components", "schemas")

    def _schemas(self) -> dict[str, Any]:
        return self.descend(*self._schemas_path())


def _is_incomplete(scheme: Any) -> bool:
    """Say whether a scheme is not there, or says nothing but where a token comes from."""
    if not isinstance(scheme, Mapping):
        return scheme is None
    return (
        AUTHORIZER not in scheme and AUTHTYPE not in scheme and str(scheme.get("name")).lower() != "x-api-key"
    )


_RESPONSE_PROPERTIES: Final = frozenset({"ResponseParameters", "ResponseTemplates", "StatusCode"})
