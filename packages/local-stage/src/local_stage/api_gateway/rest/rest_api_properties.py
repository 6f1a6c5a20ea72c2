"""The properties of an `AWS::ApiGateway::RestApi` beside its definition: which are harmless, which refused.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-restapi.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from local_stage.api_gateway.template_part import TemplatePart
from local_stage.errors import IgnoredProperty, StartError

_KNOWN: Final = frozenset(
    {
        "ApiKeySourceType", "BinaryMediaTypes", "Body", "Description", "DisableExecuteApiEndpoint",
        "EndpointAccessMode", "EndpointConfiguration", "FailOnWarnings", "MinimumCompressionSize", "Mode",
        "Name", "Parameters", "SecurityPolicy", "Tags",
    }
)  # fmt: skip
_REFUSED: Final = {
    "BodyS3Location": "a definition in S3 cannot be read at start; write it as DefinitionBody",
    "CloneFrom": "another API cannot be cloned locally; write its definition as DefinitionBody",
    "Policy": "a resource policy cannot be enforced locally",
}
_SAM_NAMES: Final = {"BodyS3Location": ("DefinitionUri",)}
_PARAMETERS: Final = {
    "basepath": frozenset({"ignore"}),
    "endpointConfigurationTypes": frozenset({"EDGE", "REGIONAL"}),
    "ignore": frozenset({"documentation"}),
}
_UNCOMPRESSED: Final = "answers are not compressed here, and compressed requests are passed on"
_PLAIN_HTTP: Final = "the stage speaks plain HTTP"
_NO_EDGE: Final = "served as a REGIONAL API, without CloudFront's headers; choose REGIONAL"


def check_rest_api_properties(properties: TemplatePart) -> None:
    """Raise StartError for every property that the stage could not do right by."""
    for key, why in _REFUSED.items():
        if properties[key]:
            raise properties[key].refusal(why, _SAM_NAMES.get(key))
    properties.refuse_unknown(_KNOWN, "the REST API")
    if properties["DisableExecuteApiEndpoint"].boolean():
        raise refuse_disabled_endpoint(properties["DisableExecuteApiEndpoint"])
    _check_endpoint(properties["EndpointConfiguration"])
    _check_parameters(properties["Parameters"])


def find_not_run(properties: TemplatePart) -> Iterator[IgnoredProperty]:
    """Yield the properties that have no effect here."""
    if properties["MinimumCompressionSize"]:
        yield not_compressed(properties["MinimumCompressionSize"])
    for key in ("EndpointAccessMode", "SecurityPolicy"):
        if properties[key]:
            yield properties[key].not_run(_PLAIN_HTTP)
    endpoint = properties["EndpointConfiguration"]
    if [part.value for part in endpoint["Types"].elements()] in ([], ["EDGE"]):
        yield endpoint.not_run(_NO_EDGE)


def refuse_disabled_endpoint(part: TemplatePart) -> StartError:
    """Return the error for an API that only a custom domain serves."""
    why = "custom domains are not served locally, and without them nothing could call this API"
    return part.refusal(why, ("DisableExecuteApiEndpoint",))


def not_compressed(part: TemplatePart) -> IgnoredProperty:
    """Return the note that nothing is compressed."""
    return part.not_run(_UNCOMPRESSED, ("MinimumCompressionSize",))


def not_encrypted(part: TemplatePart) -> IgnoredProperty:
    """Return the note that settings of TLS have nothing to set."""
    return part.not_run(_PLAIN_HTTP)


def _check_endpoint(endpoint: TemplatePart) -> None:
    endpoint.refuse_unknown({"IpAddressType", "Types", "VpcEndpointIds"}, "the endpoint configuration")
    if any(True for _ in endpoint["VpcEndpointIds"].elements()):
        raise endpoint["VpcEndpointIds"].refusal("VPC endpoints cannot be enforced locally")
    for kind in endpoint["Types"].elements():
        if kind.text() not in _PARAMETERS["endpointConfigurationTypes"]:
            why = f"who may reach a {kind.text()} API cannot be enforced locally; use REGIONAL"
            raise kind.refusal(why, ("EndpointConfiguration",))


def _check_parameters(parameters: TemplatePart) -> None:
    parameters.refuse_unknown(_PARAMETERS, "the import's parameters")
    for key, part in parameters.items():
        if key in _PARAMETERS and part.text() not in _PARAMETERS[key]:
            raise part.refusal(f"{part.text()} is not run locally")
