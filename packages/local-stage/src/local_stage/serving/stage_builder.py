"""Makes a stage of the template: deploys it, runs its functions, fetches its user pools' keys."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from local_stage.api_gateway.api import Api, Gateway, Surroundings, name_api
from local_stage.api_gateway.authorizers.authorizer import Authorizer
from local_stage.api_gateway.authorizers.iam import IamAuthorizer
from local_stage.api_gateway.authorizers.iam_callers import LocalCallers, build_root
from local_stage.api_gateway.authorizers.registry import (
    AuthorizerDefinition,
    build_authorizers,
    build_lambda_authorizers,
)
from local_stage.api_gateway.authorizers.trusted_issuers import IssuerSources, build_jwt_authorizers
from local_stage.api_gateway.http.http_api import HttpApi
from local_stage.api_gateway.http.lambda_authorizer import build_http_lambda_authorizers
from local_stage.api_gateway.http.stage import LOG_VARIABLES, HttpStage
from local_stage.api_gateway.integrations.integration import Function
from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.api_gateway.rest.stage import Stage
from local_stage.api_gateway.usage_plan import UsagePlans
from local_stage.cloudformation.boto3_clients import ACCESS_KEY, SECRET_KEY
from local_stage.cloudformation.local_aws import LocalAwsSettings
from local_stage.cloudformation.pool_settings import decides_sign_in
from local_stage.cloudformation.stack import LocalStack
from local_stage.cloudformation.template import read_template
from local_stage.cognito.directory.stand_in import StandIn, bring_up_stand_ins
from local_stage.cognito.user_pool import UserPool
from local_stage.deployment.deployment import Deployer, Deployment
from local_stage.deployment.served_api import DefinedApi, ServedApi, check_pool
from local_stage.deployment.target import ACCOUNT_ID, Target
from local_stage.errors import NotRun
from local_stage.jwt.jwks import Clock, Fetch
from local_stage.lambda_runtime.functions import Functions
from local_stage.lambda_runtime.unavailable_function import AbsentFunction
from local_stage.log.request_log import RequestLog
from local_stage.serving.options import StartOptions
from local_stage.serving.ports import Ports
from local_stage.serving.sockets import HOST
from local_stage.serving.user_pools import find_outside_pools, offer_sign_in, tell_authorizers
from local_stage.state import RunningApi, RunningStage


@dataclass(frozen=True, slots=True)
class BuiltStage:
    """A stage that can serve its APIs, what was deployed for it, and what other commands read of it.

    `apis` are in the template's order; `warnings` are sentences on who is let in otherwise than the template
    says. `included` are the files that were read beside the template.
    """

    gateway: Gateway
    deployment: Deployment
    running: RunningStage
    apis: tuple[ServedApi, ...]
    warnings: tuple[str, ...] = ()
    included: tuple[Path, ...] = ()

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
        ports: Ports,
        inline_folder: Path,
        functions: Functions,
        fetch: Fetch,
        log: RequestLog,
        clock: Clock,
    ) -> None:
        """Build for the ports on which the APIs listen; inline code is written to `inline_folder`."""
        self._options = options
        self._local_aws = local_aws
        self._ports = ports
        self._inline_folder = inline_folder
        self._functions = functions
        self._fetch = fetch
        self._log = log
        self._clock = clock

    def prepare(self) -> Deployer:
        """Read, translate and check the template, and bind its APIs' ports; it blocks.

        Raises StartError for what cannot be served.
        """
        options = self._options
        deployer = Deployer(
            read_template(
                options.template,
                options.parameter_overrides,
                options.region,
                options.imports,
                options.cache_folder / "translations",
            ),
            Target(options.stack_name, options.region, self._local_aws.endpoint_url),
            LocalStack(options.stack_name, self._local_aws.client),
            inline_folder=self._inline_folder,
            environment_overrides=options.environment_overrides,
        )
        deployer.check()
        self._ports.assign(deployer.apis)
        return deployer

    async def rebuild(self) -> BuiltStage:
        """Return a stage of the template as it is now. Raises StartError for what cannot be served."""
        return await self.build(await asyncio.to_thread(self.prepare))

    async def build(self, deployer: Deployer) -> BuiltStage:
        """Deploy to the local AWS, which has to run, and return the stage. Raises StartError."""
        ports = self._ports.assign(deployer.apis)
        deployment = await asyncio.to_thread(deployer.deploy, [_origin(port) for port in ports])
        check_pool(self._options.user_pool_arn, deployment.apis)
        stand_ins = await asyncio.to_thread(self._bring_up_stand_ins, deployment)
        running_functions = await self._functions.run(deployment.functions.values())
        deployment.not_run.add(*self._functions.find_not_run(running_functions))
        functions = {**_find_absent(deployment), **running_functions}
        served, running = [], []
        sources = self._find_issuers(deployment, stand_ins)
        for api, port in zip(deployment.apis, ports, strict=True):
            definitions = self._define_authorizers(api, deployment, stand_ins)
            if isinstance(api, HttpApi):
                authorizers = await self._build_http_authorizers(api, sources, functions)
            else:
                authorizers = await self._build_authorizers(api, definitions, functions)
            served.append(ServedApi(api, port, _origin(port), authorizers))
            told = tell_authorizers(definitions, authorizers, deployment.local_user_pool_arns)
            running.append(RunningApi(api.logical_id, api.stage_name, served[-1].url, told))
        names = [name_api(api, served) if served[1:] else None for api in served]
        usage_plans = UsagePlans(deployment.usage_plans, deployment.api_keys, self._clock)
        gateway = Gateway(
            {
                api.port: self._build_api(api, functions, usage_plans, name)
                for api, name in zip(served, names, strict=True)
            }
        )
        notes = (note for api in served for note in api.pool_notes)
        settings = (f"{item}." for item in deployment.not_run if item.is_warned_of or decides_sign_in(item))
        closed = (note for api in deployment.apis for note in usage_plans.find_notes(api))
        described = self._describe(running, deployment)
        apis = await asyncio.to_thread(offer_sign_in, described, served)
        await self._functions.wait_until_warm()
        made = (note for api in apis if api.sign_in for note in api.sign_in.notes)
        warnings = tuple(dict.fromkeys((*self._options.warnings, *notes, *settings, *closed, *made)))
        return BuiltStage(gateway, deployment, described, apis, warnings, deployer.included)

    async def _build_authorizers(
        self, api: RestApi, definitions: Sequence[AuthorizerDefinition], functions: Mapping[str, Function]
    ) -> dict[str, Authorizer]:
        of_pools = await build_authorizers(
            definitions,
            self._local_aws.endpoint_url,
            self._fetch,
            self._clock,
            # A pool that is named at start is the one that is wanted, and not a closed API.
            needs_keys=self._options.user_pool_arn is not None,
        )
        of_functions = build_lambda_authorizers(
            api.lambda_authorizers, functions, self._clock, has_time_limits=self._has_time_limits
        )
        return {**self._build_iam_authorizers(api), **of_pools, **of_functions}

    async def _build_http_authorizers(
        self, api: HttpApi, sources: IssuerSources, functions: Mapping[str, Function]
    ) -> dict[str, Authorizer]:
        of_issuers = await build_jwt_authorizers(api.jwt_authorizers, sources)
        of_functions = build_http_lambda_authorizers(
            api.lambda_authorizers, functions, self._clock, has_time_limits=self._has_time_limits
        )
        return {**self._build_iam_authorizers(api), **of_issuers, **of_functions}

    def _build_iam_authorizers(self, api: DefinedApi) -> dict[str, IamAuthorizer]:
        root, find_url = build_root(ACCOUNT_ID, ACCESS_KEY, SECRET_KEY), self._local_aws.find_caller_url
        find = LocalCallers(root, self._fetch, find_url).find
        authorizer = IamAuthorizer(find, self._options.region, self._clock)
        return {one.name: authorizer for one in api.iam_authorizers}

    @property
    def _has_time_limits(self) -> bool:
        """Whether a function may be too slow: not while it is debugged."""
        return self._options.debug_port is None

    def _build_api(
        self, served: ServedApi, functions: Mapping[str, Function], usage_plans: UsagePlans, name: str | None
    ) -> Api:
        """Return what answers an API's requests; `name` is the API's in the log, where there are several."""
        api = served.definition
        surroundings = Surroundings(
            account_id=ACCOUNT_ID,
            region=self._options.region,
            domain_name=f"{api.api_id}.execute-api.{self._options.region}.amazonaws.com",
            port=served.port,
            host_names=self._options.allowed_hosts,
        )
        variables = LOG_VARIABLES if isinstance(api, HttpApi) else None
        record = self._log.recorder(api.access_log_format, name, variables)
        limits, clock = self._has_time_limits, self._clock
        if isinstance(api, HttpApi):
            return HttpStage(
                api,
                served.authorizers,
                functions,
                surroundings,
                record=record,
                clock=clock,
                limits_integrations=limits,
            )
        return Stage(
            api,
            served.authorizers,
            functions,
            surroundings,
            record=record,
            clock=clock,
            limits_integrations=limits,
            usage_plans=usage_plans,
        )

    def _find_issuers(self, deployment: Deployment, stand_ins: Mapping[str, StandIn]) -> IssuerSources:
        """Return where the keys of JWT authorizers' issuers are."""
        find = partial(
            UserPool.on_local_aws,
            endpoint_url=self._local_aws.endpoint_url,
            fetch=self._fetch,
            clock=self._clock,
        )
        named = self._options.user_pool_arn
        return IssuerSources(
            [find(arn) for arn in sorted(deployment.local_user_pool_arns)],
            self._fetch,
            self._clock,
            stand_ins={
                text: (find(one.arn, stands_in_for=text), one.client_id) for text, one in stand_ins.items()
            },
            user_pool=UserPool.on_aws(named, self._fetch, self._clock) if named else None,
        )

    def _bring_up_stand_ins(self, deployment: Deployment) -> dict[str, StandIn]:
        """Return the local pool for each pool or issuer outside the template, where they are asked for."""
        if not self._options.stand_in_pool:
            return {}
        cognito = self._local_aws.client("cognito-idp")
        return bring_up_stand_ins(cognito, self._options.stack_name, find_outside_pools(deployment))

    def _define_authorizers(
        self, api: DefinedApi, deployment: Deployment, stand_ins: Mapping[str, StandIn]
    ) -> list[AuthorizerDefinition]:
        return [
            AuthorizerDefinition.of(
                authorizer,
                local_arns=deployment.local_user_pool_arns,
                user_pool_arn=self._options.user_pool_arn,
                stand_ins={text: one.arn for text, one in stand_ins.items()},
            )
            for authorizer in api.cognito_authorizers
        ]

    def _describe(self, apis: Sequence[RunningApi], deployment: Deployment) -> RunningStage:
        return RunningStage(
            pid=os.getpid(),
            api_url=apis[0].url if apis else _origin(self._ports.first),
            aws_endpoint_url=self._local_aws.endpoint_url,
            region=self._options.region,
            stack_name=self._options.stack_name,
            template=str(self._options.template.resolve()),
            apis=tuple(apis),
            api_keys=[asdict(key) for key in deployment.api_keys],
            user_pools=dict(deployment.user_pools),
            app_clients=dict(deployment.app_clients),
        )


def _find_absent(deployment: Deployment) -> dict[str, Function]:
    """Return what stands for functions that APIs invoke and the template does not have, and tell it."""
    absent: dict[str, Function] = {}
    for api in deployment.apis:
        for arn in sorted(api.function_arns - deployment.functions.keys()):
            absent[arn] = AbsentFunction(arn)
            status = 500 if isinstance(api, HttpApi) else 502
            why = f"it invokes {arn}, which is no function of this template; these routes answer {status}"
            deployment.not_run.add(NotRun(api.logical_id, why))
    return absent


def _origin(port: int) -> str:
    return f"http://{HOST}:{port}"
