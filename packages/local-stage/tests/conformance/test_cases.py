"""The local stage gives AWS's answer to every case of the table."""

from __future__ import annotations

import pytest

from conformance.case import Case
from conformance.cases import CASES
from conformance.target import Target


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_answer_is_that_of_aws(stage: Target, case: Case) -> None:
    verdict, _ = stage.run(case)
    assert verdict.differences == ()
