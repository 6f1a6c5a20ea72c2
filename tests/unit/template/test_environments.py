"""What differs between the environments is in parameters and conditions, as samconfig.toml sets them."""

from __future__ import annotations

import json
import subprocess
import tomllib
from typing import Any

import pytest

from local_stage.cloudformation.template import read_template
from tests.unit.template.written_template import (
    ENVIRONMENTS,
    FILE,
    operations_template,
    outputs,
    template,
    texts,
    written,
)

CFN_LINT = FILE.parent / ".venv-sam" / "bin" / "cfn-lint"
PHYSICAL_NAMES = {
    "AlarmName",
    "ApiKeyName",
    "ClientName",
    "DashboardName",
    "FunctionName",
    "LogGroupName",
    "RoleName",
    "TopicName",
    "UserPoolName",
}


def samconfig() -> dict[str, Any]:
    return tomllib.loads((FILE.parent / "samconfig.toml").read_text(encoding="utf-8"))


def read_overrides(config_env: str) -> dict[str, str]:
    given = samconfig()[config_env]["deploy"]["parameters"].get("parameter_overrides", [])
    pairs = given.split() if isinstance(given, str) else given
    return dict(pair.split("=", 1) for pair in pairs)


def test_every_environment_has_a_stack_of_its_own() -> None:
    environments = {
        name: part["global"]["parameters"] for name, part in samconfig().items() if name != "version"
    }
    assert {name: settings["stack_name"] for name, settings in environments.items()} == {
        "default": "hello-api-dev",
        "staging": "hello-api-staging",
        "prod": "hello-api-prod",
        "local": "hello-api-local",
    }
    assert {settings["region"] for settings in environments.values()} == {"ap-northeast-1"}


@pytest.mark.parametrize(
    ("config_env", "environment"),
    [("default", "dev"), ("staging", "staging"), ("prod", "prod"), ("local", "dev")],
)
def test_samconfigs_parameters_are_the_templates(config_env: str, environment: str) -> None:
    read = read_template(FILE, read_overrides(config_env), "ap-northeast-1")
    assert read.parameters["Environment"] == environment


@pytest.mark.parametrize("config_env", ["staging", "prod"])
def test_no_page_of_a_developers_machine_may_call_staging_or_prod(config_env: str) -> None:
    assert read_overrides(config_env)["AllowedOrigin"].startswith("https://")


@pytest.mark.parametrize("config_env", ["default", "staging", "prod"])
def test_what_would_change_on_aws_is_shown_and_asked_first(config_env: str) -> None:
    assert samconfig()[config_env]["deploy"]["parameters"]["confirm_changeset"] is True


def test_every_parameter_says_what_it_is_for_and_has_a_default() -> None:
    parameters = template().source["Parameters"]
    assert all({"Type", "Description", "Default"} <= parameter.keys() for parameter in parameters.values())


def test_the_template_is_short_enough_to_be_read() -> None:
    assert len(template().source["Parameters"]) <= 10
    assert len(FILE.read_text(encoding="utf-8").splitlines()) <= 455


def test_what_the_second_template_needs_are_names_that_the_first_stack_makes() -> None:
    parameters = operations_template().source["Parameters"]
    assert all({"Type", "Description"} <= parameter.keys() for parameter in parameters.values())
    needed = {name for name, parameter in parameters.items() if "Default" not in parameter}
    assert needed - {"ApiName", "Environment"} <= outputs("staging").keys() & outputs("prod").keys()


def test_no_resource_has_a_name_that_blocks_its_replacement() -> None:
    """But for the hook, whose name CodeDeploy's role asks for, and nothing but another name replaces."""
    named = {
        (logical_id, name)
        for logical_id, resource in {**written(), **operations_template().source["Resources"]}.items()
        for name in PHYSICAL_NAMES & resource.get("Properties", {}).keys()
        if resource["Type"] != "AWS::Logs::MetricFilter"
    }
    assert named == {("DeploymentHook", "FunctionName")}


def test_the_outputs_tell_what_a_caller_needs_and_no_secret() -> None:
    outputs = template().source["Outputs"]
    assert outputs.keys() == {
        "ApiUrl",
        "UserPoolId",
        "UserPoolClientId",
        "PasswordClientId",
        "MachineClientId",
        "TokenEndpoint",
        "HelloFunctionName",
        "ApiId",
        "AccessLogGroup",
        "AlarmTopicArn",
        "DeploymentAlarms",
    }
    assert not [text for text in texts([output["Value"] for output in outputs.values()]) if "Secret" in text]


def test_the_api_url_is_the_stages_without_a_slash_at_the_end() -> None:
    url = template().source["Outputs"]["ApiUrl"]["Value"]["Fn::Sub"]
    assert url == "https://${HelloApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Environment}"


@pytest.fixture(scope="module")
def cfn_lint(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """What cfn-lint says of what SAM makes of the template for each environment, in one run."""
    folder = tmp_path_factory.mktemp("translated")
    for environment in ENVIRONMENTS:
        (folder / f"{environment}.json").write_text(json.dumps(dict(template(environment).translated)))
    files = [str(folder / f"{environment}.json") for environment in ENVIRONMENTS]
    command = [str(CFN_LINT), "--format", "parseable", "--regions", "ap-northeast-1", "--", *files]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed command


@pytest.mark.whole
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_sam_makes_of_it_is_what_aws_takes(
    environment: str, cfn_lint: subprocess.CompletedProcess[str]
) -> None:
    """No emulator takes staging or prod: AWS's own schemas of every resource judge them instead."""
    assert [line for line in cfn_lint.stdout.splitlines() if f"/{environment}.json:" in line] == []
    assert (cfn_lint.returncode, cfn_lint.stdout, cfn_lint.stderr) == (0, "", "")
