"""What a pool asks for and the local one does not do is told; no property of a schema is passed over."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from samtranslator.internal.schema_source import (
    aws_serverless_api,
    aws_serverless_function,
    aws_serverless_httpapi,
)

from local_stage.api_gateway.rest.definition import properties as of_rest_api
from local_stage.cloudformation.local_resources import localize
from local_stage.cloudformation.pool_front.carried_settings import carry, carry_in_stacks, restore
from local_stage.cloudformation.pool_settings import (
    CLIENT,
    DEFAULT_FLOWS,
    KNOWN,
    UNDONE,
    USER_POOL,
    decides_sign_in,
    find_undone,
)
from local_stage.deployment.function_definition import HARMLESS, READ
from tests.stage_process import REPOSITORY

SCHEMAS = REPOSITORY / ".venv-sam/lib/python3.13/site-packages/cfnlint/data/schemas/resources"


def told(kind: str, **settings: Any) -> list[str]:
    lines = list(find_undone("Pool", kind, settings))
    assert all(decides_sign_in(line) for line in lines)
    return [line.property_path for line in lines]


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (USER_POOL, "MfaConfiguration", "ON"),
        (USER_POOL, "MfaConfiguration", "OPTIONAL"),
        (USER_POOL, "AliasAttributes", ["email"]),
        (USER_POOL, "UserPoolAddOns", {"AdvancedSecurityMode": "ENFORCED"}),
        (USER_POOL, "UserPoolAddOns", {"AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "AUDIT"}}),
        (USER_POOL, "Policies", {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}),
        (USER_POOL, "Policies", "of another form"),
        (CLIENT, "ExplicitAuthFlows", ["ALLOW_USER_AUTH"]),
        (USER_POOL, "EnabledMfas", ["PUSH_MFA", "SOFTWARE_TOKEN_MFA"]),
        (CLIENT, "SupportedIdentityProviders", ["COGNITO", "Google"]),
    ],
)
def test_what_the_local_pool_does_not_do_is_told(kind: str, name: str, value: Any) -> None:
    assert told(kind, **{name: value}) == [name]


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (USER_POOL, "MfaConfiguration", "OFF"),
        (USER_POOL, "UserPoolAddOns", {"AdvancedSecurityMode": "OFF"}),
        (USER_POOL, "AdminCreateUserConfig", {"AllowAdminCreateUserOnly": True}),
        (USER_POOL, "Policies", {"PasswordPolicy": {"MinimumLength": 12}}),
        (USER_POOL, "LambdaConfig", {"PreSignUp": "arn"}),
        (CLIENT, "ExplicitAuthFlows", ["ALLOW_USER_SRP_AUTH"]),
        (USER_POOL, "EnabledMfas", ["SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP"]),
        (CLIENT, "RefreshTokenRotation", {"Feature": "ENABLED"}),
        (CLIENT, "SupportedIdentityProviders", ["COGNITO"]),
    ],
)
def test_what_it_does_is_not_told(kind: str, name: str, value: Any) -> None:
    assert told(kind, **{name: value}) == []


SMS = {"SmsConfiguration": {"SnsCallerArn": "arn"}}


@pytest.mark.parametrize(
    "factors",
    [
        {"EnabledMfas": ["SOFTWARE_TOKEN_MFA"]},
        {"EnabledMfas": ["EMAIL_OTP"]},
        {"EnabledMfas": ["SMS_MFA"], **SMS},
        SMS,
    ],
)
def test_a_second_factor_is_asked_for_and_so_not_told(factors: dict[str, Any]) -> None:
    assert told(USER_POOL, MfaConfiguration="ON", **factors) == []


@pytest.mark.parametrize("factors", [{"EnabledMfas": ["SMS_MFA"]}, {"EnabledMfas": 7}])
def test_a_pool_whose_factors_cannot_be_asked_for_is_told(factors: dict[str, Any]) -> None:
    assert "MfaConfiguration" in told(USER_POOL, MfaConfiguration="ON", **factors)


def test_a_property_that_is_not_known_is_told() -> None:
    (line,) = find_undone("Pool", USER_POOL, {"Novelty": True})
    assert (line.property_path, decides_sign_in(line)) == ("Novelty", False)


@pytest.mark.parametrize("given", [None, []])
def test_a_client_that_names_no_flow_takes_no_plain_password(given: Any) -> None:
    properties = {"UserPoolId": "x"} | ({} if given is None else {"ExplicitAuthFlows": given})
    localized, _ = localize({"Client": {"Type": CLIENT, "Properties": properties}})
    assert localized["Client"]["Properties"]["ExplicitAuthFlows"] == [*DEFAULT_FLOWS]
    assert "ALLOW_USER_PASSWORD_AUTH" not in DEFAULT_FLOWS


def test_a_client_keeps_the_flows_that_it_names() -> None:
    flows = ["ALLOW_USER_PASSWORD_AUTH"]
    localized, _ = localize({"Client": {"Type": CLIENT, "Properties": {"ExplicitAuthFlows": flows}}})
    assert localized["Client"]["Properties"]["ExplicitAuthFlows"] == flows


def test_the_rotation_of_refresh_tokens_rides_in_what_the_local_aws_keeps() -> None:
    rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 30}
    given = {"ClientName": "app", "RefreshTokenRotation": rotation}
    kept = carry(given)
    assert "RefreshTokenRotation" not in kept
    assert restore(kept) == given


def test_a_local_aws_whose_stacks_cannot_keep_it_is_not_taken() -> None:
    def create(logical_id: str, props: dict[str, Any]) -> None:
        """Take other parameters than the pinned version's."""

    handlers = {CLIENT: {"create": create, "update": create}}
    assert not carry_in_stacks(SimpleNamespace(_RESOURCE_HANDLERS=handlers))
    assert not carry_in_stacks(SimpleNamespace())
    assert handlers[CLIENT]["create"] is create


