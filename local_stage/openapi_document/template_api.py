"""Reads the API of a template for a document of it: no stack is deployed and no stage has to run."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NoReturn

from local_stage.api_gateway.rest_api import RestApi
from local_stage.cloudformation.stack import LocalStack
from local_stage.cloudformation.template import read_template
from local_stage.deployment import Deployer
from local_stage.options import StartOptions
from local_stage.target import Target

_NOWHERE: Final = "http://127.0.0.1"


def read_template_api(options: StartOptions) -> RestApi:
    """Return the API of the template that a stage with these options would serve.

    What only a stack names has a made-up name. Raises StartError for what cannot be read or enforced, naming
    resource and property.
    """
    deployer = Deployer(
        read_template(options.template, options.parameter_overrides, options.region),
        Target(options.stack_name, options.region, _NOWHERE, _NOWHERE),
        LocalStack(options.stack_name, _no_client),
        inline_folder=Path("inline-code"),
        environment_overrides={},
    )
    return deployer.read_rest_api()


def _no_client(service: str) -> NoReturn:
    raise AssertionError(f"nothing is asked of {service}")
