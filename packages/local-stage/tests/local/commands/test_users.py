"""`local-stage users`: the pool's users, as an administrator sees and makes them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_stage.cloudformation.boto3_clients import new_session
from tests.local.commands.command import (
    AWS_ENVIRONMENT,
    Ended,
    deployed_options,
    run_beside,
    run_command,
)
from tests.stage_process import StageProcess, run_stage, running_stage
from tests.tokens import decode_part

PASSWORD = "Correct-Horse-7"
OTHER_PASSWORD = "Battery-Staple-8"

FILE = f"""\
users:
  - username: file-ann
    password: {PASSWORD}
    email: ann@example.com
    groups: [admins]
  - username: file-ben
"""


def users(stage: StageProcess, *arguments: object) -> Ended:
    return run_beside(stage, "users", *arguments)


def done(stage: StageProcess, *arguments: object) -> str:
    ended = users(stage, *arguments)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def refused(stage: StageProcess, *arguments: object) -> str:
    """Return what is said of what the pool itself refuses: exit code 1."""
    ended = users(stage, *arguments)
    assert (ended.returncode, ended.stdout) == (1, "")
    return ended.stderr


def listed(stage: StageProcess) -> dict[str, dict[str, Any]]:
    """Return every user of the pool by name."""
    return {user["username"]: user for user in json.loads(done(stage, "list", "--json"))["users"]}


def claims(stage: StageProcess, user: str, password: str = PASSWORD) -> dict[str, Any]:
    """Return the claims of the user's ID token after a sign-in."""
    ended = run_beside(stage, "token", user, "--password", password, "--flow", "password")
    assert ended.returncode == 0, ended.stderr
    return decode_part(ended.stdout, 1)


def test_a_user_is_created_and_can_sign_in(stage: StageProcess) -> None:
    options = ("--password", PASSWORD, "--email", "una@example.com", "--group", "admins")
    assert done(stage, "create", "una", *options) == "created: una; groups: admins\n"
    signed_in = claims(stage, "una")
    assert (signed_in["email"], signed_in["cognito:groups"]) == ("una@example.com", ["admins"])


def test_the_table_shows_every_user(stage: StageProcess) -> None:
    done(stage, "create", "vic", "--password", PASSWORD, "--group", "admins", "--email", "vic@example.com")
    (line,) = (line for line in done(stage).splitlines() if " vic " in line)
    assert line.split()[:4] == ["vic", "CONFIRMED", "vic@example.com", "admins"]


def test_options_may_stand_before_the_action(stage: StageProcess) -> None:
    """A default of the action's own would look for another stage."""
    before = run_command("users", "--state-folder", stage.state_folder, "--json", "list")
    assert (before.returncode, before.stdout) == (0, users(stage, "list", "--json").stdout)


def test_no_colours_in_a_pipe(stage: StageProcess) -> None:
    done(stage, "create", "wes", "--password", PASSWORD)
    assert "\x1b" not in done(stage, "list")


def test_what_users_call_themselves_cannot_move_the_cursor(stage: StageProcess) -> None:
    """Where people sign up for themselves, their address is theirs to choose."""
    address = {"Name": "email", "Value": "\x1b]0;owned\x07\x1b[31m[bold]yul[/bold]@example.com\x9b"}
    pool_id = stage.outputs["UserPoolId"]
    stage.client("cognito-idp").admin_create_user(
        UserPoolId=pool_id, Username="yul", UserAttributes=[address]
    )
    table = done(stage, "list").replace("\n", "")
    assert "[bold]yul[/bold]" in table
    assert table.isprintable()


def test_a_password_is_set(stage: StageProcess) -> None:
    done(stage, "create", "xan", "--password", PASSWORD)
    assert done(stage, "set-password", "xan", "--password", OTHER_PASSWORD) == "password set: xan\n"
    assert claims(stage, "xan", OTHER_PASSWORD)["cognito:username"] == "xan"


def test_a_group_that_is_not_there_yet_is_made_and_joined(stage: StageProcess) -> None:
    done(stage, "create", "yan", "--password", PASSWORD)
    done(stage, "add-to-group", "yan", "admins", "made-for-yan")
    assert listed(stage)["yan"]["groups"] == ["admins", "made-for-yan"]


def test_a_user_is_deleted(stage: StageProcess) -> None:
    done(stage, "create", "zed", "--password", PASSWORD)
    assert json.loads(done(stage, "delete", "zed", "--json")) == {"deleted": "zed"}
    assert "zed" not in listed(stage)


def test_refusals_say_who_and_what_to_do(stage: StageProcess) -> None:
    done(stage, "create", "abe", "--password", PASSWORD)
    assert "abe: User account already exists; `local-stage users set-password`" in refused(
        stage, "create", "abe", "--password", PASSWORD
    )
    assert "nobody: User does not exist; `local-stage users` lists all" in refused(stage, "delete", "nobody")
    assert "abe: Password did not conform with policy" in refused(
        stage, "set-password", "abe", "--password", "short"
    )


