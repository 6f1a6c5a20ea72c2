"""An API's document, with the `AWS::ApiGateway` resources of the template that add to it.

A method, authorizer, model, validator or gateway response of its own says what an OpenAPI document would say,
so it is written into one and read from there.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGateway.html
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from local_stage.api_gateway.integrations.registry import INTEGRATION
from local_stage.api_gateway.rest.definition.authorizer_resource import (
    build_scheme,
    find_asked_for,
    find_unknown_of,
)
from local_stage.api_gateway.rest.definition.lambda_authorizer import AUTHORIZER, AUTHTYPE
from local_stage.api_gateway.rest.definition.request import VALIDATOR, VALIDATORS
from local_stage.api_gateway.rest.gateway_response import GATEWAY_RESPONSES
from local_stage.api_gateway.template_part import ApiResource, Assembled
from local_stage.cloudformation.unknown import Unknown, find_unknown
from local_stage.errors import NotRun, TemplateError

TYPES: Final = frozenset({"Authorizer", "GatewayResponse", "Method", "Model", "RequestValidator", "Resource"})
"""What comes after `AWS::ApiGateway::` in the types of resources that add to an API."""

_LOCATIONS: Final = {"header": "header", "path": "path", "querystring": "query"}
_MODEL_ADDRESS: Final = re.compile(r"https://apigateway\.[\w.-]+/restapis/[\w-]+/models/(\w+)")
_BUILT_IN_MODELS: Final = {"Empty": {"type": "object"}, "Error": {"type": "object"}}
_IAM: Final = {"type": "apiKey", "name": "Authorization", "in": "header", AUTHTYPE: "awsSigv4"}
_API_KEY: Final = {"type": "apiKey", "name": "x-api-key", "in": "header"}


def assemble(file: str, body: Any, root_id: str, resources: Sequence[ApiResource]) -> Assembled | None:
    """Return the document of an API, made of its own one and its resources, or None where nothing adds to it.

    `root_id` is the id of the API's resource `/`. Raises TemplateError where it is not clear who may call a
    method.
    """
    if body is not None and (not isinstance(body, Mapping) or not resources):
        return None
    document = copy.deepcopy(dict(body)) if isinstance(body, Mapping) else {"openapi": "3.0.1", "info": {}}
    assembler = _Assembler(file, document, resources, {root_id: ""})
    assembler.add()
    return Assembled(document, assembler.origins, assembler.not_run)


@dataclass(slots=True)
class _Assembler:
    file: str
    document: dict[str, Any]
    resources: Sequence[ApiResource]
    paths: dict[str, str]
    origins: dict[tuple[str, ...], str] = field(default_factory=dict)
    not_run: list[NotRun] = field(default_factory=list)

    def add(self) -> None:
        """Add everything to the document."""
        self.document.setdefault("paths", {})
        self._find_paths()
        for model in self._all("Model"):
            self._schemas()[model.ref] = self._read_schema(model)
        for validator in self._all("RequestValidator"):
            self.document.setdefault(VALIDATORS, {})[validator.ref] = {
                "validateRequestBody": validator.properties.get("ValidateRequestBody", False),
                "validateRequestParameters": validator.properties.get("ValidateRequestParameters", False),
            }
        for response in self._all("GatewayResponse"):
            properties = response.properties
            self.document.setdefault(GATEWAY_RESPONSES, {})[str(properties.get("ResponseType"))] = {
                _lower(name): value for name, value in properties.items() if name in _RESPONSE_PROPERTIES
            }
        for method in self._all("Method"):
            self._add_method(method)
        self._complete_schemes()

    def _all(self, kind: str) -> Iterable[ApiResource]:
        return (resource for resource in self.resources if resource.type == kind)

    def _find_paths(self) -> None:
        missing = list(self._all("Resource"))
        while found := [one for one in missing if one.properties.get("ParentId") in self.paths]:
            for one in found:
                part = str(one.properties.get("PathPart"))
                self.paths[one.ref] = f"{self.paths[str(one.properties['ParentId'])]}/{part}"
            missing = [one for one in missing if one not in found]
        self.not_run += [NotRun(one.logical_id, "its parent is not in this template") for one in missing]

    def _add_method(self, method: ApiResource) -> None:
        properties = method.properties
        resource = str(properties.get("ResourceId"))
        if resource not in self.paths:
            why = "its resource is not in this template, so that its path is not known and has no method here"
            self.not_run.append(NotRun(method.logical_id, why, "ResourceId"))
            return
        path = self.paths[resource] or "/"
        written = str(properties.get("HttpMethod")).lower()
        verb = "x-amazon-apigateway-any-method" if written == "any" else written
        path_item = self.document["paths"].setdefault(path, {})
        if verb in path_item:
            raise self._refusal(method, "HttpMethod", f"{written.upper()} {path} is there already")
        path_item[verb] = self._operation(method)
        self.origins["paths", path, verb] = method.logical_id

    def _operation(self, method: ApiResource) -> dict[str, Any]:
        properties = method.properties
        operation: dict[str, Any] = {"responses": {}, "security": self._security(method)}
        if isinstance(properties.get("Integration"), Mapping):
            operation[INTEGRATION] = _integration(properties["Integration"])
        if validator := properties.get("RequestValidatorId"):
            operation[VALIDATOR] = validator
        if parameters := properties.get("RequestParameters"):
            operation["parameters"] = list(_parameters(parameters))
        self._add_models(method, operation)
        return operation

    def _security(self, method: ApiResource) -> Any:
        properties = method.properties
        names = ("AuthorizationType", "AuthorizerId", "AuthorizationScopes", "ApiKeyRequired")
        unknown = find_unknown([properties.get(name) for name in names])
        if unknown is not None:
            return unknown
        authorizer = properties.get("AuthorizerId")
        kind = str(properties.get("AuthorizationType", "NONE" if authorizer is None else "CUSTOM")).upper()
        requirement: dict[str, Any] = {}
        match kind:
            case "NONE":
                pass
            case "AWS_IAM":
                self._schemes().setdefault("sigv4", _IAM)
                requirement = {"sigv4": []}
            case "CUSTOM" | "COGNITO_USER_POOLS":
                named = self._require_authorizer(method, authorizer)
                unknown = find_unknown_of(named)
                if unknown is not None:
                    return unknown
                requirement = {self._add_scheme(named): list(properties.get("AuthorizationScopes") or [])}
            case _:
                raise self._refusal(method, "AuthorizationType", f"{kind} is no type of authorization")
        if str(properties.get("ApiKeyRequired", False)).lower() == "true":
            self._schemes().setdefault("api_key", _API_KEY)
            requirement["api_key"] = []
        return [requirement] if requirement else []

    def _require_authorizer(self, method: ApiResource, ref: Any) -> ApiResource:
        for authorizer in self._all("Authorizer"):
            if authorizer.ref == ref:
                return authorizer
        raise self._refusal(method, "AuthorizerId", f"{ref} is no authorizer of this API in the template")

    def _add_scheme(self, authorizer: ApiResource) -> str:
        name = self._name_authorizer(authorizer)
        self._schemes()[name] = build_scheme(authorizer)
        self.origins[*self._schemes_path(), name] = authorizer.logical_id
        return name

    def _name_authorizer(self, authorizer: ApiResource) -> str:
        """Return its name, or its logical id where that is not known or another scheme has it."""
        name = authorizer.properties.get("Name")
        taken = self._schemes().keys() - {
            path[-1] for path, logical_id in self.origins.items() if logical_id == authorizer.logical_id
        }
        is_usable = isinstance(name, str) and not isinstance(name, Unknown) and name not in taken
        return str(name) if is_usable else authorizer.logical_id

    def _complete_schemes(self) -> None:
        """Define the schemes that the document asks for by an authorizer's name and does not define."""
        by_name = {str(one.properties.get("Name")): one for one in self._all("Authorizer")}
        by_name |= {one.logical_id: one for one in self._all("Authorizer")}
        for name in sorted(find_asked_for(self.document) & by_name.keys()):
            scheme = self._schemes().get(name)
            if scheme is None or (isinstance(scheme, Mapping) and AUTHORIZER not in scheme):
                self._schemes()[name] = build_scheme(by_name[name])
                self.origins[*self._schemes_path(), name] = by_name[name].logical_id

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
            raise self._refusal(model, "Schema", f"cannot be read as JSON: {error}") from None

    @property
    def _is_swagger(self) -> bool:
        return "swagger" in self.document

    def _schemes_path(self) -> tuple[str, ...]:
        return ("securityDefinitions",) if self._is_swagger else ("components", "securitySchemes")

    def _schemas_path(self) -> tuple[str, ...]:
        return ("definitions",) if self._is_swagger else ("components", "schemas")

    def _schemes(self) -> dict[str, Any]:
        return self._descend(self._schemes_path())

    def _schemas(self) -> dict[str, Any]:
        return self._descend(self._schemas_path())

    def _descend(self, path: tuple[str, ...]) -> dict[str, Any]:
        found = self.document
        for key in path:
            found = found.setdefault(key, {})
        return found

    def _refusal(self, resource: ApiResource, property_path: str, why: str) -> TemplateError:
        return TemplateError(why, file=self.file, resource=resource.logical_id, property_path=property_path)


_RESPONSE_PROPERTIES: Final = frozenset({"ResponseParameters", "ResponseTemplates", "StatusCode"})


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _integration(properties: Mapping[str, Any]) -> dict[str, Any]:
    integration = {
        _lower(name): value
        for name, value in properties.items()
        if name not in {"IntegrationHttpMethod", "IntegrationResponses"}
    }
    if "IntegrationHttpMethod" in properties:
        integration["httpMethod"] = properties["IntegrationHttpMethod"]
    if properties.get("IntegrationResponses"):
        integration["responses"] = {
            str(response.get("SelectionPattern") or "default"): {
                _lower(name): value for name, value in response.items() if name != "SelectionPattern"
            }
            for response in properties["IntegrationResponses"]
        }
    return integration


def _parameters(parameters: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for name, required in parameters.items():
        _, _, location, parameter = [*str(name).split(".", 3), "", "", ""][:4]
        if location in _LOCATIONS:
            yield {"in": _LOCATIONS[location], "name": parameter, "required": required}
