"""The API suite as a developer runs it who has deployed to a local AWS, and names stack and endpoint."""

from __future__ import annotations

import re

from tests.api.test_target import run_tests
from tests.deploy.sam_project import SamProject


def test_the_suite_calls_the_api_in_the_local_aws(deployed: SamProject) -> None:
    """With a person's token, an administrator's and a machine's; the outputs' own addresses are on AWS."""
    stack = deployed.find_stack()
    assert "amazonaws.com" in stack.api_url
    run = run_tests("tests/api/test_me.py", "tests/api/test_groups.py", "-k", "not gateways", stack=stack)
    assert run.returncode == 0, run.stdout
    assert re.search(r"\n[0-9]+ passed", run.stdout), run.stdout
