"""The API that a command is to tell of: a running stage's, a template's, or a deployed stack's."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.cloudformation.deployed_stack import DeployedStack
from local_stage.cloudformation.template import read_template
from local_stage.console.console_client import read_clock
from local_stage.deployment.deployment import is_made_up
from local_stage.deployment.required_groups import RequiredGroups, read_required_groups
from local_stage.deployment.template_api import read_template_api
from local_stage.errors import MachineError, TemplateError
from local_stage.serving.authorizers import AuthorizerDefinition
from local_stage.state import RunningStage


@dataclass(frozen=True, slots=True)
class FoundApi:
    """An API, its authorizers, the groups that its functions ask for, and the time that it goes by.

    `now` is in Unix seconds, `aws_endpoint_url` is the local AWS's, empty where there is none.
    """

    rest_api: RestApi
    groups: RequiredGroups
    definitions: Sequence[AuthorizerDefinition]
    now: float
    aws_endpoint_url: str = ""

    @property
    def has_pools(self) -> bool:
        """Whether the user pools are known: a template alone does not say which they will be."""
        arns = (arn for definition in self.definitions for arn in definition.user_pool_arns)
        return not any(map(is_made_up, arns))


def find_running_api(running: RunningStage) -> FoundApi:
    """Return the API that a stage serves: its template as it is saved now, its pools, its clock.

    Raises StartError where the template cannot be served, or the stage does not answer or has not yet built
    an authorizer that was saved since: a template is taken up by the next request.
    """
    rest_api, groups = _read(
        Path(running.template), running.parameter_overrides, running.stack_name, running.region
    )
    definitions = [AuthorizerDefinition(**definition) for definition in running.authorizers]
    built = {definition.name for definition in definitions}
    for name in rest_api.authorizers:
        if name not in built:
            raise MachineError(
                f"the stage has not yet taken up the authorizer {name}; call the API once, and ask again",
                file=running.template,
            )
    return FoundApi(rest_api, groups, definitions, read_clock(running), running.aws_endpoint_url)


def find_template_api(template: Path, overrides: Mapping[str, str], stack_name: str, region: str) -> FoundApi:
    """Return the API of a template, deployed or not. Raises StartError where it cannot be served."""
    rest_api, groups = _read(template, overrides, stack_name, region)
    return FoundApi(rest_api, groups, _define(rest_api), time.time())


def find_deployed_api(template: Path, stack: DeployedStack) -> FoundApi:
    """Return the API of a template as it is deployed: with the stack's parameters and user pools.

    Raises StartError where the template cannot be served or is not the stack's, or CloudFormation refuses.
    """
    pools = stack.find_user_pool_arns()
    rest_api, groups = _read(template, stack.parameters, stack.name, stack.region, pools)
    is_local = stack.local_aws_url is not None
    definitions = _define(rest_api, local_arns=pools.values() if is_local else ())
    found = FoundApi(rest_api, groups, definitions, time.time(), stack.local_aws_url or "")
    if not found.has_pools:
        raise TemplateError(
            "the stack lacks a user pool that this template has", file=str(template), resource=stack.name
        )
    return found


def _read(
    template: Path,
    overrides: Mapping[str, str],
    stack_name: str,
    region: str,
    user_pool_arns: Mapping[str, str] | None = None,
) -> tuple[RestApi, RequiredGroups]:
    read = read_template(template, overrides, region)
    rest_api = read_template_api(read, stack_name, region, user_pool_arns)
    return rest_api, read_required_groups(read.file)


def _define(rest_api: RestApi, local_arns: Iterable[str] = ()) -> list[AuthorizerDefinition]:
    local = frozenset(local_arns)
    return [
        AuthorizerDefinition.of(authorizer, local_arns=local, user_pool_arn=None)
        for authorizer in rest_api.authorizers.values()
    ]
