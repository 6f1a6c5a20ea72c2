"""A template with every event source that the local AWS has, and a pool with two triggers."""

from __future__ import annotations

from typing import Final

TEMPLATE: Final = """\
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13, Handler: index.handler}}
Resources:
  Pool: {Type: AWS::Cognito::UserPool}
  Client:
    Type: AWS::Cognito::UserPoolClient
    Properties: {UserPoolId: !Ref Pool, ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH]}
  Queue: {Type: AWS::SQS::Queue}
  Topic: {Type: AWS::SNS::Topic}
  Bucket: {Type: AWS::S3::Bucket}
  Stream: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
      StreamSpecification: {StreamViewType: NEW_IMAGE}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        import json
        def handler(event, context):
            print("worker", json.dumps(event))
            if event == {"fail": True}:
                raise KeyError("as it was asked to")
            return {"given": event}
      Events:
        Sqs: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn, BatchSize: 1}}
        Sns: {Type: SNS, Properties: {Topic: !Ref Topic, FilterPolicy: {colour: [blue]}}}
        S3: {Type: S3, Properties: {Bucket: !Ref Bucket, Events: "s3:ObjectCreated:*"}}
        Kinesis: {Type: Kinesis, Properties: {Stream: !GetAtt Stream.Arn, StartingPosition: TRIM_HORIZON}}
        DynamoDB:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Table.StreamArn
            StartingPosition: TRIM_HORIZON
            FilterCriteria: {Filters: [{Pattern: '{"eventName": ["INSERT"]}'}]}
        Rule: {Type: EventBridgeRule, Properties: {Pattern: {source: [orders]}}}
        Minute: {Type: Schedule, Properties: {Schedule: rate(1 minute), Input: '{"every": "minute"}'}}
        MinuteV2:
          Type: ScheduleV2
          Properties: {ScheduleExpression: rate(1 minute), Input: '{"v2": "minute"}'}
  Filtering:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        import json
        def handler(event, context):
            print(json.dumps(event))
      Events:
        Sqs:
          Type: SQS
          Properties:
            Queue: !GetAtt FilteredQueue.Arn
            FilterCriteria: {Filters: [{Pattern: '{"body": {"colour": ["blue"]}}'}]}
  Caller:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 20
      Environment: {Variables: {WORKER: !Ref Worker, TABLE: !Ref Table}}
      InlineCode: |
        import json
        import os
        import boto3
        def handler(event, context):
            client = boto3.client("lambda")
            called = {"FunctionName": os.environ["WORKER"], "Payload": json.dumps(event)}
            client.invoke(InvocationType="Event", **called)
            response = client.invoke(**called)
            tables = boto3.client("dynamodb").list_tables()["TableNames"]
            told = {"error": response.get("FunctionError"), "has_table": os.environ["TABLE"] in tables}
            return {"payload": json.load(response["Payload"]), **told}
  FilteredQueue: {Type: AWS::SQS::Queue}
  Failed: {Type: AWS::SQS::Queue}
  Failing:
    Type: AWS::Serverless::Function
    Properties:
      AutoPublishAlias: live
      InlineCode: &fails |
        def handler(event, context):
            print("failing", event)
            raise RuntimeError("as always")
      EventInvokeConfig:
        MaximumRetryAttempts: 1
        DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Failed.Arn}}
  DeadLetters: {Type: AWS::SQS::Queue}
  Dropping:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: *fails
      DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt DeadLetters.Arn}
      EventInvokeConfig: {MaximumRetryAttempts: 0}
  NodeWorker:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs20.x
      InlineCode: |
        exports.handler = async (event) => event.resources[0].split("/")[1];
      Events: {Day: {Type: Schedule, Properties: {Schedule: rate(1 day), Name: daily}}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: Work
        States:
          Work:
            Type: Task
            Resource: !GetAtt Worker.Arn
            End: true
            Catch: [{ErrorEquals: [KeyError], Next: Caught}]
          Caught: {Type: Pass, Result: caught, End: true}
  Triggers:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        def handler(event, context):
            if event["triggerSource"] == "PreSignUp_SignUp":
                if event["userName"] == "mallory":
                    raise ValueError("not you")
                event["response"]["autoConfirmUser"] = True
            else:
                claims = {"plan": "gold"}
                event["response"]["claimsOverrideDetails"] = {"claimsToAddOrOverride": claims}
                if event["userName"] == "trudy":
                    raise ValueError("no tokens")
            return event
      Events:
        Pool: {Type: Cognito, Properties: {UserPool: !Ref Pool, Trigger: [PreSignUp, PreTokenGeneration]}}
Outputs:
  QueueUrl: {Value: !Ref Queue}
  FilteredQueueUrl: {Value: !Ref FilteredQueue}
  FailedUrl: {Value: !Ref Failed}
  DeadLettersUrl: {Value: !Ref DeadLetters}
  FailingName: {Value: !Ref Failing}
  DroppingName: {Value: !Ref Dropping}
  TopicArn: {Value: !Ref Topic}
  BucketName: {Value: !Ref Bucket}
  StreamName: {Value: !Ref Stream}
  TableName: {Value: !Ref Table}
  MachineArn: {Value: !Ref Machine}
  WorkerName: {Value: !Ref Worker}
  NodeName: {Value: !Ref NodeWorker}
  UserPoolClientId: {Value: !Ref Client}
"""
