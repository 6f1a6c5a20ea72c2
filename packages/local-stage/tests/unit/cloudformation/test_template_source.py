"""A template whose sections are of another form is refused, and the place is named."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.cloudformation.template_source import check_anatomy
from local_stage.errors import StartError

POOL = {"Type": "AWS::Cognito::UserPool"}
RESOURCES: dict[Any, Any] = {"Resources": {"Pool": POOL}}
NO_MAPPING = "is not a mapping of names to values"


def test_a_template_with_every_section_passes() -> None:
    check_anatomy(
        "template.yaml",
        {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Transform": ["AWS::Serverless-2016-10-31"],
            "Description": "Hello",
            "Metadata": {"Anything": 1},
            "Globals": {"Function": {"Timeout": 3}},
            "Parameters": {"Stage": {"Type": "String"}},
            "Mappings": {"Sizes": {"dev": {"Memory": 256}}},
            "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
            "Resources": {"Pool": POOL, "Other": {**POOL, "Condition": "Never", "Properties": {}}},
            "Outputs": {"Pool": {"Value": {"Ref": "Pool"}}},
        },
    )


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (None, "is not a CloudFormation template: it has no Resources"),
        ([], "is not a CloudFormation template: it has no Resources"),
        ({"Parameters": {}}, "is not a CloudFormation template: it has no Resources"),
        ({"Resources": [POOL]}, "is not a CloudFormation template: it has no Resources"),
        ({**RESOURCES, "Policies": {}}, "Policies: this section is not supported locally"),
        ({**RESOURCES, 1: {}}, "1: this section is not supported locally"),
        ({**RESOURCES, "Outputs": None}, f"Outputs: {NO_MAPPING}"),
        ({**RESOURCES, "Conditions": []}, f"Conditions: {NO_MAPPING}"),
        ({**RESOURCES, "Parameters": {"Stage": "dev"}}, f"Parameters.Stage: {NO_MAPPING}"),
        ({**RESOURCES, "Globals": {"Function": None}}, f"Globals.Function: {NO_MAPPING}"),
        ({**RESOURCES, "Outputs": {"Url": {}}}, "Outputs.Url: has no Value"),
        ({"Resources": {"Pool": None}}, f"Pool: {NO_MAPPING}"),
        ({"Resources": {"Pool": {}}}, "Pool: has no Type"),
        ({"Resources": {"Pool": {"Type": 1}}}, "Pool.Type: is not a string"),
        ({"Resources": {"Pool": {**POOL, "Condition": ["Never"]}}}, "Pool.Condition: is not a string"),
        ({"Resources": {"Pool": {**POOL, "Properties": None}}}, f"Pool.Properties: {NO_MAPPING}"),
    ],
    ids=str,
)
def test_another_form_is_refused_by_its_place(source: Any, why: str) -> None:
    with pytest.raises(StartError) as caught:
        check_anatomy("template.yaml", source)
    assert str(caught.value) == f"template.yaml: {why}"
