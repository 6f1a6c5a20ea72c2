"""Makes a stage of the template: deploys it, runs its functions, fetches its user pools' keys."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from local_stage.api_gateway.api import Gateway, Surroundings
from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizer
from local_stage.api_gateway.authorizers.registry import AuthorizerDefinition, build_authorizers
from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.api_gateway.rest.stage import Stage
from local_stage.cloudformation.local_aws import LocalAwsSettings
from local_stage.cloudformation.stack import LocalStack
from local_stage.cloudformation.template import read_template
from local_stage.cognito.directory.stand_in import bring_up_stand_ins
from local_stage.deployment.deployment import Deployer, Deployment
from local_stage.deployment.target import ACCOUNT_ID, Target
from local_stage.jwt.jwks import Clock, Fetch
from local_stage.lambda_runtime.functions import Functions, find_unavailable
from local_stage.log.request_log import RequestLog
from local_stage.serving.options import StartOptions
from local_stage.serving.server import HOST
from local_stage.state import RunningStage


@dataclass(frozen=True, slots=True)
class BuiltStage:
    """A stage that can serve its APIs, what was deployed for it, and what other commands read of it.

    `authorizers` are by name; `warnings` are sentences on who is let in otherwise than the template says.
    """

    gateway: Gateway
    deployment: Deployment
    running: RunningStage
    authorizers: Mapping[str, CognitoAuthorizer]
    warnings: tuple[str, ...] = ()

    def differs_from(self, other: BuiltStage) -> bool:
        """Return whether other commands would read something else of it than of the other stage."""
        return self.deployment.outputs != other.deployment.outputs or self.running != other.running


class StageBuilder:
    """Makes one stage after the other of a template that is saved again and again."""

    def __init__(
        self,
        options: StartOptions,
        local_aws: LocalAwsSettings,
        *,
        port: int,
        inline_folder: Path,
        functions: Functions,
        fetch: Fetch,
        log: RequestLog,
        clock: Clock,
    ) -> None:
        """Build for the port on which the API listens; inline code is written to `inline_folder`."""
        self._options = options
        self._local_aws = local_aws
        self._port = port
        self._inline_folder = inline_folder
        self._functions = functions
        self._fetch = fetch
        self._log = log
        self._clock = clock

    def prepare(self) -> Deployer:
        """Read, translate and check the template; it blocks. Raises StartError for what cannot be served."""
        options = self._options
        deployer = Deployer(
            read_template(options.template, options.parameter_overrides, options.region, options.imports),
            Target(options.stack_name, options.region, self._origin, self._local_aws.endpoint_url),
            LocalStack(options.stack_name, self._local_aws.client),
            inline_folder=self._inline_folder,
            environment_overrides=options.environment_overrides,
        )
        deployer.check()
        return deployer

    async def rebuild(self) -> BuiltStage:
        """Return a stage of the template as it is now. Raises StartError for what cannot be served."""
        return await self.build(await asyncio.to_thread(self.prepare))

    async def build(self, deployer: Deployer) -> BuiltStage:
        """Deploy to the local AWS, which has to run, and return the stage. Raises StartError."""
        deployment = await asyncio.to_thread(deployer.deploy)
        functions = await self._functions.run(deployment.functions.values())
        deployment.not_run.add(*find_unavailable(functions))
        stand_ins = await asyncio.to_thread(self._bring_up_stand_ins, deployment)
        definitions = [
            AuthorizerDefinition.of(
                authorizer,
                local_arns=deployment.local_user_pool_arns,
                user_pool_arn=self._options.user_pool_arn,
                stand_ins=stand_ins,
            )
            for authorizer in deployment.sole_api.authorizers.values()
        ]
        endpoint_url = self._local_aws.endpoint_url
        authorizers = await build_authorizers(
            definitions,
            endpoint_url,
            self._fetch,
            self._clock,
            # Who names a pool at start wants that one, and not a closed API.
            needs_keys=self._options.user_pool_arn is not None,
        )
        stage = Stage(
            deployment.sole_api,
            authorizers,
            functions,
            self._find_surroundings(deployment.sole_api),
            record=self._log.recorder(deployment.sole_api.access_log_format),
            clock=self._clock,
            limits_integrations=self._options.debug_port is None,
        )
        running = self._describe(deployment.sole_api, definitions)
        warnings = tuple(note for authorizer in authorizers.values() for note in authorizer.pool_notes)
        return BuiltStage(Gateway({self._port: stage}), deployment, running, authorizers, warnings)

    def _bring_up_stand_ins(self, deployment: Deployment) -> dict[str, str]:
        """Return the ARN of the local pool for each pool outside the template, where they are asked for."""
        if not self._options.stand_in_pool:
            return {}
        named = {
            arn
            for api in deployment.apis
            for authorizer in api.authorizers.values()
            for arn in authorizer.user_pool_arns
        }
        outside = sorted(named - deployment.local_user_pool_arns)
        cognito = self._local_aws.client("cognito-idp")
        stand_ins = bring_up_stand_ins(cognito, self._options.stack_name, outside)
        return {text: stand_in.arn for text, stand_in in stand_ins.items()}

    @property
    def _origin(self) -> str:
        return f"http://{HOST}:{self._port}"

    def _find_surroundings(self, rest_api: RestApi) -> Surroundings:
        return Surroundings(
            account_id=ACCOUNT_ID,
            domain_name=f"{rest_api.api_id}.execute-api.{self._options.region}.amazonaws.com",
            port=self._port,
        )

    def _describe(self, rest_api: RestApi, definitions: list[AuthorizerDefinition]) -> RunningStage:
        return RunningStage(
            pid=os.getpid(),
            api_url=f"{self._origin}/{rest_api.stage_name}",
            aws_endpoint_url=self._local_aws.endpoint_url,
            region=self._options.region,
            stack_name=self._options.stack_name,
            template=str(self._options.template.resolve()),
            authorizers=[asdict(definition) for definition in definitions],
            parameter_overrides=dict(self._options.parameter_overrides),
        )
