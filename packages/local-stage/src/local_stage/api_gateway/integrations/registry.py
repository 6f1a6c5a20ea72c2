"""The kinds of integration that are run, and what reads each.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.exchange import Outcome
from local_stage.api_gateway.integrations.integration import (
    Integration,
    IntegrationRequest,
    IntegrationResponse,
)
from local_stage.api_gateway.integrations.lambda_proxy import (
    LambdaProxyIntegration,
    find_proxy_not_run,
    read_lambda_proxy,
)
from local_stage.api_gateway.integrations.mock import read_mock
from local_stage.api_gateway.template_part import TemplatePart
from local_stage.errors import NotRun, TemplateError

INTEGRATION: Final = "x-amazon-apigateway-integration"

_EXTENSIONS: Final = {INTEGRATION, "x-amazon-apigateway-auth", "x-amazon-apigateway-request-validator"}
"""AWS's extensions of an operation: the integration, and what is read or refused elsewhere."""

_READERS: Final[Mapping[str, Callable[[TemplatePart], Integration]]] = {
    "aws_proxy": read_lambda_proxy,
    "mock": read_mock,
}
"""By the extension's `type` in lower case. Each raises StartError for what is not run."""


@dataclass(frozen=True, slots=True)
class UnavailableIntegration:
    """An integration that is not run here: a caller who may call gets 500, and the log has the reason."""

    reason: str
    note: NotRun

    async def invoke(self, asked: IntegrationRequest) -> IntegrationResponse:
        """Raise GatewayError, as API Gateway does for an integration that fails."""
        error = gateway_error.integration_failure(self.reason)
        asked.context.integration = Outcome(None, 0.0, error=error.message)
        raise error


def read_integration(operation: TemplatePart) -> Integration:
    """Return the integration of an operation; one that is not run here is an UnavailableIntegration."""
    try:
        return _read(operation)
    except TemplateError as error:
        note = NotRun(
            str(error.resource), f"{error.why}; the method answers 500", str(error.property_path or "")
        )
        return UnavailableIntegration(str(error), note)


def find_unknown_extensions(operation: TemplatePart) -> set[str]:
    """Return the keys of AWS's extensions of an operation that are not known here and name no caller."""
    return {key for key in operation.mapping() if str(key).lower().startswith("x-amazon-")} - _EXTENSIONS


def _read(operation: TemplatePart) -> Integration:
    for key in sorted(find_unknown_extensions(operation)):
        raise operation[key].refusal("the extension is not known here, and may change what is returned")
    integration = operation[INTEGRATION]
    if not integration:
        raise operation.refusal(f"has no {INTEGRATION}, and API Gateway deploys no method without one")
    kind = integration["type"].text().lower()
    if kind in _READERS:
        return _READERS[kind](integration)
    raise integration["type"].refusal(f"an integration of type {kind} is not run locally")


def find_not_run(operation: TemplatePart) -> Iterator[NotRun]:
    """Yield what of an integration has no effect here, or that it is not run."""
    integration = read_integration(operation)
    if isinstance(integration, UnavailableIntegration):
        yield integration.note
    elif isinstance(integration, LambdaProxyIntegration):
        yield from find_proxy_not_run(operation[INTEGRATION])