class TestImport:
    def test_a_file_makes_its_users(self, stage: StageProcess, tmp_path: Path) -> None:
        (tmp_path / "users.yaml").write_text(FILE)
        answer = json.loads(done(stage, "import", tmp_path / "users.yaml", "--json"))
        assert answer["imported"] == 2
        assert claims(stage, "file-ann")["cognito:groups"] == ["admins"]
        assert listed(stage)["file-ben"]["status"] == "CONFIRMED"

    def test_a_second_time_they_are_the_same_users(self, stage: StageProcess, tmp_path: Path) -> None:
        (tmp_path / "users.yaml").write_text(FILE)
        done(stage, "import", tmp_path / "users.yaml")
        before = listed(stage)
        assert done(stage, "import", tmp_path / "users.yaml") == "imported: 2\n"
        assert listed(stage) == before

    def test_what_has_changed_in_the_file_changes_in_the_pool(
        self, stage: StageProcess, tmp_path: Path
    ) -> None:
        file = tmp_path / "users.csv"
        file.write_text(f"username,password,email\ncsv-cat,{PASSWORD},old@example.com\n")
        done(stage, "import", file)
        file.write_text(f"username,password,email,groups\ncsv-cat,{OTHER_PASSWORD},new@example.com,admins\n")
        done(stage, "import", file)
        changed = claims(stage, "csv-cat", OTHER_PASSWORD)
        assert (changed["email"], changed["cognito:groups"]) == ("new@example.com", ["admins"])

    @pytest.mark.parametrize("exists", [False, True])
    def test_the_pools_refusal_names_file_line_user_and_field(
        self, stage: StageProcess, tmp_path: Path, *, exists: bool
    ) -> None:
        if exists:
            done(stage, "create", "weak-known", "--password", PASSWORD)
        name = "weak-known" if exists else "weak-new"
        file = tmp_path / "users.yaml"
        file.write_text(f"users:\n  - username: strong\n  - username: {name}\n    password: short\n")
        assert f"{file}:3: {name}.password: Password did not conform" in refused(stage, "import", file)
        assert (name in listed(stage)) is exists


class TestDeployedStack:
    def test_its_users_are_listed(self, stage: StageProcess) -> None:
        done(stage, "create", "far", "--password", PASSWORD)
        ended = run_command("users", "list", "--json", *deployed_options(stage), environment=AWS_ENVIRONMENT)
        assert "far" in {user["username"] for user in json.loads(ended.stdout)["users"]}

    def test_its_users_are_made_changed_imported_and_deleted(
        self, stage: StageProcess, tmp_path: Path
    ) -> None:
        """Each action changes the very pool of the stack."""
        (tmp_path / "users.yaml").write_text("users:\n  - username: far-imported\n")

        def run(*arguments: object) -> str:
            where = deployed_options(stage)
            ended = run_command("users", *arguments, *where, environment=AWS_ENVIRONMENT)
            assert ended.returncode == 0, ended.stderr
            return ended.stdout

        assert run("create", "far-ann", "--password", PASSWORD) == "created: far-ann\n"
        assert run("set-password", "far-ann", "--password", OTHER_PASSWORD) == "password set: far-ann\n"
        assert run("add-to-group", "far-ann", "admins") == "added: far-ann; groups: admins\n"
        signed_in = claims(stage, "far-ann", OTHER_PASSWORD)
        assert (signed_in["cognito:username"], signed_in["cognito:groups"]) == ("far-ann", ["admins"])
        assert run("import", tmp_path / "users.yaml") == "imported: 1; new: 1\n"
        assert listed(stage)["far-imported"]["status"] == "CONFIRMED"
        assert run("delete", "far-ann") == "deleted: far-ann\n"
        assert "far-ann" not in listed(stage)

    def test_a_stack_of_prod_is_refused(self, stage: StageProcess) -> None:
        with stack_of_prod(stage) as name:
            where = ("--endpoint-url", stage.aws_endpoint_url, "--region", "ap-northeast-1")
            for command in (["users"], ["users", "delete", "ann"], ["token", "ann", "--create"]):
                ended = run_command(*command, "--stack-name", name, *where, environment=AWS_ENVIRONMENT)
                assert (ended.returncode, ended.stdout) == (2, "")
                assert f"{name}.Environment: is prod: its users are people" in ended.stderr


@contextlib.contextmanager
def stack_of_prod(stage: StageProcess) -> Iterator[str]:
    """Make a stack beside the stage's own that says of itself that it is for prod."""
    template = {
        "Parameters": {"Environment": {"Type": "String"}},
        "Resources": {"Pool": {"Type": "AWS::Cognito::UserPool"}},
        "Outputs": {"UserPoolId": {"Value": {"Ref": "Pool"}}},
    }
    cloudformation = new_session("ap-northeast-1").client(
        "cloudformation", endpoint_url=stage.aws_endpoint_url
    )
    name = "hello-api-prod"
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": "Environment", "ParameterValue": "prod"}],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    try:
        yield name
    finally:
        cloudformation.delete_stack(StackName=name)


@pytest.mark.whole  # a stage for each start
class TestStart:
    """`local-stage start --users FILE`."""

    def test_the_users_are_there_when_the_api_answers_and_the_same_at_the_next_start(
        self, tmp_path: Path
    ) -> None:
        file = tmp_path / "users.yaml"
        file.write_text(FILE)
        with running_stage(tmp_path, "--users", str(file)) as first:
            assert "2 users imported, 2 of them new" in first.log
            sub = claims(first, "file-ann")["sub"]
        file.write_text(FILE.replace(PASSWORD, OTHER_PASSWORD))
        with running_stage(tmp_path, "--users", str(file)) as second:
            assert "2 users imported, 0 of them new" in second.log
            assert claims(second, "file-ann", OTHER_PASSWORD)["sub"] == sub

    def test_a_password_that_the_pool_refuses_stops_the_start(self, tmp_path: Path) -> None:
        file = tmp_path / "users.csv"
        file.write_text("username,password\nann,short\n")
        ended = run_stage(tmp_path, "--users", str(file))
        assert ended.exit_code == 2
        assert f"local-stage: {file}:2: ann.password: Password did not conform" in ended.log

    def test_a_file_that_is_wrong_stops_the_start(self, tmp_path: Path) -> None:
        ended = run_stage(tmp_path, "--users", str(tmp_path / "none.yaml"))
        assert (ended.exit_code, ended.printed) == (2, "")
        assert "none.yaml: cannot be read" in ended.log
