"""The properties of an `AWS::ApiGateway::RestApi` beside its document, and those of its stage.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-restapi.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-stage.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from local_stage.api_gateway.template_part import TemplatePart
from local_stage.api_gateway.throttle import Throttle
from local_stage.cloudformation.unknown import Unknown, find_unknown
from local_stage.errors import NotRun

ACCOUNT_RATE: Final = 10_000.0
"""Requests a second of an account in a Region, which a setting of the burst alone leaves in force.

https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
"""
ACCOUNT_BURST: Final = 5_000
"""Requests at once of an account in a Region, which a setting of the rate alone leaves in force."""

KNOWN_OF_STAGE: Final = frozenset(
    {
        "AccessLogSetting", "CacheClusterEnabled", "CacheClusterSize", "CanarySetting",
        "ClientCertificateId", "DeploymentId", "Description", "DocumentationVersion", "MethodSettings",
        "RestApiId", "StageName", "Tags", "TracingEnabled", "Variables",
    }
)  # fmt: skip
_NOT_RUN_OF_STAGE: Final = {
    "CanarySetting": "no traffic is split: every request gets the template's own deployment",
    "ClientCertificateId": "client certificates are not presented locally",
}
_NOT_CACHED: Final = "no response is cached: each request reaches its function"
_METHOD_SETTING_KEYS: Final = frozenset(
    {
        "CacheDataEncrypted", "CacheTtlInSeconds", "CachingEnabled", "DataTraceEnabled", "HttpMethod",
        "LoggingLevel", "MetricsEnabled", "ResourcePath", "ThrottlingBurstLimit", "ThrottlingRateLimit",
    }
)  # fmt: skip
_STAGE_NAME: Final = re.compile(r"[\w-]{1,128}", re.ASCII)
_VARIABLE_NAME: Final = re.compile(r"\w+", re.ASCII)


@dataclass(frozen=True, slots=True)
class MethodSetting:
    """Throttling limits of the methods that `http_method` and `path` name; `*` names every verb and path."""

    part: TemplatePart
    http_method: str
    path: str
    rate: float | None
    burst: int | None

    def covers(self, http_method: str, path: str) -> bool:
        """Say whether this setting is one of a method's."""
        return self.http_method in {"*", http_method} and self.path in {"*", path}

    @property
    def specificity(self) -> tuple[bool, bool]:
        """Sorts settings: one path is more specific than one verb, either more than none."""
        return self.path != "*", self.http_method != "*"


@dataclass(frozen=True, slots=True)
class StageSettings:
    """What a stage adds to its API; `access_log_format` is None where no access log is asked for."""

    stage_name: str
    variables: Mapping[str, str]
    access_log_format: str | None
    is_traced: bool
    method_settings: tuple[MethodSetting, ...]

    def find_throttle(self, http_method: str, path: str) -> Throttle | None:
        """Return the limits of a method, the most specific setting's first, or None if none names it.

        A limit that the more specific setting leaves out comes from the less specific one (unverified).
        """
        settings = sorted(self.method_settings, key=lambda setting: setting.specificity)
        rate, burst = None, None
        for setting in settings:
            if setting.covers(http_method, path):
                rate = rate if setting.rate is None else setting.rate
                burst = burst if setting.burst is None else setting.burst
        if rate is None and burst is None:
            return None
        return Throttle(ACCOUNT_RATE if rate is None else rate, ACCOUNT_BURST if burst is None else burst)

    def find_unused(self, methods: Collection[tuple[str, str]]) -> Iterator[NotRun]:
        """Yield the settings that limit nothing, as they name none of the (verb, path) pairs."""
        for setting in self.method_settings:
            named = {setting.http_method, setting.path} != {"*"}
            if named and not any(setting.covers(*method) for method in methods):
                why = f"the API has no method {setting.http_method} {setting.path}, so that it limits nothing"
                yield setting.part.not_run(why)


