"""What SAM's own translator makes of an API, where the stage leans on it."""

from __future__ import annotations

from typing import Any

import pytest
from samtranslator.model.exceptions import InvalidDocumentException

from local_stage.api_gateway.integrations.lambda_proxy import LambdaProxyIntegration
from tests.unit.api_gateway.sam_api import FUNCTION_ARN, HELLO, POOL_ARN, auth, method, read, translate

POOL_AUTHORIZER = {"Pool": {"UserPoolArn": POOL_ARN}}


def security_schemes(api: dict[str, Any]) -> Any:
    body = translate({"StageName": "dev", "OpenApiVersion": "3.0.1", **api})["RestApi"]["Body"]
    return body["components"]["securitySchemes"]


@pytest.mark.rule("sam.no-result-lifetime")
def test_sam_gives_a_cognito_authorizer_no_lifetime_of_results() -> None:
    scheme = security_schemes(auth(POOL_AUTHORIZER, "Pool"))["Pool"]
    assert scheme["x-amazon-apigateway-authorizer"] == {
        "type": "cognito_user_pools",
        "providerARNs": [POOL_ARN],
    }


@pytest.mark.rule("sam.scopes-need-authorizer")
def test_sam_refuses_scopes_of_an_event_that_stand_alone() -> None:
    scopes = {**HELLO, "Auth": {"AuthorizationScopes": ["hello/read"]}}
    with pytest.raises(InvalidDocumentException) as caught:
        read(auth(POOL_AUTHORIZER, "Pool"), events={"Get": scopes})
    assert "AuthorizationScopes works only when Authorizer is set" in str(caught.value.causes[0].message)


@pytest.mark.rule("limits.integration-timeout")
def test_an_integration_has_29_seconds_unless_the_template_says_otherwise() -> None:
    rest_api, _ = read()
    assert method(rest_api).integration == LambdaProxyIntegration(FUNCTION_ARN, timeout=29.0)


@pytest.mark.rule("sam.stage-called-stage")
@pytest.mark.parametrize(("version", "stage_name"), [(None, "Stage"), ("3.0.1", None)])
def test_without_a_version_of_openapi_sam_also_makes_a_stage_called_stage(
    version: str | None, stage_name: str | None
) -> None:
    api = {"StageName": "dev", **({"OpenApiVersion": version} if version else {})}
    assert translate(api)["Deployment"].get("StageName") == stage_name
