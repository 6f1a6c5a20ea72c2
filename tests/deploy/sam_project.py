"""SAM CLI as a developer runs it, in a copy of what it works on, with a local AWS in the place of AWS."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Self

from local_stage.cloudformation.boto3_clients import ACCESS_KEY, SECRET_KEY
from local_stage.cloudformation.local_aws import LocalAwsSettings
from local_stage.cloudformation.template import read_template
from tests.api.deployed_stack import DeployedStack, StackSettings
from tests.local.local_aws_process import REGION, running_local_aws
from tests.stage_process import REPOSITORY, Ended

TEMPLATE: Final = REPOSITORY / "template.yaml"
SAM: Final = REPOSITORY / ".venv-sam" / "bin" / "sam"
CONFIG_ENV: Final = "local"
STACK_NAME: Final = "hello-api-local"
DEADLINE: Final = 240.0
"""Seconds for one command."""


class SamProject:
    """A folder with a template and what `sam build` needs; `.aws-sam` lands there."""

    def __init__(self, folder: Path, local_aws: LocalAwsSettings | None = None) -> None:
        self.folder = folder
        self._local_aws = local_aws

    @classmethod
    def copy(cls, folder: Path) -> Self:
        """Copy the repository's files, unchanged, into a new folder."""
        folder.mkdir()
        for name in (".python-version", "samconfig.toml", TEMPLATE.name):
            shutil.copyfile(REPOSITORY / name, folder / name)
        for code in set(read_template(TEMPLATE, {}, REGION).code.folders.values()):
            target = folder / code.relative_to(REPOSITORY)
            shutil.copytree(code, target, ignore=shutil.ignore_patterns("__pycache__"))
        return cls(folder)

    @property
    def local_aws(self) -> LocalAwsSettings:
        assert self._local_aws is not None, "a project that is only built knows no AWS"
        return self._local_aws

    @property
    def built_function(self) -> Path:
        return self.folder / ".aws-sam" / "build" / "HelloFunction"

    def command(self, command: str, *options: str | Path) -> list[str | Path]:
        """Return a command of SAM CLI that takes the environment `local` of samconfig.toml."""
        return [SAM, *command.split(), "--config-env", CONFIG_ENV, *options]

    def sam(self, command: str, *options: str | Path) -> Ended:
        """Run a command to its end, with nobody to answer what it asks."""
        done = subprocess.run(  # noqa: S603 - a fixed command
            self.command(command, *options),
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=DEADLINE,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def must_sam(self, command: str, *options: str | Path) -> str:
        """Run a command, see that it succeeds, and return what it prints."""
        done = self.sam(command, *options)
        assert done.exit_code == 0, f"sam {command}: {done.exit_code}\n{done.printed}\n{done.log}"
        return done.printed

    def sam_json(self, command: str, *options: str | Path) -> Any:
        """Run a command that prints JSON, and return what it means."""
        return json.loads(self.must_sam(command, "--output", "json", *options))

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text that stands in a file exactly once."""
        file = self.folder / name
        text = file.read_text()
        assert text.count(old) == 1, f"{name} has {old!r} {text.count(old)} times"
        file.write_text(text.replace(old, new))

    def find_stack(self) -> DeployedStack:
        """Return the stack as CloudFormation tells it."""
        return DeployedStack.find(StackSettings(STACK_NAME, REGION, self.local_aws.endpoint_url))

    def find_local_stack(self) -> DeployedStack:
        """Return the stack with addresses that lead to MiniStack: the outputs' own are those on AWS."""
        return self.find_stack().at_endpoint()

    def describe_stack(self) -> Any:
        """Return all that CloudFormation tells of the stack."""
        stacks = self.local_aws.client("cloudformation").describe_stacks(StackName=STACK_NAME)
        (stack,) = stacks["Stacks"]
        return stack

    def physical_ids(self) -> dict[str, str]:
        """Return the physical id of each of the stack's resources."""
        answer = self.local_aws.client("cloudformation").describe_stack_resources(StackName=STACK_NAME)
        return {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in answer["StackResources"]
        }

    def environment(self) -> dict[str, str]:
        """Return the developer's environment, in which no AWS can be found but the local one."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_CLI_"))}
        return {
            **own,
            **self._access(),
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": "127.0.0.1",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",  # has a python3.13
            "SAM_CLI_POLL_DELAY": "0.2",  # seconds, and not 5: nothing here is slow or throttled
            "SAM_CLI_TELEMETRY": "0",
            "no_proxy": "127.0.0.1",
        }

    def _access(self) -> dict[str, str]:
        # With credentials and no endpoint `sam local` would ask AWS itself whose they are.
        if self._local_aws is None:
            return {}
        return {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_ENDPOINT_URL": self._local_aws.endpoint_url,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        }


@contextlib.contextmanager
def project_with_local_aws(built: SamProject, folder: Path) -> Iterator[SamProject]:
    """Copy a project that has been built, and give it a local AWS of its own, in which nothing is yet."""
    copy = Path(shutil.copytree(built.folder, folder / "project", symlinks=True))
    with running_local_aws(folder) as settings:
        yield SamProject(copy, settings)
