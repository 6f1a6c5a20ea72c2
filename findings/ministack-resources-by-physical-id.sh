#!/usr/bin/env bash
# Package: ministack 1.5.33 with boto3 1.43.106, seen on 2026-11-29.
#
# CloudFormation's DescribeStackResources takes a stack's name or, in its place, the physical id of one of its resources;
# SAM CLI asks in the second way for a function that it is given by name. MiniStack reads the name alone, and says that a
# stack without a name does not exist.
#
# Output seen:
#   by the stack's name: ['Queue']
#   by the resource's physical id: Stack [] does not exist
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ministack==1.5.33 boto3==1.43.106
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
env -i PATH="$PATH" HOME="$folder" GATEWAY_PORT="$port" "$folder/venv/bin/ministack" >/dev/null 2>&1 &
server=$!
cat >"$folder/show.py" <<'PYTHON'
import json
import sys
import time

import boto3
from botocore.exceptions import ClientError, EndpointConnectionError

client = boto3.client("cloudformation", endpoint_url=sys.argv[1], region_name="us-east-1")
template = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "hello"}}}}
for _ in range(300):
    try:
        client.create_stack(StackName="hello", TemplateBody=json.dumps(template))
        break
    except EndpointConnectionError:
        time.sleep(0.2)
client.get_waiter("stack_create_complete").wait(StackName="hello", WaiterConfig={"Delay": 1})
found = client.describe_stack_resources(StackName="hello")["StackResources"]
print("by the stack's name:", [one["LogicalResourceId"] for one in found])
try:
    found = client.describe_stack_resources(PhysicalResourceId=found[0]["PhysicalResourceId"])["StackResources"]
    print("by the resource's physical id:", [one["LogicalResourceId"] for one in found])
except ClientError as error:
    print("by the resource's physical id:", error.response["Error"]["Message"])
PYTHON
seen=$(AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b "$folder/venv/bin/python" "$folder/show.py" "http://127.0.0.1:$port" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
