"""Every rule of the pack, run by cfn-lint itself on a good and a bad template."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from cfn_lint_cognito.pack import RULES
from tests.rules.cfn_lint_run import Found, lint

TEMPLATES = Path(__file__).parent / "templates"
MORE = sorted((TEMPLATES / "more").glob("*.yaml"))
IDS = [rule.id for rule in RULES]

Findings = Mapping[Path, list[Found]]


def suppressed(rule_id: str) -> dict[str, Any]:
    """Return the rule's bad template with the rule ignored, as the Metadata of what it finds can say it."""
    source: dict[str, Any] = yaml_parse((TEMPLATES / rule_id / "bad.yaml").read_text())
    metadata = {"cfn-lint": {"config": {"ignore_checks": [rule_id]}}}
    # What is no resource has no Metadata of its own.
    holders = [source] if rule_id == "E9541" else source["Resources"].values()
    for holder in holders:
        holder["Metadata"] = metadata
    return source


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    folder = tmp_path_factory.mktemp("suppressed")
    for rule_id in IDS:
        (folder / f"{rule_id}.json").write_text(json.dumps(suppressed(rule_id)))
    findings = lint([*TEMPLATES.glob("*/*.yaml"), *folder.glob("*.json")])
    return {file.relative_to(folder) if folder in file.parents else file: of for file, of in findings.items()}


@pytest.mark.parametrize("rule_id", IDS)
def test_nothing_is_found_in_the_good_template(rule_id: str, found: Findings) -> None:
    assert found[TEMPLATES / rule_id / "good.yaml"] == []


@pytest.mark.parametrize("rule_id", IDS)
def test_nothing_but_the_rules_fault_is_found_in_the_bad_template(rule_id: str, found: Findings) -> None:
    assert {finding.rule_id for finding in found[TEMPLATES / rule_id / "bad.yaml"]} == {rule_id}


@pytest.mark.parametrize("rule_id", IDS)
def test_the_finding_has_a_line_of_its_own(rule_id: str, found: Findings) -> None:
    assert all(finding.line > 1 and finding.path for finding in found[TEMPLATES / rule_id / "bad.yaml"])


@pytest.mark.parametrize("rule_id", IDS)
def test_metadata_ignores_the_rule(rule_id: str, found: Findings) -> None:
    assert found[Path(f"{rule_id}.json")] == []


@pytest.mark.parametrize("template", MORE, ids=[file.stem for file in MORE])
def test_the_pack_finds_what_the_first_line_says(template: Path, found: Findings) -> None:
    first = template.read_text().splitlines()[0]
    expected = set(first.removeprefix("# finds:").split())
    assert {finding.rule_id for finding in found[template] if finding.is_the_packs} == expected


def test_no_rule_of_the_pack_raises_in_cfn_lint(found: Findings) -> None:
    raised = [
        finding.message for findings in found.values() for finding in findings if finding.rule_id == "E0002"
    ]
    assert [message for message in raised if "rule E95" in message or "rule W95" in message] == []


def test_the_allow_list_can_be_given_on_the_command_line() -> None:
    template = TEMPLATES / "E9531" / "bad.yaml"
    assert lint([template], "--configure-rule", "E9531:public_methods=GET /health") == {template: []}
