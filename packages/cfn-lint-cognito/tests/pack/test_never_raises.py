"""No template makes a rule raise, however bent it is: cfn-lint itself says what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfn_lint_cognito.pack import RULES
from cfn_lint_cognito.template import Template
from tests.pack.found import read
from tests.pack.template_mutation import mutate

PACKAGE = Path(__file__).parents[2]
REPOSITORY = PACKAGE.parents[1]
TEMPLATES = [REPOSITORY / "template.yaml", *sorted((PACKAGE / "tests/rules/templates").glob("*/*.yaml"))]
SOURCES = [read(file.read_text()) for file in TEMPLATES]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
SECTIONS = ["Conditions", "Globals", "Mappings", "Outputs", "Parameters", "Resources"]


def run_all(source: dict[str, Any]) -> None:
    """Run every rule, and check that each finding is in a section of the template."""
    template = Template.of(source)
    for rule in RULES:
        for finding in rule.find(template):
            assert finding.path[0] in {"Resources", "Outputs", "Globals"}
            assert finding.message


@settings(deadline=None, max_examples=4 * settings().max_examples)
@given(source=st.sampled_from(SOURCES), random=st.randoms(use_true_random=False))
def test_a_bent_template_makes_no_rule_raise(source: dict[str, Any], random: Random) -> None:
    run_all(mutate(source, random))


@settings(deadline=None, max_examples=2 * settings().max_examples)
@given(source=st.dictionaries(st.sampled_from(SECTIONS), JSON))
def test_what_is_no_template_makes_no_rule_raise(source: dict[str, Any]) -> None:
    run_all(source)


@pytest.mark.parametrize("source", SOURCES, ids=[str(file.relative_to(REPOSITORY)) for file in TEMPLATES])
def test_a_finding_is_where_its_path_leads(source: dict[str, Any]) -> None:
    for rule in RULES:
        for finding in rule.find(Template.of(source)):
            place: Any = source
            for key in finding.path:
                place = place[key]
