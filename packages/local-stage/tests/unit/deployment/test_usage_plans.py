"""API keys and usage plans, as SAM makes them and as a template has them itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_stage.api_gateway.throttle import Throttle
from local_stage.api_gateway.usage_plan import Quota
from tests.unit.memory_deployment import TEMPLATE, deploy, refusal

AUTH = "      Auth:\n"
PLAN = """
        ApiKeyRequired: true
        UsagePlan:
          CreateUsagePlan: PER_API
          Quota: {Limit: 100, Period: WEEK, Offset: 2}
          Throttle: {RateLimit: 5, BurstLimit: 10}
"""
PER_API = TEMPLATE.replace(AUTH, AUTH + PLAN.lstrip("\n"))
OWN = """
  Key:
    Type: AWS::ApiGateway::ApiKey
    Properties: {Name: first, Value: VALUE, Enabled: true}
  Idle:
    Type: AWS::ApiGateway::ApiKey
  Plan:
    Type: AWS::ApiGateway::UsagePlan
    Properties:
      ApiStages:
        - ApiId: !Ref HelloApi
          Stage: !Ref HelloApi.Stage
          Throttle: {/hello/GET: {RateLimit: 1, BurstLimit: 2}}
  Member:
    Type: AWS::ApiGateway::UsagePlanKey
    Properties: {KeyId: !Ref Key, KeyType: API_KEY, UsagePlanId: !Ref Plan}
Outputs:
"""


def own(value: str = "a-value-of-twenty-letters") -> str:
    return TEMPLATE.replace("\nOutputs:\n", OWN.replace("VALUE", value))


def test_sam_makes_a_plan_with_a_key_whose_value_is_the_same_at_every_start(tmp_path: Path) -> None:
    first, second = deploy(tmp_path, PER_API), deploy(tmp_path, PER_API)
    (plan,), (key,) = first.usage_plans, first.api_keys
    assert (plan.keys, [*plan.stages]) == ((key,), [(first.apis[0].api_id, "dev")])
    assert (plan.throttle, plan.quota) == (Throttle(5.0, 10), Quota(100, "WEEK", 2))
    assert key.is_enabled
    assert len(key.value) == 40
    assert key.value.isalnum()
    assert [other.value for other in second.api_keys] == [key.value]
    assert first.apis[0].routes[0].api_key_required


def test_a_template_may_have_its_own(tmp_path: Path) -> None:
    deployment = deploy(tmp_path, own())
    (plan,) = deployment.usage_plans
    keys = {key.logical_id: key for key in deployment.api_keys}
    assert plan.keys == (keys["Key"],)
    assert [*plan.stages.values()] == [{("GET", "/hello"): Throttle(1.0, 2)}]
    assert (keys["Key"].value, keys["Key"].name) == ("a-value-of-twenty-letters", "first")
    assert not keys["Idle"].is_enabled


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("VALUE", "short", "Key.Value: has to have 20 to 128 characters"),
        ("Name: first", "Nom: x", "Key.Nom: Nom of an API key is not known"),
        ("RateLimit: 1", "RateLimit: x", "RateLimit: has to be a number"),
        (
            "    Type: AWS::ApiGateway::ApiKey\n  Plan",
            "    Type: AWS::ApiGateway::ApiKey\n    Properties: {Value: VALUE}\n  Plan",
            "Idle.Value: is that of Key as well",
        ),
    ],
)
def test_what_api_gateway_would_not_take_is_refused(tmp_path: Path, old: str, new: str, why: str) -> None:
    text = OWN.replace(old, new).replace("VALUE", "a-value-of-twenty-letters")
    assert why in refusal(tmp_path, TEMPLATE.replace("\nOutputs:\n", text))
