"""The properties of an HTTP API's stage.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-stage.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from local_stage.api_gateway.http.http_api import DEFAULT
from local_stage.api_gateway.rest.definition.properties import ACCOUNT_BURST, ACCOUNT_RATE
from local_stage.api_gateway.template_part import TemplatePart
from local_stage.api_gateway.throttle import Throttle
from local_stage.cloudformation.unknown import find_unknown
from local_stage.errors import NotRun


@dataclass(frozen=True, slots=True)
class StageSettings:
    """What a stage adds to its API; `access_log_format` is None where no access log is asked for.

    `route_settings` are by route key, `default_settings` are those of the routes that have none of their own.
    """

    stage_name: str
    variables: Mapping[str, str]
    access_log_format: str | None
    default_settings: TemplatePart
    route_settings: Mapping[str, TemplatePart]

    def find_throttle(self, route_key: str) -> Throttle | None:
        """Return the limits of a route, or None where it has those of the account alone.

        A limit that the route's own settings leave out comes from the default ones (unverified).
        """
        own = self.route_settings.get(route_key)
        rate, burst = (
            _known(own[name] if own else None) or _known(self.default_settings[name])
            for name in ("ThrottlingRateLimit", "ThrottlingBurstLimit")
        )
        if not rate and not burst:
            return None
        return Throttle(
            rate.number() if rate else ACCOUNT_RATE, int(burst.number()) if burst else ACCOUNT_BURST
        )

    def find_unused(self, route_keys: Collection[str]) -> Iterator[NotRun]:
        """Yield the settings of routes that the API does not have; AWS would not deploy them."""
        for key, part in self.route_settings.items():
            if key not in route_keys:
                yield part.not_run(f"the API has no route {key}, and AWS would not deploy these settings")


def _known(part: TemplatePart | None) -> TemplatePart | None:
    return None if part is None or find_unknown(part.value) else part


def read_stage_settings(properties: TemplatePart) -> StageSettings:
    """Read a stage's properties. Raises TemplateError for values that AWS does not take."""
    name = properties["StageName"]
    log_format = properties["AccessLogSettings"]["Format"]
    return StageSettings(
        stage_name=name.text() if name else DEFAULT,
        variables={key: part.text() for key, part in properties["StageVariables"].items()},
        access_log_format=log_format.text() if log_format else None,
        default_settings=properties["DefaultRouteSettings"],
        route_settings=dict(properties["RouteSettings"].items()),
    )


def _is_deployed(auto_deploy: TemplatePart) -> bool:
    return find_unknown(auto_deploy.value) is not None or auto_deploy.boolean()


_NOT_RUN: Final = {
    "DetailedMetricsEnabled": "nothing is sent to CloudWatch metrics",
    "DataTraceEnabled": "HTTP APIs have no execution log, here or on AWS",
}


def find_stage_not_run(properties: TemplatePart) -> Iterator[NotRun]:
    """Yield the properties that have no effect here."""
    for settings in (properties["DefaultRouteSettings"], *dict(properties["RouteSettings"].items()).values()):
        for key, why in _NOT_RUN.items():
            if not find_unknown(settings[key].value) and settings[key].boolean():
                yield settings[key].not_run(why)
    if not properties["DeploymentId"] and not _is_deployed(properties["AutoDeploy"]):
        why = "AWS deploys nothing to this stage without it; here it has every route"
        yield properties["AutoDeploy"].not_run(why)
    if properties["ClientCertificateId"]:
        yield properties["ClientCertificateId"].not_run("client certificates are not presented locally")
