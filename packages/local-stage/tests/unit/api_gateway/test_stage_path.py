"""The stage is the path's first segment; the function's path begins after it."""

from __future__ import annotations

import json

import pytest

from tests.gateway_request import build_request
from tests.unit.api_gateway.served_stage import ServedStage


@pytest.mark.parametrize(
    ("sent", "path", "told"),
    [
        ("/dev/hello", "/hello", "/dev/hello"),
        ("/dev/hello/", "/hello/", "/dev/hello/"),
        ("//dev/hello", "/hello", "/dev/hello"),
        ("/dev//hello", "/hello", "/dev//hello"),
        ("///dev///hello", "/hello", "/dev///hello"),
    ],
)
def test_the_function_sees_the_path_after_the_stage_and_with_it(sent: str, path: str, told: str) -> None:
    stage = ServedStage()
    assert stage.answer(build_request(path=sent)).status == 200
    event = json.loads(stage.function.events[0])
    assert event["path"] == path
    assert event["requestContext"]["path"] == told


@pytest.mark.parametrize(
    "sent", ["/", "", "/prod/hello", "/dev2/hello", "/DEV/hello", "/%64ev/hello", "dev/hello"]
)
def test_any_other_first_segment_is_an_unknown_stage(sent: str) -> None:
    answer = ServedStage().answer(build_request(path=sent))
    assert (answer.status, answer.body) == (403, b'{"message":"Forbidden"}')


@pytest.mark.parametrize("sent", ["/dev", "/dev/", "/dev//"])
def test_the_stage_alone_is_the_root_that_this_api_does_not_have(sent: str) -> None:
    answer = ServedStage().answer(build_request(path=sent))
    assert (answer.status, answer.body) == (403, b'{"message":"Missing Authentication Token"}')
