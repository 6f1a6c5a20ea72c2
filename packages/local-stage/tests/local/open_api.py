"""A template whose API is open to all: one function with one route for each handler."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.13, Handler: app.handler, MemorySize: 512, Timeout: 10}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties: {StageName: dev, OpenApiVersion: 3.0.3}
"""

FUNCTION = """\
  {name}:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: {folder}
{more}
      Events:
        Get: {{Type: Api, Properties: {{RestApiId: !Ref Api, Path: /{folder}, Method: get}}}}
"""

OUTPUTS = """\
Outputs:
  ApiUrl: {Value: !Sub "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/dev"}
"""


def write_open_api(
    folder: Path,
    handlers: Mapping[str, str],
    properties: Mapping[str, str] | None = None,
    resources: str = "",
) -> Path:
    """Write the template and each handler's folder, named like the function in lower case; return the first.

    `properties` are further lines of a function's, `resources` further resources, both as they stand in YAML.
    """
    functions = []
    for name, source in handlers.items():
        module = folder / name.lower() / "app.py"
        module.parent.mkdir(exist_ok=True)
        module.write_text(textwrap.dedent(source))
        more = textwrap.indent(textwrap.dedent((properties or {}).get(name, "")).strip("\n"), " " * 6)
        functions.append(FUNCTION.format(name=name, folder=name.lower(), more=more))
    template = folder / "template.yaml"
    template.write_text(TEMPLATE + "".join(functions) + textwrap.dedent(resources) + OUTPUTS)
    return template
