"""A project with functions of every kind: in packages, inline, with layers, of limited concurrency."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.local.lambda_runtime.running_function import write_source
from tests.local.lambda_runtime.test_requirements import write_wheel

TEMPLATE: Final = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.13
    Timeout: 20
    MemorySize: 256
    CodeUri: everything
    Environment: {Variables: {SHARED: globals, TABLE: !Ref Api}}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties: {StageName: dev, OpenApiVersion: 3.0.3}
  Greetings:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layers/greetings}
  Packages:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.13}
    Properties: {ContentUri: layers/packages, LayerName: packages}
  Old:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.9}
    Properties: {ContentUri: layers/packages}
  Broken:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.13}
    Properties: {ContentUri: layers/broken}
  NodePackages:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: nodejs22.x}
    Properties: {ContentUri: layers/node}
  Made:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: makefile}
    Properties: {ContentUri: layers/made}
  ManyLayersFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: many
      Handler: many.handler
      Layers:
        - !Ref Old
        - !Ref Broken
        - !Ref Made
        - !Sub "arn:aws:lambda:${AWS::Region}:123456789012:layer:Given:7"
        - !Sub "arn:aws:lambda:${AWS::Region}:580247275435:layer:LambdaInsightsExtension:2"
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /many, Method: get}}}
  NodeLayerFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: node
      Handler: node.handler
      Runtime: nodejs14.x
      Layers: [!Ref NodePackages]
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /node, Method: get}}}
  PackagedFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: api.v1.main.handler
      Environment: {Variables: {OWN: packaged}}
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /packaged, Method: get}}}
  OtherFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: other/source
      Handler: main.handler
      Timeout: 7
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /other, Method: get}}}
  InlineFunction:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        def handler(event, context):
            return {"statusCode": 200, "body": __name__ + " " + context.function_name}
      Handler: index.handler
      FunctionName: inline-one
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /inline, Method: get}}}
  LayeredFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: layered.handler
      Layers: [!Ref Packages, !Ref Greetings]
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /layered, Method: get}}}
  ReservedFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: gate.handler
      ReservedConcurrentExecutions: 1
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /reserved, Method: get}}}
  OffFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: gate.handler
      ReservedConcurrentExecutions: 0
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /off, Method: get}}}
  GateFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: gate.handler
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /gate, Method: get}}}
Outputs:
  ApiUrl: {Value: !Sub "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/dev"}
"""

_FILES: Final = {
    "everything/api/__init__.py": "",
    "everything/api/v1/main.py": """
        import os
        from api.v1 import names

        def handler(event, context):
            told = [__name__, names.NAME, os.environ["OWN"], os.environ["SHARED"], context.memory_limit_in_mb]
            return {"statusCode": 200, "body": " ".join(told)}
    """,
    "everything/api/v1/names.py": "NAME = 'beside it'",
    "everything/layered.py": """
        import greeting_package, greetings

        def handler(event, context):
            return {"statusCode": 200, "body": f"{greetings.TEXT} {greeting_package.TEXT}"}
    """,
    "everything/gate.py": """
        import os, pathlib, time

        def handler(event, context):
            folder = pathlib.Path(event["queryStringParameters"]["folder"])
            (folder / context.aws_request_id).touch()
            while not (folder / "open").exists():
                time.sleep(0.005)
            return {"statusCode": 200, "body": str(os.getpid())}
    """,
    "other/source/main.py": """
        import os

        def handler(event, context):
            seconds = round(context.get_remaining_time_in_millis() / 1000)
            return {"statusCode": 200, "body": f"{seconds} {os.environ['SHARED']} {'OWN' in os.environ}"}
    """,
    "layers/greetings/python/greetings.py": "TEXT = 'hello'",
    "many/many.py": """
        import given, greeting_package, made

        def handler(event, context):
            return {"statusCode": 200, "body": f"{given.TEXT} {greeting_package.TEXT} {made.TEXT}"}
    """,
    "node/node.js": """
        const { greeting } = require("greeting");
        exports.handler = async () => ({ statusCode: 200, body: greeting });
    """,
    "given/python/given.py": "TEXT = 'given'",
    "layers/broken/requirements.txt": "./absent-1.0-py3-none-any.whl",
    "layers/node/package.json": '{"dependencies": {"greeting": "file:GREETING"}}',
    "greeting/package.json": '{"name": "greeting", "version": "1.0.0"}',
    "greeting/index.js": "exports.greeting = 'hello from a layer';",
    "layers/made/Makefile": "build-Made:\n\tmkdir $(ARTIFACTS_DIR)/python\n"
    "\techo TEXT = \"'made'\" >$(ARTIFACTS_DIR)/python/made.py\n",
    "layers/packages/requirements.txt": "./greeting_package-1.0-py3-none-any.whl",
}


def write_project(folder: Path) -> None:
    for name, text in _FILES.items():
        write_source(folder, text.replace("GREETING", f"{folder}/greeting"), name)
    write_wheel(folder / "layers" / "packages", "world")
    (folder / "template.yaml").write_text(TEMPLATE)
