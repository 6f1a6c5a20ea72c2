"""An `AWS::ApiGateway::Method` as the operation of a document that says the same.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-method.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

_LOCATIONS: Final = {"header": "header", "path": "path", "querystring": "query"}


def lower_first(name: str) -> str:
    """Return a property's name as a document spells it."""
    return name[:1].lower() + name[1:]


def build_integration(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the integration of an operation that says what a method's says."""
    integration = {
        lower_first(name): value
        for name, value in properties.items()
        if name not in {"IntegrationHttpMethod", "IntegrationResponses"}
    }
    if "IntegrationHttpMethod" in properties:
        integration["httpMethod"] = properties["IntegrationHttpMethod"]
    if properties.get("IntegrationResponses"):
        integration["responses"] = {
            str(response.get("SelectionPattern") or "default"): {
                lower_first(name): value for name, value in response.items() if name != "SelectionPattern"
            }
            for response in properties["IntegrationResponses"]
        }
    return integration


def build_parameters(parameters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield an operation's parameters, which a method names as `method.request.header.x-name`."""
    for name, required in parameters.items():
        _, _, location, parameter = [*str(name).split(".", 3), "", "", ""][:4]
        if location in _LOCATIONS:
            yield {"in": _LOCATIONS[location], "name": parameter, "required": required}
