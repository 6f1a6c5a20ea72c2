"""A saved template is served from the next request on; one that cannot be enforced closes the stage."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from local_stage.api_gateway.http_message import HttpResponse
from local_stage.errors import StartError
from local_stage.serving.live_stage import LiveStage, SavedFiles
from local_stage.serving.stage_builder import BuiltStage
from tests.built_stage import PORT, build_stage
from tests.gateway_request import build_request
from tests.unit.api_gateway.served_stage import ServedStage

OLD = build_stage(api=ServedStage(b'{"statusCode": 200, "body": "old"}').stage)
NEW = build_stage(api=ServedStage(b'{"statusCode": 200, "body": "new"}').stage)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    file = tmp_path / "template.yaml"
    file.write_text("Resources: {}\n")
    return file


def save(file: Path) -> None:
    """Save the file anew: another inode, as editors do it, whatever the clock's resolution."""
    fresh = file.with_suffix(".new")
    fresh.write_text(file.read_text() + "#\n")
    fresh.replace(file)


def answers(
    template: Path, rebuild: Callable[[], BuiltStage], *, saves: int = 1, requests: int = 1
) -> list[HttpResponse]:
    """Return the answers to a request before any save, and to `requests` at once after each save."""

    async def serve() -> list[HttpResponse]:
        async def build() -> BuiltStage:
            await asyncio.sleep(0)
            return rebuild()

        live = LiveStage(SavedFiles(template), OLD, build, publish=ignore, withdraw=ignore)
        received = [await live.handle(build_request(), port=PORT)]
        for _ in range(saves):
            save(template)
            received += await asyncio.gather(
                *(live.handle(build_request(), port=PORT) for _ in range(requests))
            )
        await live.stop()
        return received

    return asyncio.run(serve())


def test_an_unchanged_template_is_not_deployed_again(template: Path) -> None:
    assert [answer.body for answer in answers(template, lambda: NEW, saves=0)] == [b"old"]


def test_every_request_after_a_save_is_answered_by_the_new_stage(template: Path) -> None:
    bodies = [answer.body for answer in answers(template, lambda: NEW, requests=3)]
    assert bodies == [b"old", b"new", b"new", b"new"]


def test_requests_at_once_share_one_deployment(template: Path) -> None:
    built: list[BuiltStage] = []

    def rebuild() -> BuiltStage:
        built.append(NEW)
        return NEW

    answers(template, rebuild, requests=5)
    assert len(built) == 1


def test_what_cannot_be_served_closes_the_stage_until_it_is_mended(template: Path) -> None:
    results: list[BuiltStage | StartError] = [StartError("IAM authorization cannot be enforced"), NEW]

    def rebuild() -> BuiltStage:
        result = results.pop(0)
        if isinstance(result, StartError):
            raise result
        return result

    statuses = [answer.status for answer in answers(template, rebuild, saves=2, requests=2)]
    assert statuses == [200, 500, 500, 200, 200]


def test_the_log_says_what_is_wrong_with_the_saved_template(
    template: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def rebuild() -> BuiltStage:
        raise StartError("cannot be enforced", file="template.yaml", resource="HelloApi")

    answers(template, rebuild)
    assert "template.yaml: HelloApi: cannot be enforced; every request gets 500" in caplog.text


@pytest.mark.parametrize(
    "error", [RuntimeError("a bug"), ExceptionGroup("deploying", [ValueError("a bug")])], ids=["one", "group"]
)
def test_a_fault_of_our_own_closes_the_stage_too(template: Path, error: Exception) -> None:
    def rebuild() -> BuiltStage:
        raise error

    assert [answer.status for answer in answers(template, rebuild)] == [200, 500]


def test_a_start_error_in_a_group_is_found(template: Path, caplog: pytest.LogCaptureFixture) -> None:
    def rebuild() -> BuiltStage:
        raise ExceptionGroup("starting", [ExceptionGroup("deeper", [StartError("no such parameter")])])

    answers(template, rebuild)
    assert "no such parameter; every request gets 500" in caplog.text


def test_a_template_that_is_gone_counts_as_saved(template: Path) -> None:
    saved = SavedFiles(template)
    template.unlink()
    assert saved.was_saved()
    assert not saved.was_saved()


def test_a_file_that_the_template_includes_counts_as_the_template(template: Path) -> None:
    """One that a later template reads, too, and no longer one that it does not read."""
    first, second = template.with_name("first.yaml"), template.with_name("second.yaml")
    for file in (first, second):
        file.write_text("paths: {}\n")
        os.utime(file, ns=(0, 0))
    saved = SavedFiles(template)
    saved.watch([first])
    save(second)
    assert not saved.was_saved()
    save(first)
    assert saved.was_saved()
    save(second)
    saved.watch([second])
    assert saved.was_saved()  # it may have been read before it was saved
    save(first)
    assert not saved.was_saved()


def test_a_broken_file_that_is_named_is_mended_by_a_save_of_it_alone(template: Path) -> None:
    included = template.with_name("included.yaml")
    included.write_text("paths: [\n")
    os.utime(included, ns=(0, 0))
    results: list[BuiltStage | StartError] = [StartError("is not YAML", file=str(included)), NEW]

    async def rebuild() -> BuiltStage:
        await asyncio.sleep(0)
        result = results.pop(0)
        if isinstance(result, StartError):
            raise result
        return result

    async def serve() -> list[int]:
        live = LiveStage(SavedFiles(template), OLD, rebuild, publish=ignore, withdraw=ignore)
        save(template)
        statuses = [(await live.handle(build_request(), port=PORT)).status for _ in range(2)]
        save(included)
        return [*statuses, (await live.handle(build_request(), port=PORT)).status]

    assert asyncio.run(serve()) == [500, 500, 200]


def ignore(*_: object) -> None:
    """Publish a stage to nobody."""


def restart(template: Path, *, build: BuiltStage | Exception, broken: bool = False) -> list[int | bytes]:
    """Return the answers before, while and after it is built anew; `broken` saves a bad template first."""

    async def serve() -> list[int | bytes]:
        rebuilding, go_on = asyncio.Event(), asyncio.Event()
        refusals = [StartError("the local AWS does not answer")] if broken else []

        async def rebuild() -> BuiltStage:
            if refusals:
                raise refusals.pop()
            rebuilding.set()
            await go_on.wait()
            if isinstance(build, Exception):
                raise build
            return build

        async def ask() -> int | bytes:
            answer = await live.handle(build_request(), port=PORT)
            return answer.body if answer.status == 200 else answer.status

        live = LiveStage(SavedFiles(template), OLD, rebuild, publish=ignore, withdraw=ignore)
        if broken:
            save(template)
        received = [await ask()]
        restarting = asyncio.create_task(live.rebuild_after_restart())
        await rebuilding.wait()
        received.append(await ask())
        go_on.set()
        await restarting
        return [*received, await ask()]

    return asyncio.run(serve())


def test_while_the_stage_is_built_anew_the_old_one_answers(template: Path) -> None:
    assert restart(template, build=NEW) == [b"old", b"old", b"new"]


@pytest.mark.parametrize(
    "error", [StartError("the local AWS does not answer"), RuntimeError("a bug")], ids=type
)
def test_what_cannot_be_built_anew_leaves_the_old_stage(template: Path, error: Exception) -> None:
    assert restart(template, build=error) == [b"old", b"old", b"old"]


def test_a_stage_that_is_closed_stays_closed_until_it_has_been_built_anew(template: Path) -> None:
    assert restart(template, build=NEW, broken=True) == [500, 500, b"new"]
    assert restart(template, build=StartError("still refused"), broken=True) == [500, 500, 500]
