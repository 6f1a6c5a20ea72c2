"""A layer's content has to be in a local folder, as it is or to be built by pip."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_stage.cloudformation.template import LayerContent, Template, find_placeholder, read_template
from local_stage.errors import StartError

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
    assert read(tmp_path).layer_contents == {
        "Shared": LayerContent(tmp_path / "shared", is_built=False),
        "Built": LayerContent(tmp_path / "built", is_built=True),
        "Plain": LayerContent(tmp_path / "plain", is_built=False),
    }


def test_translated_layers_are_known_by_their_own_names(tmp_path: Path) -> None:
    resources = read(tmp_path).resources
    layers = [resource["Ref"] for resource in resources["Function"]["Properties"]["Layers"]]
    assert [find_placeholder(resources[layer]) for layer in layers] == ["Shared", "Built", "Plain"]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("ContentUri: shared/", "ContentUri: nowhere", "Shared.ContentUri: nowhere is not a folder"),
        (
            "ContentUri: shared/",
            "ContentUri: s3://bucket/layer.zip",
            "Shared.ContentUri: names no local folder; set it to the folder of the layer's content",
        ),
        (
            "ContentUri: shared/",
            "ContentUri: {Bucket: bucket, Key: layer.zip}",
            "Shared.ContentUri: names no local folder; set it to the folder of the layer's content",
        ),
        (
            "Properties: {Content: plain}",
            "Properties: {Content: {S3Bucket: bucket, S3Key: layer.zip}}",
            "Plain.Content: names no local folder; set it to the folder of the layer's content",
        ),
        (
            "Properties: {ContentUri: built}",
            "Properties: {LayerName: built}",
            "Built.ContentUri: names no local folder; set it to the folder of the layer's content",
        ),
    ],
)
def test_content_that_is_not_here_is_refused(tmp_path: Path, old: str, new: str, why: str) -> None:
    assert TEMPLATE.count(old) == 1
    with pytest.raises(StartError) as caught:
        read(tmp_path, TEMPLATE.replace(old, new))
    assert str(caught.value) == f"{tmp_path}/template.yaml: {why}"


@pytest.mark.parametrize("method", ["makefile", "python3.12", "nodejs22.x"])
def test_a_layer_that_is_built_otherwise_is_refused(tmp_path: Path, method: str) -> None:
    with pytest.raises(StartError) as caught:
        read(tmp_path, TEMPLATE.replace("BuildMethod: python3.13", f"BuildMethod: {method}"))
    assert str(caught.value) == (
        f"{tmp_path}/template.yaml: Built.Metadata.BuildMethod: {method!r} cannot be built here;"
        " use python3.13, or omit it for a folder ready to use"
    )
