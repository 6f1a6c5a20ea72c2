"""`local-stage start --debug PORT`: the API answers when the debugger lets the function go on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import requests

from tests.local.debug_client import debugging, find_line, find_port
from tests.local.open_api import write_open_api
from tests.stage_process import running_stage

HANDLER = """
    def handler(event, context):
        name = event["queryStringParameters"]["name"]
        return {"statusCode": 200, "body": f"hello {name}"}  # stop here
"""


def test_a_request_stops_at_a_breakpoint_and_is_answered_afterwards(tmp_path: Path) -> None:
    template = write_open_api(tmp_path, {"Hello": HANDLER, "Other": HANDLER})

    async def run() -> None:
        with running_stage(tmp_path, "--template", str(template), "--debug", "0") as stage:
            waiting = stage.wait_for_log("[Hello] Waiting for a debugger").splitlines()
            port = find_port([line for line in waiting if line.startswith("[Hello]")])
            assert port is not None
            app = tmp_path / "hello" / "app.py"
            async with debugging(port, {app: [find_line(app, "stop here")]}) as debugger:
                url = f"{stage.api_url}/hello?name=alice"
                request = asyncio.create_task(asyncio.to_thread(requests.get, url, timeout=60))
                thread, (frame, *_) = await debugger.wait_for_stop()
                assert await debugger.evaluate("name", frame) == "'alice'"
                debugger.go_on(thread)
                assert (await request).text == "hello alice"
            waiting = stage.wait_for_log(
                f"[Other] Waiting for a debugger at 127.0.0.1:{port + 1}"
            ).splitlines()
            assert sum("Waiting for a debugger" in line for line in waiting) == 2

    asyncio.run(run())
