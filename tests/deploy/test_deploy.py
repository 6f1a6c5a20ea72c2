"""The first `sam deploy`: the template as it is written becomes a stack, in MiniStack."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_stage.cloudformation.intrinsics import Intrinsics
from local_stage.cloudformation.template import Template, read_template
from tests.deploy.sam_project import TEMPLATE, SamProject
from tests.local.local_aws_process import REGION


def parameters_of(project: SamProject) -> dict[str, str]:
    return {
        parameter["ParameterKey"]: parameter["ParameterValue"]
        for parameter in project.describe_stack()["Parameters"]
    }


def existing(template: Template, section: str) -> dict[str, Any]:
    """Return the members of a section whose condition holds."""
    intrinsics = Intrinsics(template.parameters, template.translated.get("Conditions", {}))
    members: Mapping[str, Any] = template.translated[section]
    return {name: member for name, member in members.items() if intrinsics.holds(member)}


def without_digest(logical_id: str) -> str:
    """Leave out what SAM adds to the ids of deployments and versions, a digest of what is deployed."""
    return re.sub(r"(Deployment|Version)[0-9a-f]{10}$", r"\1", logical_id)


def as_written(template: Template) -> Any:
    """Return a template without what `sam build` and `sam deploy` put in: ids, and where the code lies."""
    source = copy.deepcopy(dict(template.source))
    for resource in source["Resources"].values():
        resource.setdefault("Metadata", {}).pop("SamResourceId", None)
        resource.get("Properties", {}).pop("CodeUri", None)
    return source


def test_the_stack_is_created(deployed: SamProject) -> None:
    assert deployed.describe_stack()["StackStatus"] == "CREATE_COMPLETE"


def test_cloudformation_has_the_template_as_it_is_written(deployed: SamProject, tmp_path: Path) -> None:
    """But for where the function's code lies, which is in S3."""
    stored = deployed.local_aws.client("cloudformation").get_template(
        StackName="hello-api-local", TemplateStage="Original"
    )
    written = read_template(TEMPLATE, {}, REGION)
    code = r"s3://aws-sam-cli-managed-default-samclisourcebucket-\S+"
    body, replaced = re.subn(code, ".", stored["TemplateBody"])
    assert replaced == len(written.code.folders)
    file = tmp_path / "template.yaml"
    file.write_text(body)
    assert as_written(read_template(file, {}, REGION)) == as_written(written)


def test_every_resource_is_there_that_awss_own_translator_makes(deployed: SamProject) -> None:
    """And no other; those whose condition does not hold are not."""
    template = read_template(TEMPLATE, parameters_of(deployed), REGION)
    expected = {without_digest(name) for name in existing(template, "Resources")}
    assert {without_digest(name) for name in deployed.physical_ids()} == expected


def test_every_resource_is_complete(deployed: SamProject) -> None:
    resources = deployed.local_aws.client("cloudformation").describe_stack_resources(
        StackName="hello-api-local"
    )["StackResources"]
    assert {resource["ResourceStatus"] for resource in resources} == {"CREATE_COMPLETE"}


def test_the_outputs_are_the_templates(deployed: SamProject) -> None:
    template = read_template(TEMPLATE, parameters_of(deployed), REGION)
    assert set(deployed.find_stack().outputs) == set(existing(template, "Outputs"))


def test_the_api_url_is_the_one_that_aws_would_serve(deployed: SamProject) -> None:
    made = deployed.physical_ids()
    url = f"https://{made['HelloApi']}.execute-api.{REGION}.amazonaws.com/{made['HelloApiStage']}"
    assert deployed.find_stack().api_url == url


def test_the_outputs_name_what_was_made(deployed: SamProject) -> None:
    outputs, made = deployed.find_stack().outputs, deployed.physical_ids()
    named = (
        "UserPoolClientId",
        "PasswordClientId",
        "MachineClientId",
        "UserPoolId",
        "HelloFunctionName",
        "ApiId",
    )
    ids = ("UserPoolClient", "PasswordClient", "MachineClient", "UserPool", "HelloFunction", "HelloApi")
    assert [outputs[name] for name in named] == [made[name] for name in ids]


def test_the_machines_secret_is_in_no_output(deployed: SamProject) -> None:
    stack = deployed.find_stack()
    client = stack.cognito.describe_user_pool_client(
        UserPoolId=stack.user_pool_id, ClientId=stack.outputs["MachineClientId"]
    )["UserPoolClient"]
    assert client["ClientSecret"]
    assert client["ClientSecret"] not in json.dumps(deployed.describe_stack(), default=str)
