"""What one template becomes on this machine: APIs, their functions, and a stack in the local AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn

from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.api_gateway.usage_plan import ApiKey, UsagePlan
from local_stage.cloudformation.attached_policies import make_placeholder_caller
from local_stage.cloudformation.intrinsics import Intrinsics, PhysicalResource
from local_stage.cloudformation.local_template import LocalTemplate
from local_stage.cloudformation.placement import PlaceholderResources, place_resources
from local_stage.cloudformation.pool_settings import CLIENT, USER_POOL
from local_stage.cloudformation.stack import LocalStack, ResourceFailedError
from local_stage.cloudformation.template import Template, learn_values
from local_stage.cognito.user_pool import UserPoolArn
from local_stage.deployment.invoked_functions import find_invoked_functions, find_unshared_concurrency
from local_stage.deployment.placed_template import FUNCTION, PlacedApi, PlacedTemplate
from local_stage.deployment.required_groups import RequiredGroups, read_required_groups
from local_stage.deployment.resolved_template import ResolvedTemplate
from local_stage.deployment.served_api import DefinedApi
from local_stage.deployment.target import ACCOUNT_ID, Target
from local_stage.errors import NotRunLocally, Refusals, TemplateError, reading
from local_stage.lambda_runtime.function_settings import FunctionSettings

_PLACEHOLDER_STACK_ID: Final = "arn:aws:cloudformation:::stack/placeholder/0-0-0-0-0"
_PLACEHOLDER_POOL: Final = "Placeholder"


def is_placeholder(user_pool: str) -> bool:
    """Say whether the pool's name is not known, as one of the template's own: `Deployer.read_apis`."""
    return user_pool.endswith(f"_{_PLACEHOLDER_POOL}") or user_pool.startswith("<")


@dataclass(frozen=True, slots=True)
class Deployment:
    """Everything of a template that runs on this machine, and what does not.

    `apis` are in the template's order. `functions` are by the ARN with which an API invokes them,
    their own where none does. `outputs` are the stack's, with each API's origin on AWS replaced by its
    local one. `not_run` is the list to which also those add who run what was deployed. `required_groups` are
    those that the functions are said to ask for. `user_pools` and `app_clients` are the ids of those that
    the local AWS has, by logical id.
    """

    apis: tuple[DefinedApi, ...]
    functions: Mapping[str, FunctionSettings]
    outputs: Mapping[str, str]
    local_user_pool_arns: frozenset[str]
    not_run: NotRunLocally
    required_groups: RequiredGroups = field(default_factory=dict)
    usage_plans: tuple[UsagePlan, ...] = ()
    api_keys: tuple[ApiKey, ...] = ()
    user_pools: Mapping[str, str] = field(default_factory=dict)
    app_clients: Mapping[str, str] = field(default_factory=dict)

    @property
    def rest_apis(self) -> tuple[RestApi, ...]:
        """The REST APIs among the APIs."""
        return tuple(api for api in self.apis if isinstance(api, RestApi))


class Deployer:
    """Deploys a template to the local AWS and reads from the result what the stage serves.

    Its methods block.
    """

    def __init__(
        self,
        template: Template,
        target: Target,
        stack: LocalStack,
        *,
        inline_folder: Path,
        environment_overrides: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._template = template
        self._target = target
        self._stack = stack
        self._inline_folder = inline_folder
        self._environment_overrides = environment_overrides
        self._file = str(template.file)
        self._intrinsics = Intrinsics(
            parameters={**template.parameters, **target.pseudo_parameters},
            conditions=template.translated.get("Conditions", {}),
            mappings=template.translated.get("Mappings", {}),
            declared={name: str(resource["Type"]) for name, resource in template.resources.items()},
            imports=template.imports,
        )
        with reading(self._file):
            self._placed = PlacedTemplate(
                template,
                place_resources(self._file, template.resources, self._intrinsics, template.find_written),
            )

    @property
    def included(self) -> tuple[Path, ...]:
        """The files that were read for the template beside the template's own."""
        return self._template.included

    @property
    def apis(self) -> list[PlacedApi]:
        """The APIs of the template with their stages, in the order in which they are served."""
        return self._placed.find_apis()

    def check(self) -> None:
        """Refuse a template before anything is deployed, so that one which is refused changes nothing.

        What the local AWS names has a placeholder meanwhile. Raises StartError for what cannot be resolved
        or enforced, naming resource and property.
        """
        with reading(self._file), Refusals() as refusals:
            refusals.add(*self._placed.placement.refused)
            self._require_something()
            self._local_template.body({})
            resolved = self._resolve(self._make_placeholder_resources(), stack_id=_PLACEHOLDER_STACK_ID)
            for read in (
                partial(resolved.resolve_outputs, ()),
                resolved.read_apis,
                resolved.read_functions,
                resolved.read_usage_plans,
                resolved.find_versions,
                partial(read_required_groups, self._template.file),
            ):
                with refusals.collecting():
                    read()

    def read_apis(self, user_pool_arns: Mapping[str, str] | None = None) -> tuple[DefinedApi, ...]:
        """Return the APIs as the template alone tells them: nothing is deployed and no stack is asked.

        `user_pool_arns` are those of the template's own pools by logical id, as far as they are known. Raises
        StartError for what cannot be resolved or enforced, naming resource and property.
        """
        pools = {name: _name_pool(UserPoolArn.parse(arn)) for name, arn in (user_pool_arns or {}).items()}
        with reading(self._file), Refusals() as refusals:
            refusals.add(*self._placed.placement.refused)
            resources = self._make_placeholder_resources() | pools
            return self._resolve(resources, stack_id=_PLACEHOLDER_STACK_ID).read_apis()

    def deploy(self, origins: Sequence[str]) -> Deployment:
        """Bring the stack up in the local AWS and return what the stage serves.

        `origins` are those of the APIs on this machine, in the order of `apis`.
        Raises StartError for what cannot be deployed, resolved or enforced, naming resource and property.
        """
        with reading(self._file):
            with Refusals() as refusals:
                refusals.add(*self._placed.placement.refused)
            resolved, outputs = self._deploy_stack(origins)
            apis = resolved.read_apis()
            self._placed.require_policies(asks_for_signatures=any(api.iam_authorizers for api in apis))
            invoked = find_invoked_functions(
                resolved.read_functions(),
                resolved.find_versions(),
                frozenset().union(*(api.function_arns for api in apis)),
                resolved.find_provisioned(),
            )
            resolved.not_run.add(
                *resolved.find_undone_settings(),
                *find_unshared_concurrency(invoked.values()),
                *self._placed.find_not_run(),
            )
            plans, keys = resolved.read_usage_plans()
            return Deployment(
                apis=apis,
                functions=invoked,
                outputs=outputs,
                local_user_pool_arns=resolved.find_local_user_pool_arns(),
                not_run=resolved.not_run,
                required_groups=read_required_groups(self._template.file),
                usage_plans=plans,
                api_keys=keys,
                user_pools=resolved.find_physical_ids(USER_POOL),
                app_clients=resolved.find_physical_ids(CLIENT),
            )

    def _require_something(self) -> None:
        if not self.apis and not self._placed.find(FUNCTION, USER_POOL):
            why = "the template has no API, no function and no user pool, so that there is nothing to serve"
            raise TemplateError(why, resource="Resources")

    def _deploy_stack(self, origins: Sequence[str]) -> tuple[ResolvedTemplate, dict[str, str]]:
        # Outputs may name resources that exist only once the stack does, so they are written in a second
        # step. At a restart the first guess, the stack's present outputs, is right and nothing is updated.
        outputs = self._stack.outputs()
        while True:
            self._look_up()
            self._deploy_what_can_be(outputs)
            has_learned = self._look_up()
            resources = self._stack.physical_resources(self._local_template)
            pools = resources.keys() & {*self._placed.find(USER_POOL)}
            resources |= {pool: _name_pool(self._parse_pool(resources[pool].ref)) for pool in pools}
            resolved = self._resolve(resources, stack_id=self._stack.stack_id())
            known = resolved.resolve_outputs(origins)
            if known == outputs and not has_learned:
                return resolved, known
            outputs = known

    def _look_up(self) -> bool:
        """Learn what the local AWS holds of what the template refers to, and say whether that is new."""
        before = self._intrinsics
        self._intrinsics = learn_values(self._template, before, self._stack.find_values)
        return before != self._intrinsics

    def _deploy_what_can_be(self, outputs: Mapping[str, str]) -> None:
        """Deploy the stack, without each resource that the local AWS cannot create."""
        while True:
            body = self._local_template.body(self._describe(outputs))
            try:
                values = self._intrinsics.parameters
                return self._stack.deploy(body, {name: values[name] for name in self._template.parameters})
            except ResourceFailedError as error:
                owner, attribute = self._local_template.find_owner(error.logical_id)
                placement = self._placed.placement
                if owner not in placement.in_local_aws | placement.registered:
                    raise
                self._placed = self._placed.without(owner, attribute, error.reason)

    @property
    def _local_template(self) -> LocalTemplate:
        return LocalTemplate(
            self._template.translated,
            self._placed.placement.in_local_aws,
            self._placed.wanted_attributes(),
            self._target.stack_name,
            self._placed.placement.registered,
            self._resolve({}, stack_id=_PLACEHOLDER_STACK_ID).intrinsics,
        )

    def _resolve(self, resources: Mapping[str, PhysicalResource], *, stack_id: str) -> ResolvedTemplate:
        deployed = replace(
            self._intrinsics,
            parameters={**self._intrinsics.parameters, "AWS::StackId": stack_id},
            resources=resources,
        )
        placeholders = PlaceholderResources(
            self._file, self._target.stack_name, self._target.region, ACCOUNT_ID
        )
        return ResolvedTemplate(
            self._placed,
            self._target,
            placeholders.add(deployed, self._template.resources, self._placed.placement.in_stage),
            self._inline_folder,
            self._environment_overrides,
            NotRunLocally(self._placed.types),
        )

    def _make_placeholder_resources(self) -> dict[str, PhysicalResource]:
        pool = _name_pool(self._parse_pool(f"{self._target.region}_{_PLACEHOLDER_POOL}"))
        in_local_aws = self._placed.placement.in_local_aws
        attributes: dict[str, dict[str, str]] = {}
        for logical_id, attribute in self._placed.wanted_attributes():
            of_caller = make_placeholder_caller(self._placed.types[logical_id], ACCOUNT_ID)
            attributes.setdefault(logical_id, {})[attribute] = of_caller or pool.attributes["Arn"]
        named = {name: PhysicalResource(name, attributes.get(name, {})) for name in in_local_aws}
        return named | {name: pool for name in self._placed.find(USER_POOL) if name in in_local_aws}

    def _parse_pool(self, pool_id: str) -> UserPoolArn:
        return UserPoolArn.parse(f"arn:aws:cognito-idp:{self._target.region}:{ACCOUNT_ID}:userpool/{pool_id}")

    def _describe(self, outputs: Mapping[str, str]) -> dict[str, Any]:
        declared = self._template.translated.get("Outputs", {})
        return {
            name: {"Value": value, "Description": declared.get(name, {}).get("Description", "")}
            for name, value in outputs.items()
        }


def read_template_apis(
    template: Template, stack_name: str, region: str, user_pool_arns: Mapping[str, str] | None = None
) -> tuple[DefinedApi, ...]:
    """Return the APIs that a stage would serve of a template under this stack's name.

    `user_pool_arns` are those of the template's own pools by logical id, as far as they are known; what only
    a stack names has a placeholder. Raises StartError for what cannot be resolved or enforced, naming
    resource and property.
    """
    deployer = Deployer(
        template,
        Target(stack_name, region, aws_endpoint_url=""),
        LocalStack(stack_name, _refuse_client),
        inline_folder=Path(),
        environment_overrides={},
    )
    return deployer.read_apis(user_pool_arns)


def _name_pool(arn: UserPoolArn) -> PhysicalResource:
    return PhysicalResource(arn.pool_id, arn.attributes)


def _refuse_client(service: str) -> NoReturn:
    raise AssertionError(f"nothing is deployed, and {service} not asked")
