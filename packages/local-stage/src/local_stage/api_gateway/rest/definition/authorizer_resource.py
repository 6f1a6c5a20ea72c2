"""An `AWS::ApiGateway::Authorizer` as the security scheme that says the same.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-authorizer.html
"""

from __future__ import annotations

from typing import Any, Final

from local_stage.api_gateway.security_schemes import AUTHORIZER, AUTHTYPE
from local_stage.api_gateway.template_part import ApiResource
from local_stage.cloudformation.unknown import Unknown, find_unknown

_HEADER: Final = "method.request.header."


def build_scheme(authorizer: ApiResource) -> dict[str, Any]:
    """Return the security scheme that says what an authorizer's properties say."""
    properties = authorizer.properties
    kind = str(properties.get("Type")).lower()
    source = properties.get("IdentitySource") or f"{_HEADER}Authorization"
    header = source
    if not isinstance(source, Unknown):
        header = "Unused" if kind == "request" else str(source).removeprefix(_HEADER)
    settings = {
        "type": kind,
        "providerARNs": properties.get("ProviderARNs"),
        "identitySource": properties.get("IdentitySource"),
        "identityValidationExpression": properties.get("IdentityValidationExpression"),
        "authorizerUri": properties.get("AuthorizerUri"),
        "authorizerCredentials": properties.get("AuthorizerCredentials"),
        "authorizerResultTtlInSeconds": properties.get("AuthorizerResultTtlInSeconds"),
    }
    return {
        "type": "apiKey",
        "name": header,
        "in": "header",
        AUTHTYPE: "cognito_user_pools" if kind == "cognito_user_pools" else "custom",
        AUTHORIZER: {name: value for name, value in settings.items() if value is not None},
    }


def find_unknown_of(authorizer: ApiResource) -> Unknown | None:
    """Return what is not known of an authorizer and may decide who may call; each pool may be closed."""
    harmless = {"AuthorizerResultTtlInSeconds", "Name", "ProviderARNs"}
    return find_unknown([value for name, value in authorizer.properties.items() if name not in harmless])
