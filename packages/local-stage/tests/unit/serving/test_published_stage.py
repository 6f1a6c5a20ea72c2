"""A stage that is built again is the one that the console shows, and is told of where it differs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from local_stage.api_gateway.http_message import HttpRequest
from local_stage.console.console import Console
from local_stage.console.stage_console import stage_endpoints
from local_stage.serving.live_stage import LiveStage, SavedFiles
from local_stage.serving.stage_builder import BuiltStage
from tests.built_stage import PORT, build_stage
from tests.gateway_request import build_request

AUTHORIZER = {"name": "HelloAuthorizer", "user_pool_arns": ["arn"]}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    return tmp_path / "template.yaml"


class Rebuilt:
    """A stage `before` that was built again as `after`, and what was published of it."""

    def __init__(
        self,
        template: Path,
        before: BuiltStage,
        after: BuiltStage,
        *,
        publish: Callable[[BuiltStage], None] | None = None,
    ) -> None:
        self.published: list[BuiltStage] = []
        self.withdrawn = 0
        self.template = template
        template.write_text("Resources: {}\n")

        async def rebuild() -> BuiltStage:
            await asyncio.sleep(0)
            return after

        def withdraw() -> None:
            self.withdrawn += 1

        self.live = LiveStage(
            SavedFiles(template),
            before,
            rebuild,
            publish=publish or self.published.append,
            withdraw=withdraw,
        )
        self.console = Console(stage_endpoints(lambda: self.live.built, port=PORT, user_pool_arn=None))

    def after_restart(self) -> Rebuilt:
        asyncio.run(self.live.rebuild_after_restart())
        return self

    def after_save(self) -> Rebuilt:
        self.template.write_text("Resources: {Saved: {}}\n")
        asyncio.run(self.live.handle(build_request(), port=PORT))
        return self

    def shown_paths(self) -> list[str]:
        """Return the paths of the routes that the console shows."""
        request = HttpRequest("GET", "/.local-stage/stage", headers=(("Host", "127.0.0.1:3000"),))
        shown = json.loads(asyncio.run(self.console.handle(request)).body)
        return [route["path"] for route in shown["routes"]]


def test_the_console_shows_the_first_stage_until_there_is_another(template: Path) -> None:
    assert Rebuilt(template, build_stage("/old"), build_stage("/new")).shown_paths() == ["/old"]


def test_after_a_restart_the_console_shows_other_routes_although_the_outputs_are_the_same(
    template: Path,
) -> None:
    assert Rebuilt(template, build_stage("/old"), build_stage("/new")).after_restart().shown_paths() == [
        "/new"
    ]


def test_after_a_save_the_console_shows_the_routes_that_are_served(template: Path) -> None:
    assert Rebuilt(template, build_stage("/old"), build_stage("/new")).after_save().shown_paths() == ["/new"]


def test_after_a_restart_others_are_told_of_other_authorizers_although_the_outputs_are_the_same(
    template: Path,
) -> None:
    after = build_stage("/hello", authorizers=[AUTHORIZER])
    assert Rebuilt(template, build_stage("/hello"), after).after_restart().published == [after]


def test_after_a_restart_others_are_told_of_other_outputs(template: Path) -> None:
    after = build_stage("/hello", outputs={"UserPoolId": "eu-west-1_new"})
    assert Rebuilt(template, build_stage("/hello"), after).after_restart().published == [after]


def test_after_a_restart_with_everything_as_it_was_nothing_is_told(template: Path) -> None:
    assert Rebuilt(template, build_stage("/hello"), build_stage("/hello")).after_restart().published == []


def test_what_cannot_be_told_is_withdrawn_and_served_nevertheless(template: Path) -> None:
    def refuse(_: BuiltStage) -> None:
        raise OSError("no space left on device")

    rebuilt = Rebuilt(template, build_stage("/old"), build_stage("/new"), publish=refuse).after_save()
    assert rebuilt.shown_paths() == ["/new"]
    assert rebuilt.withdrawn == 1
