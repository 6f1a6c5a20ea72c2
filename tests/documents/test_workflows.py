"""The workflows hold no secret, run nothing that can change under them, and let only one job at a stack."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import pytest
import yaml

from tests.stage_process import REPOSITORY

WORKFLOWS = REPOSITORY / ".github" / "workflows"
PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40}")
NAMED = re.compile(r"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", re.MULTILINE)
ACCOUNT_JOBS = ("pull-request", "closed-pull-request", "staging", "prod")

every_workflow = pytest.mark.parametrize("name", ["audit.yaml", "ci.yaml", "deploy.yaml"])
every_account_job = pytest.mark.parametrize("job", ACCOUNT_JOBS)


@functools.cache
def workflow(name: str) -> Mapping[str, Any]:
    # YAML 1.1 takes the key `on` for true.
    read: Mapping[str, Any] = yaml.safe_load((WORKFLOWS / name).read_text(encoding="utf-8"))
    return read


def jobs() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = workflow("deploy.yaml")["jobs"]
    return found


def steps(name: str) -> Iterator[Mapping[str, Any]]:
    for job in workflow(name)["jobs"].values():
        yield from job["steps"]


def commands(job: str) -> list[str]:
    return [step["run"] for step in jobs()[job]["steps"] if "run" in step]


def list_locks() -> list[str]:
    """Return the locks that `make audit-locks` asks about."""
    dry = subprocess.run(
        ["make", "--dry-run", "audit-locks"],  # noqa: S607 - whichever make a developer has
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    (listed,) = re.findall(r"for lock in (.+?); do", dry.stdout)
    return str(listed).split()


@every_workflow
def test_every_action_is_one_commit_and_says_which_release_it_is(name: str) -> None:
    used = [step["uses"] for step in steps(name) if "uses" in step]
    assert used
    assert all(PINNED.fullmatch(action) for action in used)
    assert len(NAMED.findall((WORKFLOWS / name).read_text())) == len(used)


@every_workflow
def test_no_workflow_knows_a_secret(name: str) -> None:
    assert "secrets" not in (WORKFLOWS / name).read_text()


@every_workflow
def test_no_checkout_leaves_its_token_behind(name: str) -> None:
    checkouts = [step for step in steps(name) if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_every_workflow_of_the_repository_is_looked_at() -> None:
    assert {file.name for file in WORKFLOWS.iterdir()} == {"audit.yaml", "ci.yaml", "deploy.yaml"}


def test_what_ci_runs_is_what_a_developer_runs() -> None:
    """The script installs what is needed, a browser where it may, and then runs `make check`."""
    assert [step["run"] for step in steps("ci.yaml") if "run" in step] == [".ci/run"]
    script = REPOSITORY / ".ci" / "run"
    assert os.access(script, os.X_OK)
    *installing, checking = re.findall(r"^make .*$", script.read_text(), re.MULTILINE)
    assert checking == "make check </dev/null"
    assert re.fullmatch(r"make -j\d+( [a-z]+-environment)+ </dev/null", "\n".join(installing))


def test_the_locks_are_audited_every_day_and_whenever_one_changes() -> None:
    read = workflow("audit.yaml")
    # YAML 1.1 takes the key `on` for true.
    triggers: Mapping[str, Any] = dict(read)[True]  # type: ignore[index] # no text
    assert set(triggers) == {"schedule", "push", "pull_request"}
    assert {"requirements/*.txt", "hello_function/requirements.txt"} <= set(triggers["pull_request"]["paths"])
    paths = triggers["push"]["paths"]
    assert paths == triggers["pull_request"]["paths"]
    assert [lock for lock in list_locks() if not any(fnmatchcase(lock, path) for path in paths)] == []
    assert [step["run"] for step in steps("audit.yaml") if "run" in step] == ["make audit-locks"]
    assert read["permissions"] == {"contents": "read"}


def test_what_is_audited_as_a_lock_has_the_hashes_without_which_it_is_refused() -> None:
    for lock in list_locks():
        packages = re.findall(r"^[^\s#].*", (REPOSITORY / lock).read_text(), re.MULTILINE)
        assert [line for line in packages if not line.endswith("\\")] == [], lock


def test_only_what_has_an_environment_gets_an_identity() -> None:
    assert workflow("deploy.yaml")["permissions"] == {}
    with_identity = {name for name, job in jobs().items() if "id-token" in job["permissions"]}
    assert (
        with_identity == set(ACCOUNT_JOBS) == {name for name, job in jobs().items() if "environment" in job}
    )
    assert all(set(job["permissions"]) <= {"contents", "id-token"} for job in jobs().values())
    assert {job["permissions"]["contents"] for job in jobs().values()} == {"read"}


@every_account_job
def test_no_two_jobs_are_at_one_stack_and_none_is_ended_half_way(job: str) -> None:
    concurrency = jobs()[job]["concurrency"]
    assert concurrency["cancel-in-progress"] is False
    assert concurrency["group"].startswith("stack-")


@pytest.mark.parametrize("job", ["pull-request", "closed-pull-request", "check"])
def test_nothing_happens_in_a_repository_that_has_no_account(job: str) -> None:
    """What needs one of these jobs is skipped with it."""
    assert "vars.DEPLOYS_TO_AWS == 'true' &&" in jobs()[job]["if"]
    assert (jobs()["staging"]["needs"], jobs()["prod"]["needs"]) == ("check", "staging")


@pytest.mark.parametrize("job", ["pull-request", "closed-pull-request"])
def test_a_forks_code_gets_no_identity(job: str) -> None:
    assert "head.repo.full_name == github.repository" in jobs()[job]["if"]


def test_the_stack_of_a_pull_request_is_deleted_whatever_happened() -> None:
    last = jobs()["pull-request"]["steps"][-1]
    delete = 'sam delete --stack-name "$STACK_NAME" --region "$AWS_REGION" --no-prompts'
    assert last == {"if": "always()", "run": f".venv-sam/bin/{delete}"}
    assert commands("closed-pull-request")[-1] == last["run"]
    names = {jobs()[job]["env"]["STACK_NAME"] for job in ("pull-request", "closed-pull-request")}
    assert names == {"hello-api-dev-pr-${{ github.event.number }}"}


@pytest.mark.parametrize("job", ["pull-request", "staging", "prod"])
def test_cloudformation_works_by_the_execution_role_and_within_the_boundary(job: str) -> None:
    role = {"EXECUTION_ROLE_ARN": "${{ vars.AWS_EXECUTION_ROLE_ARN }}"}
    deploying = [step for step in jobs()[job]["steps"] if "deploy " in step.get("run", "")]
    deploying += [step for step in jobs()[job]["steps"] if "operations/deploy" in step.get("run", "")]
    assert deploying
    assert all(step["env"] == role for step in deploying)
    assert '--role-arn "$EXECUTION_ROLE_ARN"' in deploying[0]["run"]
    assert job != "pull-request" or "Boundary=enabled" in deploying[0]["run"]


@pytest.mark.parametrize("config_env", ["staging", "prod"])
def test_the_roles_of_staging_and_prod_have_the_boundary(config_env: str) -> None:
    given = tomllib.loads((REPOSITORY / "samconfig.toml").read_text())[config_env]["deploy"]["parameters"]
    assert "Boundary=enabled" in given["parameter_overrides"]


@pytest.mark.parametrize("job", ["pull-request", "staging"])
def test_the_api_suite_runs_against_the_stack(job: str) -> None:
    (suite,) = (step for step in jobs()[job]["steps"] if step.get("run") == "make test ARGS=tests/api")
    assert suite["env"]["AWS_SAM_STACK_NAME"] in {"${{ env.STACK_NAME }}", "hello-api-staging"}


def test_what_runs_against_prod_signs_nobody_in() -> None:
    """No user is made there, and the password flow is off."""
    arguments = commands("prod")[-1].removeprefix("make test ARGS='").removesuffix("'")
    files, expression = arguments.split(' -k "')
    options = ["--setup-plan", "-p", "no:cacheprovider", "-n", "0", "-k", expression.removesuffix('"')]
    done = subprocess.run(  # noqa: S603 - a fixed command
        [sys.executable, "-m", "pytest", *files.split(), *options],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    planned = [line for line in done.stdout.splitlines() if "(fixtures used:" in line]
    assert len(planned) > 20
    assert not [line for line in planned if "callers" in line or "user" in line.split("(fixtures")[1]]
