"""What docs/rules.md says of the rule pack is what the pack does, and template.yaml is clean under it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from cfn_lint_cognito.pack import RULES
from cfn_lint_cognito.rule import Rule
from cfn_lint_cognito.rule_document import build_document
from tests.documents.shell_blocks import read_blocks
from tests.rules.cfn_lint_run import CFN_LINT, REPOSITORY, lint

DOCUMENT = REPOSITORY / "docs" / "rules.md"
TEMPLATE = REPOSITORY / "template.yaml"

every_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])


def test_the_page_is_the_one_that_the_rules_make() -> None:
    assert DOCUMENT.read_text() == build_document(REPOSITORY / "tests" / "rules" / "templates")


def test_the_template_is_clean_under_the_pack() -> None:
    assert lint([TEMPLATE]) == {TEMPLATE: []}


def test_the_pages_command_runs_the_pack(tmp_path: Path) -> None:
    (command,) = [command.text for block in read_blocks(DOCUMENT) for command in block.commands]
    (tmp_path / "template.yaml").write_text("Resources: {Pool: {Type: AWS::Cognito::UserPool}}")
    (tmp_path / "cfn_lint_cognito").symlink_to(REPOSITORY / "cfn_lint_cognito")
    environment = {**os.environ, "PATH": f"{CFN_LINT.parent}:{os.environ['PATH']}"}
    done = subprocess.run(  # noqa: S602 - the page's own command, as a reader would give it
        command,
        shell=True,
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        timeout=60,
    )
    assert "W9501 Set DeletionProtection of Pool to ACTIVE" in done.stdout, done.stderr


def test_every_number_is_taken_once() -> None:
    numbers = [rule.id[1:] for rule in RULES]
    assert len(set(numbers)) == len(numbers)


@every_rule
def test_a_rules_number_is_in_the_packs_range(rule: Rule) -> None:
    assert rule.id[0] in "EW"
    assert 9500 <= int(rule.id[1:]) < 9600


@every_rule
def test_a_rule_gives_its_reason_in_sentences_and_its_source_at_aws(rule: Rule) -> None:
    assert rule.why.endswith(".")
    assert rule.source.startswith("https://docs.aws.amazon.com/")
