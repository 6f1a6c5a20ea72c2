"""The API that a template describes, read without deploying it: no stack is asked and no stage has to run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.cloudformation.stack import LocalStack
from local_stage.cloudformation.template import Template
from local_stage.deployment.deployment import Deployer
from local_stage.deployment.target import Target


def read_template_api(
    template: Template, stack_name: str, region: str, user_pool_arns: Mapping[str, str] | None = None
) -> RestApi:
    """Return the API that a stage would serve of a template under this stack's name.

    `user_pool_arns` are those of the template's own pools by logical id, as far as they are known; what only
    a stack names has a made-up name. Raises StartError for what cannot be resolved or enforced, naming
    resource and property.
    """
    deployer = Deployer(
        template,
        Target(stack_name, region, api_origin="", aws_endpoint_url=""),
        LocalStack(stack_name, _refuse_client),
        inline_folder=Path(),
        environment_overrides={},
    )
    return deployer.read_rest_api(user_pool_arns)


def _refuse_client(service: str) -> NoReturn:
    raise AssertionError(f"nothing is deployed, and {service} not asked")
