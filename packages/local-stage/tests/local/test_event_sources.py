"""The rest of a template runs as well: events of the local AWS reach the stage's own functions."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.stage_process import StageProcess, running_stage

TEMPLATE = """\
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
          Properties: {Stream: !GetAtt Table.StreamArn, StartingPosition: TRIM_HORIZON}
        Rule: {Type: EventBridgeRule, Properties: {Pattern: {source: [orders]}}}
        Minute: {Type: Schedule, Properties: {Schedule: rate(1 minute), Input: '{"every": "minute"}'}}
        MinuteV2:
          Type: ScheduleV2
          Properties: {ScheduleExpression: rate(1 minute), Input: '{"v2": "minute"}'}
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
  TopicArn: {Value: !Ref Topic}
  BucketName: {Value: !Ref Bucket}
  StreamName: {Value: !Ref Stream}
  TableName: {Value: !Ref Table}
  MachineArn: {Value: !Ref Machine}
  WorkerName: {Value: !Ref Worker}
  UserPoolClientId: {Value: !Ref Client}
"""
PASSWORD = "Correct-Horse-7"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    folder = tmp_path_factory.mktemp("sources")
    (folder / "template.yaml").write_text(TEMPLATE)
    with running_stage(folder, "--template", "template.yaml") as running:
        yield running


def test_every_event_source_is_there(stage: StageProcess) -> None:
    not_run = stage.printed.partition("Not run locally\n")[2].partition("\n\n")[0].splitlines()
    assert not_run == ["  Resources: there is no API to serve, so that no request reaches a function"]


def test_a_queue_a_topic_a_bucket_a_stream_a_table_and_a_bus_reach_the_function(stage: StageProcess) -> None:
    mark, outputs = uuid.uuid4().hex, stage.outputs
    stage.client("sqs").send_message(QueueUrl=outputs["QueueUrl"], MessageBody=f"sqs {mark}")
    for colour in ("red", "blue"):
        attribute = {"colour": {"DataType": "String", "StringValue": colour}}
        stage.client("sns").publish(
            TopicArn=outputs["TopicArn"], Message=f"{colour} {mark}", MessageAttributes=attribute
        )
    stage.client("s3").put_object(Bucket=outputs["BucketName"], Key=f"s3-{mark}", Body=b"")
    stage.client("kinesis").put_record(
        StreamName=outputs["StreamName"], Data=b"1", PartitionKey=f"kinesis-{mark}"
    )
    stage.client("dynamodb").put_item(TableName=outputs["TableName"], Item={"id": {"S": f"table-{mark}"}})
    detail = json.dumps({"bus": mark})
    stage.client("events").put_events(Entries=[{"Source": "orders", "DetailType": "x", "Detail": detail}])
    for text in (
        f"sqs {mark}",
        f"blue {mark}",
        f"s3-{mark}",
        f"kinesis-{mark}",
        f"table-{mark}",
        f'"bus": "{mark}"',
    ):
        stage.wait_for_log(text)
    assert f"red {mark}" not in stage.log


def test_lambdas_own_api_invokes_the_function_and_tells_its_error_as_it_was(stage: StageProcess) -> None:
    client, name = stage.client("lambda"), stage.outputs["WorkerName"]
    invoked = client.invoke(FunctionName=name, Payload=b'{"a": [1]}')
    assert (json.load(invoked["Payload"]), invoked.get("FunctionError")) == ({"given": {"a": [1]}}, None)
    failed = client.invoke(FunctionName=name, Payload=b'{"fail": true}')
    error = json.load(failed["Payload"])
    assert (failed["FunctionError"], error["errorType"]) == ("Unhandled", "KeyError")
    assert any("as it was asked to" in frame for frame in error["stackTrace"])
    mark = uuid.uuid4().hex
    event = client.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps({"async": mark}))
    assert event["StatusCode"] == 202
    stage.wait_for_log(mark)


def test_a_state_machine_runs_the_function_and_catches_its_error(stage: StageProcess) -> None:
    client = stage.client("stepfunctions")
    outcomes = []
    for given in ('{"ok": 1}', '{"fail": true}'):
        started = client.start_execution(stateMachineArn=stage.outputs["MachineArn"], input=given)
        outcomes.append(_wait_for_execution(client, started["executionArn"]))
    assert outcomes == [{"given": {"ok": 1}}, "caught"]


def _wait_for_execution(client: Any, arn: str) -> Any:
    while (described := client.describe_execution(executionArn=arn))["status"] == "RUNNING":
        pass
    return json.loads(described["output"])


def test_a_pools_triggers_decide_who_signs_up_and_what_the_tokens_say(stage: StageProcess) -> None:
    cognito, client_id = stage.client("cognito-idp"), stage.outputs["UserPoolClientId"]
    cognito.sign_up(ClientId=client_id, Username="alice", Password=PASSWORD)
    with pytest.raises(cognito.exceptions.UserLambdaValidationException):
        cognito.sign_up(ClientId=client_id, Username="mallory", Password=PASSWORD)
    tokens = _sign_in(cognito, client_id, "alice")
    assert _read_claims(tokens["IdToken"])["plan"] == "gold"
    cognito.sign_up(ClientId=client_id, Username="trudy", Password=PASSWORD)
    with pytest.raises(cognito.exceptions.ClientError):
        _sign_in(cognito, client_id, "trudy")


def _sign_in(cognito: Any, client_id: str, username: str) -> Any:
    parameters = {"USERNAME": username, "PASSWORD": PASSWORD}
    return cognito.initiate_auth(
        ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
    )["AuthenticationResult"]


def _read_claims(token: str) -> Any:
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


@pytest.mark.whole
def test_schedules_of_both_kinds_fire_after_a_minute(stage: StageProcess) -> None:
    for text in ('{"every": "minute"}', '{"v2": "minute"}'):
        stage.wait_for_log(text, 90.0)
