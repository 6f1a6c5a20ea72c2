"""`local-stage start --json`, beside which all commands of this folder are tried."""

from __future__ import annotations

import json

from tests.stage_process import StageProcess


def test_a_program_is_told_where_the_api_is_by_one_line_on_standard_output(stage: StageProcess) -> None:
    told = json.loads(stage.printed)
    assert (told["api_url"], told["aws_endpoint_url"]) == (stage.api_url, stage.aws_endpoint_url)
    assert told["outputs"]["ApiUrl"] == stage.api_url