TOLD_OF_FUNCTION = {
    "CapacityProviderConfig", "DurableConfig", "FileSystemConfigs", "FunctionScalingConfig", "ImageConfig",
    "PublishToLatestPublished", "TenancyConfig",
}  # fmt: skip
"""Properties of a function that are told at start as having no effect."""

DECIDED: dict[str, set[str]] = {
    USER_POOL: {*KNOWN[USER_POOL], *UNDONE[USER_POOL]},
    CLIENT: {*KNOWN[CLIENT], *UNDONE[CLIENT]},
    "AWS::Lambda::Function": {*READ, *HARMLESS, *TOLD_OF_FUNCTION},
    "AWS::ApiGateway::RestApi": {*of_rest_api.KNOWN_OF_API, *of_rest_api.REFUSED_OF_API},
    "AWS::ApiGateway::Stage": {*of_rest_api.KNOWN_OF_STAGE},
    "AWS::ApiGatewayV2::Api": {
        "ApiKeySelectionExpression", "BasePath", "Body", "BodyS3Location", "CorsConfiguration",
        "CredentialsArn", "Description", "DisableExecuteApiEndpoint", "DisableSchemaValidation",
        "FailOnWarnings", "IpAddressType", "Name", "ProtocolType", "RouteKey", "RouteSelectionExpression",
        "Tags", "Target", "Version",
    },
    "AWS::ApiGatewayV2::Stage": {
        "AccessLogSettings", "ApiId", "AutoDeploy", "ClientCertificateId",
        "DefaultRouteSettings", "DeploymentId", "Description", "RouteSettings", "StageName",
        "StageVariables", "Tags",
    },
}  # fmt: skip


@pytest.mark.whole  # cfn-lint's schemas are in another environment
@pytest.mark.parametrize("kind", DECIDED)
def test_every_property_of_cloudformations_schema_is_known_listed_or_refused(kind: str) -> None:
    """A property that a new release of cfn-lint brings has to be decided on here."""
    schemas = map(json.loads, (file.read_bytes() for file in SCHEMAS.glob("*.json")))
    (schema,) = (schema for schema in schemas if schema["typeName"] == kind)
    read_only = {path.rpartition("/")[2] for path in schema.get("readOnlyProperties", [])}
    assert set(schema["properties"]) - read_only - DECIDED[kind] == set()


