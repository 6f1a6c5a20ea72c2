"""SAM CLI's commands on a stack that is deployed: what they tell of it, from MiniStack."""

from __future__ import annotations

import json

import pytest

from tests.api.api_caller import ApiCaller
from tests.api.routes import METHODS
from tests.deploy.built_artifact import REPOSITORY, invoke
from tests.deploy.sam_project import SamProject
from tests.local.ministack_difference import differs

EVENTS = REPOSITORY / "events"


def test_list_stack_outputs_tells_every_output(deployed: SamProject) -> None:
    listed = deployed.sam_json("list stack-outputs")
    assert {output["OutputKey"]: output["OutputValue"] for output in listed} == deployed.find_stack().outputs


def test_list_resources_tells_every_resource(deployed: SamProject) -> None:
    """And deployments that SAM CLI translates here, with other ids than CloudFormation: those have a dash."""
    listed = deployed.sam_json("list resources")
    there = {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in listed}
    assert {name: made for name, made in there.items() if made != "-"} == deployed.physical_ids()


def test_list_endpoints_tells_the_apis_url_and_methods(deployed: SamProject) -> None:
    listed = {item["LogicalResourceId"]: item for item in deployed.sam_json("list endpoints")}
    assert listed["HelloApi"]["CloudEndpoint"] == [deployed.find_stack().api_url]
    methods = dict(path.removesuffix("]").split("[") for path in listed["HelloApi"]["Methods"])
    assert {path: sorted(names.replace("'", "").split(", ")) for path, names in methods.items()} == {
        path: sorted(method.lower() for method in [*names, "OPTIONS"]) for path, names in METHODS.items()
    }


@pytest.mark.parametrize(("name", "status"), [("me", 200), ("not_admin", 403)])
def test_remote_invoke_answers_as_the_artifact_does(deployed: SamProject, name: str, status: int) -> None:
    event = EVENTS / f"{name}.json"
    printed = deployed.must_sam("remote invoke", "HelloFunction", "--event-file", event)
    answers, _ = invoke({name: json.loads(event.read_text())}, deployed.built_function)
    assert json.loads(printed) == answers[name]
    assert answers[name]["statusCode"] == status


def test_logs_tell_why_the_function_refuses(deployed: SamProject) -> None:
    """From the log group that the template makes, which is not the one that Lambda would choose."""
    event = EVENTS / "no_claims.json"
    deployed.must_sam("remote invoke", "HelloFunction", "--event-file", event)
    log = deployed.must_sam("logs", "--name", "HelloFunction")
    request_id = json.loads(event.read_text())["requestContext"]["requestId"]
    assert f'"correlation_id": "{request_id}"' in log
    assert '"reason": "no claims: no authorizer has run in front of the function"' in log


@differs("the access log of an API is not written")
def test_logs_tell_the_apis_requests(deployed: SamProject) -> None:
    api = ApiCaller(deployed.find_local_stack().api_url)
    assert api.send("GET", "/hello").status_code == 401
    log = deployed.must_sam("logs", "--cw-log-group", deployed.physical_ids()["HelloApiLog"])
    assert '"resourcePath": "/hello"' in log
