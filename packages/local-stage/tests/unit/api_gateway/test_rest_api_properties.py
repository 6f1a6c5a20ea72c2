"""The properties of an API beside its definition: served, told of, or refused."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.api_gateway.rest.definition.rest_api_reader import read_rest_api
from local_stage.errors import StartError
from tests.unit.api_gateway.sam_api import (
    BOTH_FORMS,
    method,
    read,
    refusal,
    translate,
)

REST_API: list[tuple[dict[str, Any], str]] = [
    ({"Policy": {"Statement": []}}, "Policy: cannot be enforced: Statement is empty"),
    (
        {"Auth": {"ResourcePolicy": {"IpRangeWhitelist": ["10.0.0.0/33"]}}},
        "Auth.ResourcePolicy: cannot be enforced: NotIpAddress cannot compare with '10.0.0.0/33'",
    ),
    (
        {"EndpointConfiguration": "PRIVATE"},
        "EndpointConfiguration: who may reach a PRIVATE API cannot be enforced locally; use REGIONAL",
    ),
    (
        {"EndpointConfiguration": {"Type": "REGIONAL", "VPCEndpointIds": ["vpce-1"]}},
        "EndpointConfiguration.VpcEndpointIds: VPC endpoints cannot be enforced locally",
    ),
]


@pytest.mark.parametrize(("api", "line"), REST_API, ids=lambda value: str(value)[:60])
@BOTH_FORMS
def test_an_api_that_cannot_be_served_right_is_refused_by_its_property(
    form: dict[str, Any], api: dict[str, Any], line: str
) -> None:
    assert refusal({**form, **api}).startswith(f"template.yaml: HelloApi.{line}")


def test_a_definition_in_s3_is_refused() -> None:
    with pytest.raises(
        StartError, match=r"HelloApi\.DefinitionUri: a definition in S3 cannot be read at start"
    ):
        read({"OpenApiVersion": None, "DefinitionUri": "s3://bucket/openapi.yaml"}, events={})


@pytest.mark.parametrize(
    "properties",
    [
        {"CloneFrom": "abc"},
        {"Parameters": {"basepath": "prepend"}},
        {"Parameters": {"endpointConfigurationTypes": "PRIVATE"}},
        {"SomethingNew": True},
        {"Body": "openapi: 3.0.1"},
        {"EndpointConfiguration": {"SomethingNew": True}},
    ],
    ids=str,
)
def test_a_plain_rest_api_is_held_to_the_same_list(properties: dict[str, Any]) -> None:
    translated = translate({"StageName": "dev", "OpenApiVersion": "3.0.1"})
    with pytest.raises(StartError) as caught:
        read_rest_api(
            file="template.yaml",
            logical_id="HelloApi",
            rest_api_properties={**translated["RestApi"], **properties},
            stage_properties=translated["Stage"],
            api_id="a",
            deployment_id="d",
        )
    assert caught.value.resource == "HelloApi"
    assert caught.value.property_path


NOT_RUN: list[tuple[dict[str, Any], str]] = [
    ({"TracingEnabled": True}, "TracingEnabled: nothing is sent to X-Ray; the trace id is passed on"),
    (
        {"MinimumCompressionSize": 1024},
        "MinimumCompressionSize: answers are not compressed here, and compressed requests are passed on",
    ),
    (
        {"MethodSettings": [{"HttpMethod": "*", "ResourcePath": "/*", "MetricsEnabled": True}]},
        "MethodSettings[0].MetricsEnabled: nothing is sent to CloudWatch metrics",
    ),
    (
        {"MethodSettings": [{"HttpMethod": "*", "ResourcePath": "/*", "LoggingLevel": "INFO"}]},
        "MethodSettings[0].LoggingLevel: there is no execution log; refusals stand in the stage's own",
    ),
    (
        {"MethodSettings": [{"HttpMethod": "*", "ResourcePath": "/*", "DataTraceEnabled": True}]},
        "MethodSettings[0].DataTraceEnabled: there is no execution log",
    ),
    (
        {"CacheClusterEnabled": True, "CacheClusterSize": "0.5"},
        "CacheClusterEnabled: no response is cached: each request reaches its function",
    ),
    (
        {"MethodSettings": [{"HttpMethod": "*", "ResourcePath": "/*", "CachingEnabled": True}]},
        "MethodSettings[0].CachingEnabled: no response is cached: each request reaches its function",
    ),
    (
        {"CanarySetting": {"PercentTraffic": 10}},
        "CanarySetting: no traffic is split: every request gets the template's own deployment",
    ),
    (
        {"MethodSettings": [{"HttpMethod": "PUT", "ResourcePath": "/~1hello", "ThrottlingRateLimit": 1}]},
        "MethodSettings[0]: the API has no method PUT /hello, so that it limits nothing",
    ),
    (
        {"MethodSettings": [{"HttpMethod": "*", "ResourcePath": "/~1goodbye", "ThrottlingRateLimit": 1}]},
        "MethodSettings[0]: the API has no method * /goodbye, so that it limits nothing",
    ),
    (
        {"DisableExecuteApiEndpoint": True},
        "DisableExecuteApiEndpoint: custom domains are not served here; call the API by its own address",
    ),
    ({"SecurityPolicy": "SecurityPolicy_TLS13_1_3_2025_09"}, "SecurityPolicy: the stage speaks plain HTTP"),
    (
        {"EndpointConfiguration": "EDGE"},
        "EndpointConfiguration: served as a REGIONAL API, without CloudFront's headers; choose REGIONAL",
    ),
]


@pytest.mark.parametrize(("api", "line"), NOT_RUN, ids=lambda value: str(value)[:60])
def test_what_is_merely_not_run_is_told(api: dict[str, Any], line: str) -> None:
    _, not_run = read({"EndpointConfiguration": "REGIONAL", **api})
    assert [str(note) for note in not_run] == [f"HelloApi.{line}"]


@pytest.mark.parametrize(
    "api",
    [
        {},
        {"Tags": {"team": "greeters"}},
        {"Description": "Greets"},
        {"FailOnWarnings": True},
        {"Mode": "merge"},
        {"ApiKeySourceType": "HEADER"},
        {"TracingEnabled": False},
        {"CacheClusterEnabled": False},
        {"DisableExecuteApiEndpoint": False},
        {"AlwaysDeploy": True},
        {"MethodSettings": [{"HttpMethod": "*", "ResourcePath": "/*", "LoggingLevel": "OFF"}]},
    ],
    ids=str,
)
def test_what_is_harmless_is_not_spoken_of(api: dict[str, Any]) -> None:
    rest_api, not_run = read({"EndpointConfiguration": "REGIONAL", **api})
    assert not_run == []
    assert method(rest_api).http_method == "GET"