OF_SAM = {
    "function": (
        aws_serverless_function.Properties,
        {
            "Architectures", "AssumeRolePolicyDocument", "AutoPublishAlias", "AutoPublishAliasAllProperties",
            "AutoPublishCodeSha256", "CapacityProviderConfig", "CodeSigningConfigArn", "CodeUri",
            "DeadLetterQueue", "DeploymentPreference", "Description", "DurableConfig", "Environment",
            "EphemeralStorage", "EventInvokeConfig", "Events", "FileSystemConfigs", "FunctionName",
            "FunctionScalingConfig", "FunctionUrlConfig", "Handler", "ImageConfig", "ImageUri", "InlineCode",
            "KmsKeyArn", "Layers", "LoggingConfig", "MemorySize", "PackageType", "PermissionsBoundary",
            "Policies", "PropagateTags", "ProvisionedConcurrencyConfig", "PublishToLatestPublished",
            "RecursiveLoop", "ReservedConcurrentExecutions", "Role", "RolePath", "Runtime",
            "RuntimeManagementConfig", "SnapStart", "SourceKMSKeyArn", "Tags", "TenancyConfig", "Timeout",
            "Tracing", "VersionDeletionPolicy", "VersionDescription", "VpcConfig",
        },
    ),
    "api": (
        aws_serverless_api.Properties,
        {
            "AccessLogSetting", "AlwaysDeploy", "ApiKeySourceType", "Auth", "BinaryMediaTypes",
            "CacheClusterEnabled", "CacheClusterSize", "CanarySetting", "Cors", "DefinitionBody",
            "DefinitionUri", "Description", "DisableExecuteApiEndpoint", "Domain", "EndpointAccessMode",
            "EndpointConfiguration", "FailOnWarnings", "GatewayResponses", "MergeDefinitions",
            "MethodSettings", "MinimumCompressionSize", "Mode", "Models", "Name", "OpenApiVersion", "Policy",
            "PropagateTags", "SecurityPolicy", "StageName", "Tags", "TracingEnabled", "Variables",
        },
    ),
    "api's Auth": (
        aws_serverless_api.Auth,
        {
            "AddApiKeyRequiredToCorsPreflight", "AddDefaultAuthorizerToCorsPreflight", "ApiKeyRequired",
            "Authorizers", "DefaultAuthorizer", "InvokeRole", "ResourcePolicy", "UsagePlan",
        },
    ),
    "HTTP API": (
        aws_serverless_httpapi.Properties,
        {
            "AccessLogSettings", "Auth", "CorsConfiguration", "DefaultRouteSettings", "DefinitionBody",
            "DefinitionUri", "Description", "DisableExecuteApiEndpoint", "Domain", "FailOnWarnings", "Name",
            "PropagateTags", "RouteSettings", "StageName", "StageVariables", "Tags",
        },
    ),
    "HTTP API's Auth": (
        aws_serverless_httpapi.Auth, {"Authorizers", "DefaultAuthorizer", "EnableIamAuthorizer"}
    ),
    "function's HttpApi event": (
        aws_serverless_function.HttpApiEventProperties,
        {
            "ApiId", "Auth", "Method", "PayloadFormatVersion", "Path", "RouteSettings", "TimeoutInMillis",
        },
    ),
    "function's URL": (aws_serverless_function.FunctionUrlConfig, {"AuthType", "Cors", "InvokeMode"}),
    "function's Api event": (
        aws_serverless_function.ApiEventProperties,
        {
            "Auth", "Method", "Path", "RequestModel", "RequestParameters", "ResponseTransferMode",
            "RestApiId", "TimeoutInMillis",
        },
    ),
}  # fmt: skip
"""Of what SAM's translator makes CloudFormation's properties and an API's document, read or refused here."""


@pytest.mark.parametrize("name", OF_SAM)
def test_every_property_of_sams_schema_is_one_that_has_been_looked_at(name: str) -> None:
    """A property that a new translator brings: see what it makes of it, and decide, before it stands here."""
    model, known = OF_SAM[name]
    assert set(model.__fields__) - known == set()