def read_stage_settings(properties: TemplatePart) -> StageSettings:
    """Read a stage's properties. Raises StartError for one that is not known, and may decide who calls."""
    properties.refuse_unknown(KNOWN_OF_STAGE, "the stage")
    return StageSettings(
        stage_name=_read_stage_name(properties["StageName"]),
        variables=_read_variables(properties["Variables"]),
        access_log_format=_read_access_log_format(properties["AccessLogSetting"]),
        is_traced=properties["TracingEnabled"].boolean(),
        method_settings=tuple(_read_method_setting(part) for part in properties["MethodSettings"].elements()),
    )


def find_stage_not_run(properties: TemplatePart) -> Iterator[NotRun]:
    """Yield the properties that have no effect here."""
    if properties["TracingEnabled"].boolean():
        yield properties["TracingEnabled"].not_run("nothing is sent to X-Ray; the trace id is passed on")
    for key, why in _NOT_RUN_OF_STAGE.items():
        if properties[key]:
            yield properties[key].not_run(why)
    if properties["CacheClusterEnabled"].boolean():
        yield properties["CacheClusterEnabled"].not_run(_NOT_CACHED)
    for setting in properties["MethodSettings"].elements():
        if setting["CachingEnabled"].boolean():
            yield setting["CachingEnabled"].not_run(_NOT_CACHED)
        if setting["MetricsEnabled"].boolean():
            yield setting["MetricsEnabled"].not_run("nothing is sent to CloudWatch metrics")
        if setting["DataTraceEnabled"].boolean():
            yield setting["DataTraceEnabled"].not_run("there is no execution log")
        if setting["LoggingLevel"] and setting["LoggingLevel"].text() != "OFF":
            yield setting["LoggingLevel"].not_run(
                "there is no execution log; refusals stand in the stage's own"
            )


def _read_stage_name(part: TemplatePart) -> str:
    if not part or not _STAGE_NAME.fullmatch(part.text()):
        raise part.refusal("a stage's name has letters, digits, hyphens and underscores")
    return part.text()


def _read_variables(part: TemplatePart) -> dict[str, str]:
    variables = {}
    for name, value in part.items():
        if not _VARIABLE_NAME.fullmatch(name):
            raise value.refusal("a stage variable's name has letters, digits and underscores")
        variables[name] = value.text()
    return variables


def _read_access_log_format(part: TemplatePart) -> str | None:
    part.refuse_unknown({"DestinationArn", "Format"}, "the access log")
    return part["Format"].text() if part["Format"] else None


def _read_method_setting(part: TemplatePart) -> MethodSetting:
    part.refuse_unknown(_METHOD_SETTING_KEYS, "a method setting")
    burst = _read_limit(part["ThrottlingBurstLimit"])
    return MethodSetting(
        part=part,
        http_method=part["HttpMethod"].text().upper(),
        path=_decode_path(part["ResourcePath"].text()),
        rate=_read_limit(part["ThrottlingRateLimit"]),
        burst=None if burst is None else int(burst),
    )


def _read_limit(part: TemplatePart) -> float | None:
    """Return a limit; -1 stands for none of its own."""
    return part.number() if part and part.number() >= 0 else None


def _decode_path(encoded: str) -> str:
    """Return `/hello/{id}` for `/~1hello~1{id}`, and `*` for `/*`; API Gateway writes the slashes as `~1`."""
    path = encoded.removeprefix("/").replace("~1", "/")
    return "*" if path == "*" else "/" + path.strip("/")


