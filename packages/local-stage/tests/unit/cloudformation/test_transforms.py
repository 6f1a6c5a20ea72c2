"""What a template includes and repeats is there before SAM's transform runs, or its place is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local_stage.cloudformation.template import Template, read_template
from local_stage.errors import StartError

API = """
Transform: [AWS::Serverless-2016-10-31]
Parameters:
  Bucket: {Type: String, Default: bucket}
  Unset: {Type: CommaDelimitedList}
  Names: {Type: CommaDelimitedList, Default: "One,Two"}
Mappings:
  Limits: {dev: {Most: 7}}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      DefinitionBody: BODY
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !FindInMap [Limits, dev, Most]
"""
DEFINITION = """
openapi: 3.0.1
info: {title: included}
paths:
  /hello: {get: {x-amazon-apigateway-integration: {uri: {"Fn::Sub": "${AWS::Region}"}}}}
"""


def read(folder: Path, text: str) -> Template:
    (folder / "api").mkdir(exist_ok=True)
    (folder / "api" / "openapi.yaml").write_text(DEFINITION)
    (folder / "properties.json").write_text('{"TableName": "included"}')
    (folder / "template.yaml").write_text(text)
    return read_template(folder / "template.yaml", {}, "ap-northeast-1")


def include(location: str) -> str:
    return f'{{"Fn::Transform": {{Name: AWS::Include, Parameters: {{Location: {location}}}}}}}'


def body_of(template: Template) -> Any:
    return template.resources["Api"]["Properties"]["Body"]


@pytest.mark.parametrize(
    "text",
    [
        API.replace("BODY", include("api/openapi.yaml")),
        API.replace("BODY", include("!Sub 'api/openapi.yaml'")),
        API.replace("BODY", "!Transform {Name: AWS::Include, Parameters: {Location: ./api/openapi.yaml}}"),
        API.replace("DefinitionBody: BODY", "DefinitionUri: api/openapi.yaml"),
    ],
    ids=["include", "sub", "short form", "uri"],
)
def test_a_local_definition_is_the_apis(tmp_path: Path, text: str) -> None:
    template = read(tmp_path, text)
    uri = body_of(template)["paths"]["/hello"]["get"]["x-amazon-apigateway-integration"]["uri"]
    assert uri == {"Fn::Sub": "${AWS::Region}"}
    assert template.not_run == ()


@pytest.mark.parametrize(
    "text",
    [
        API.replace("BODY", include("s3://bucket/openapi.yaml")),
        API.replace("BODY", include("!Sub 's3://${Bucket}/openapi.yaml'")),
        API.replace("BODY", include("nowhere.yaml")),
        API.replace("DefinitionBody: BODY", "DefinitionUri: s3://bucket/openapi.yaml"),
        API.replace("DefinitionBody: BODY", "DefinitionUri: {Bucket: bucket, Key: openapi.yaml}"),
    ],
    ids=["s3", "sub", "missing", "uri", "mapping"],
)
def test_an_api_whose_definition_is_not_here_has_no_route(tmp_path: Path, text: str) -> None:
    template = read(tmp_path, text)
    assert body_of(template)["paths"] == {}
    (told,) = template.not_run
    assert told.resource == "Api"
    assert told.why.endswith("is not on this machine, so that the API has no route here")


def test_an_include_adds_to_what_stands_beside_it(tmp_path: Path) -> None:
    text = API.replace("BODY", include("api/openapi.yaml")).replace(
        "TableName: !FindInMap [Limits, dev, Most]", f"{include('properties.json')[1:-1]}\n      Tags: []"
    )
    assert read(tmp_path, text).resources["Table"]["Properties"] == {"TableName": "included", "Tags": []}


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (
            "StageName: dev",
            f"StageName: dev\n      Auth: {include('s3://b/auth.yaml')}",
            "Api: includes s3://b/a",
        ),
        (
            "TableName:",
            f"{include('none.yaml')[1:-1]}\n      TableName:",
            "Table: includes none.yaml, which is not",
        ),
        ("TableName:", "Fn::Transform: {Name: Macro}\n      TableName:", "Table: the transform Macro is not"),
        (
            "Transform: [",
            "Transform: [{Name: AWS::Include, Parameters: {Location: s3://b/k}}, ",
            "Transform: includes s3://b/k",
        ),
    ],
)
def test_what_cannot_be_included_is_refused_by_its_place(
    tmp_path: Path, old: str, new: str, why: str
) -> None:
    with pytest.raises(StartError) as caught:
        read(tmp_path, API.replace("BODY", include("api/openapi.yaml")).replace(old, new, 1))
    assert str(caught.value).startswith(f"{tmp_path}/template.yaml: {why}")


EXTENDED = API.replace("Transform: [", "Transform: [AWS::LanguageExtensions, ")
LOOP = """
  "Fn::ForEach::Tables":
    - Name
    - COLLECTION
    - "Table${Name}": {Type: AWS::DynamoDB::Table, Properties: {TableName: !Ref Name}}
"""


def test_a_loop_makes_a_resource_of_each_item(tmp_path: Path) -> None:
    text = EXTENDED.replace("BODY", include("api/openapi.yaml")) + LOOP.replace("COLLECTION", "!Ref Names")
    resources = read(tmp_path, text).resources
    assert resources["TableOne"]["Properties"] == {"TableName": "One"}
    assert "TableTwo" in resources


def test_a_loop_over_what_is_not_known_is_refused(tmp_path: Path) -> None:
    text = EXTENDED.replace("BODY", include("api/openapi.yaml")) + LOOP.replace("COLLECTION", "!Ref Unset")
    with pytest.raises(StartError, match="Could not find a collection"):
        read(tmp_path, text)


def test_of_a_key_that_occurs_twice_the_last_one_counts_and_it_is_told(tmp_path: Path) -> None:
    text = API.replace("BODY", include("api/openapi.yaml"))
    template = read(tmp_path, text.replace("      TableName:", "      TableName: first\n      TableName:"))
    assert template.resources["Table"]["Properties"] == {
        "TableName": {"Fn::FindInMap": ["Limits", "dev", "Most"]}
    }
    assert [str(item) for item in template.not_run] == [
        "template.yaml.line 19: the key TableName occurs again, and the last one counts, as on AWS"
    ]
