"""A layer's content has to be in a local folder, as it is or to be built by pip."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_stage.cloudformation.local_code import LayerContent, find_placeholder
from local_stage.cloudformation.template import Template, read_template

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: shared/, CompatibleRuntimes: [python3.13]}
  Built:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.13}
    Properties: {ContentUri: built}
  Plain:
    Type: AWS::Lambda::LayerVersion
    Properties: {Content: plain}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      CodeUri: code
      Handler: app.handler
      Layers: [!Ref Shared, !Ref Built, !Ref Plain]
"""


def read(folder: Path, text: str = TEMPLATE) -> Template:
    for name in ("shared", "built", "plain", "code"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "template.yaml").write_text(text)
    return read_template(folder / "template.yaml", {}, "ap-northeast-1")


def test_each_layers_content_is_found(tmp_path: Path) -> None:
    assert read(tmp_path).code.layers == {
        "Shared": LayerContent(tmp_path / "shared", ""),
        "Built": LayerContent(tmp_path / "built", "python3.13"),
        "Plain": LayerContent(tmp_path / "plain", ""),
    }


def test_translated_layers_are_known_by_their_own_names(tmp_path: Path) -> None:
    resources = read(tmp_path).resources
    layers = [resource["Ref"] for resource in resources["Function"]["Properties"]["Layers"]]
    assert [find_placeholder(resources[layer]) for layer in layers] == ["Shared", "Built", "Plain"]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (
            "ContentUri: shared/",
            "ContentUri: nowhere",
            "Shared.ContentUri: ContentUri names nowhere, which is",
        ),
        (
            "ContentUri: shared/",
            "ContentUri: s3://bucket/layer.zip",
            "Shared.ContentUri: ContentUri names s3://bucket/layer.zip, which is not on",
        ),
        (
            "ContentUri: shared/",
            "ContentUri: {Bucket: b, Key: k}",
            "Shared.ContentUri: ContentUri names what is",
        ),
        (
            "Properties: {Content: plain}",
            "Properties: {Content: {S3Bucket: bucket, S3Key: layer.zip}}",
            "Plain.Content: Content names what is not on this machine",
        ),
        (
            "Properties: {ContentUri: built}",
            "Properties: {LayerName: built}",
            "Built.ContentUri: ContentUri is not there",
        ),
        (
            "BuildMethod: python3.13",
            "BuildMethod: java21",
            "Built.ContentUri: its build method java21 is",
        ),
    ],
)
def test_content_that_is_not_here_is_said(tmp_path: Path, old: str, new: str, why: str) -> None:
    assert TEMPLATE.count(old) == 1
    (told,) = read(tmp_path, TEMPLATE.replace(old, new)).code.not_run
    assert str(told).startswith(why)
    assert str(told).endswith("; functions run without it")


def test_a_layer_is_built_by_pip_whatever_its_python(tmp_path: Path) -> None:
    layers = read(tmp_path, TEMPLATE.replace("BuildMethod: python3.13", "BuildMethod: python3.8")).code.layers
    assert layers["Built"].method == "python3.8"
