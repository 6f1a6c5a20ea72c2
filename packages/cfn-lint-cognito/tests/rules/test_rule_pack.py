"""What docs/rules.md says of the rule pack is what the pack does, and template.yaml is clean under it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import tomllib
import venv
from pathlib import Path

import pytest

from cfn_lint_cognito.pack import RULES
from cfn_lint_cognito.rule import Rule
from cfn_lint_cognito.rule_document import build_document
from tests.rules.cfn_lint_run import CFN_LINT, PACKAGE, REPOSITORY, lint
from tests.shell_blocks import read_blocks

DOCUMENT = PACKAGE / "docs" / "rules.md"
TEMPLATE = REPOSITORY / "template.yaml"

every_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])


def test_the_page_is_the_one_that_the_rules_make() -> None:
    assert DOCUMENT.read_text() == build_document(PACKAGE / "tests" / "rules" / "templates")


def test_the_template_is_clean_under_the_pack() -> None:
    assert lint([TEMPLATE]) == {TEMPLATE: []}


def make_environment(folder: Path) -> Path:
    """Make an environment that has cfn-lint, pip, and setuptools to build with; return its scripts' folder.

    They are those of the environments that are there: to install pip anew takes longer than all else.
    """
    venv.create(folder, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    (packages / "cfn_lint.pth").write_text(f"{next(CFN_LINT.parents[1].glob('lib/*/site-packages'))}\n")
    here = Path(sysconfig.get_path("purelib"))
    for part in (here / "pip", *here.glob("pip-*"), *here.glob("setuptools*")):
        (packages / part.name).symlink_to(part)
    write_script(folder / "bin" / CFN_LINT.name, CFN_LINT.read_text().partition("\n")[2])
    write_script(folder / "bin" / "pip", "import runpy\n\nrunpy.run_module('pip', run_name='__main__')\n")
    return folder / "bin"


def write_script(script: Path, text: str) -> None:
    """Write a program of the environment in whose folder it lies."""
    script.write_text(f"#!{script.parent}/python\n{text}")
    script.chmod(0o755)


def test_the_pages_commands_install_and_run_the_pack(tmp_path: Path) -> None:
    """In an environment outside of the repository, from a copy of the pack's folder and nothing else."""
    commands = "\n".join(command.text for block in read_blocks(DOCUMENT) for command in block.commands)
    (tmp_path / "template.yaml").write_text("Resources: {Pool: {Type: AWS::Cognito::UserPool}}")
    pack = PACKAGE
    shutil.copytree(pack, tmp_path / pack.name, ignore=shutil.ignore_patterns("__pycache__"))
    path = f"{make_environment(tmp_path / 'environment')}:{os.environ['PATH']}"
    built_here = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}  # 0: the option's name is its opposite
    done = subprocess.run(  # noqa: S602 - the page's own commands, as a reader would give them
        f"set -e\n{commands}",
        shell=True,
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": path, **built_here},
        timeout=240,
    )
    assert "Successfully installed cfn-lint-cognito" in done.stdout, done.stderr
    assert "W9501 Set DeletionProtection of Pool to ACTIVE" in done.stdout, done.stderr


def test_an_installed_pack_needs_the_cfn_lint_that_the_page_names() -> None:
    settings = tomllib.loads((PACKAGE / "pyproject.toml").read_text())
    assert settings["project"]["dependencies"] == ["cfn-lint>=1.54,<2"]
    assert "cfn-lint) 1.54 and later" in DOCUMENT.read_text()


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