KNOWN_OF_API: Final = frozenset(
    {
        "ApiKeySourceType", "BinaryMediaTypes", "Body", "Description", "DisableExecuteApiEndpoint",
        "EndpointAccessMode", "EndpointConfiguration", "FailOnWarnings", "MinimumCompressionSize", "Mode",
        "Name", "Parameters", "Policy", "SecurityPolicy", "Tags", "Version",
    }
)  # fmt: skip
REFUSED_OF_API: Final = {
    "BodyS3Location": "a definition in S3 cannot be read at start; write it as DefinitionBody",
    "CloneFrom": "another API cannot be cloned locally; write its definition as DefinitionBody",
}
_SAM_NAMES: Final = {"BodyS3Location": ("DefinitionUri",)}
_PARAMETERS: Final = {
    "basepath": frozenset({"ignore"}),
    "endpointConfigurationTypes": frozenset({"EDGE", "REGIONAL"}),
    "ignore": frozenset({"documentation"}),
}
_UNCOMPRESSED: Final = "answers are not compressed here, and compressed requests are passed on"
_PLAIN_HTTP: Final = "the stage speaks plain HTTP"
_NO_DOMAIN: Final = "custom domains are not served here; call the API by its own address"
_NO_EDGE: Final = "served as a REGIONAL API, without CloudFront's headers; choose REGIONAL"


def check_rest_api_properties(properties: TemplatePart) -> None:
    """Raise StartError for every property that the stage could not do right by."""
    for key, why in REFUSED_OF_API.items():
        if properties[key]:
            raise properties[key].refusal(why, _SAM_NAMES.get(key))
    properties.refuse_unknown(KNOWN_OF_API, "the REST API")
    _check_endpoint(properties["EndpointConfiguration"])
    _check_parameters(properties["Parameters"])


def find_api_not_run(properties: TemplatePart) -> Iterator[NotRun]:
    """Yield the properties that have no effect here."""
    if properties["MinimumCompressionSize"]:
        yield not_compressed(properties["MinimumCompressionSize"])
    yield from find_disabled(properties["DisableExecuteApiEndpoint"])
    for key in ("EndpointAccessMode", "SecurityPolicy"):
        if properties[key]:
            yield properties[key].not_run(_PLAIN_HTTP)
    endpoint = properties["EndpointConfiguration"]
    if [part.value for part in endpoint["Types"].elements()] == ["EDGE"]:
        yield endpoint.not_run(_NO_EDGE)


def find_disabled(part: TemplatePart) -> Iterator[NotRun]:
    """Yield the note on an API that on AWS only a custom domain serves."""
    if not find_unknown(part.value) and part.boolean():
        yield part.not_run(_NO_DOMAIN, ("DisableExecuteApiEndpoint",))


def not_compressed(part: TemplatePart) -> NotRun:
    """Return the note that nothing is compressed."""
    return part.not_run(_UNCOMPRESSED, ("MinimumCompressionSize",))


def not_encrypted(part: TemplatePart) -> NotRun:
    """Return the note that settings of TLS have nothing to set."""
    return part.not_run(_PLAIN_HTTP)


def _check_endpoint(endpoint: TemplatePart) -> None:
    endpoint.refuse_unknown({"IpAddressType", "Types", "VpcEndpointIds"}, "the endpoint configuration")
    if any(True for _ in endpoint["VpcEndpointIds"].elements()):
        raise endpoint["VpcEndpointIds"].refusal("VPC endpoints cannot be enforced locally")
    for kind in endpoint["Types"].elements():
        if isinstance(kind.value, Unknown) or kind.text() not in _PARAMETERS["endpointConfigurationTypes"]:
            why = f"who may reach a {kind.text()} API cannot be enforced locally; use REGIONAL"
            raise kind.refusal(why, ("EndpointConfiguration",))


def _check_parameters(parameters: TemplatePart) -> None:
    parameters.refuse_unknown(_PARAMETERS, "the import's parameters")
    for key, part in parameters.items():
        if key in _PARAMETERS and part.text() not in _PARAMETERS[key]:
            raise part.refusal(f"{part.text()} is not run locally")


def read_api_key_source(part: TemplatePart) -> Literal["HEADER", "AUTHORIZER"]:
    """Return where API keys come from: `x-api-key`, or what a Lambda authorizer found."""
    source = part.text().upper() if part else "HEADER"
    if source not in {"HEADER", "AUTHORIZER"}:
        raise part.refusal("has to be HEADER or AUTHORIZER", ("ApiKeySourceType",))
    return "HEADER" if source == "HEADER" else "AUTHORIZER"
