"""What API Gateway takes for no URL never reaches a stage."""

from __future__ import annotations

import pytest

from local_stage.api_gateway.access_log import AccessLog
from tests.gateway_request import build_request
from tests.unit.api_gateway.served_stage import ServedStage


def status_of(path: str = "/dev/hello", query: str = "") -> int:
    return ServedStage().answer(build_request(path=path, query=query)).status


@pytest.mark.rule("gateway.illegal-query", "gateway.odd-query")
@pytest.mark.parametrize("character", [*'{}|^\\"<>`', "%", "%g1", "%1", "%%"])
def test_a_query_with_such_a_character_is_a_bad_request(character: str) -> None:
    stage = ServedStage()
    answer = stage.answer(build_request(query=f"a=b&c={character}"))
    assert (answer.status, answer.body) == (400, b'{"message": "Bad Request"}')
    assert stage.function.events == []


@pytest.mark.parametrize(
    "query", ["a[]=1&b[c]=2", "a=%7B%7D%7c%25", "a=b+c;d=(e)*'!~$,:@/?", "a=é", "&&=", ""]
)
def test_any_other_query_is_read(query: str) -> None:
    assert status_of(query=query) == 200


def test_a_stray_percent_in_a_path_is_a_bad_request() -> None:
    assert status_of("/dev/hello%") == 400
    assert status_of("/dev/hello%20") == 403


@pytest.mark.rule("gateway.illegal-query")
def test_no_access_log_has_such_a_request() -> None:
    stage = ServedStage()
    stage.answer(build_request(query="{}"))
    stage.answer(build_request())
    lines: list[str] = []
    log = AccessLog("$context.status", lines.append)
    for exchange in stage.recorded:
        log.record(exchange)
    assert lines == ["200\n"]
    assert "encode it as %7B" in str(stage.recorded[0].error)
