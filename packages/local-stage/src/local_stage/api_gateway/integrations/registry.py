"""The kinds of integration that are run, and what reads each.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from local_stage.api_gateway.integrations.integration import Integration
from local_stage.api_gateway.integrations.lambda_proxy import read_lambda_proxy
from local_stage.api_gateway.integrations.mock import read_mock
from local_stage.api_gateway.template_part import TemplatePart
from local_stage.errors import NotRun

INTEGRATION: Final = "x-amazon-apigateway-integration"

_READERS: Final[Mapping[str, Callable[[TemplatePart], Integration]]] = {
    "aws_proxy": read_lambda_proxy,
    "mock": read_mock,
}
"""By the extension's `type` in lower case. Each raises StartError for what is not run."""


def read_integration(operation: TemplatePart) -> Integration:
    """Return the integration of an operation. Raises StartError for a kind that is not run."""
    integration = operation[INTEGRATION]
    if not integration:
        raise operation.refusal(f"has no {INTEGRATION}; API Gateway deploys no method without one")
    kind = integration["type"].text().lower()
    if kind in _READERS:
        return _READERS[kind](integration)
    why = f"an integration of type {kind} is not run locally; use a Lambda function (aws_proxy)"
    raise integration["type"].refusal(why)


def find_not_run(operation: TemplatePart) -> Iterator[NotRun]:
    """Yield what of an integration has no effect here."""
    if credentials := operation[INTEGRATION]["credentials"]:
        yield credentials.not_run("the function is invoked without assuming a role")
