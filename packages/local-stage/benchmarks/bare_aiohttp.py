"""The ceiling: aiohttp as the stage sets it up, answering a constant of the same length as a greeting.

python -m benchmarks.bare_aiohttp
"""

from __future__ import annotations

import asyncio
import sys
from typing import Final

from aiohttp import web

GREETING: Final = b'{"message":"Hello AWS API Gateway!","username":"user-0123456789abcdef"}'


async def answer(_: web.Request) -> web.Response:
    """Answer any request with the greeting."""
    return web.Response(body=GREETING, content_type="application/json")


async def serve() -> None:
    """Serve on a free port of loopback, print its number, and go on until the process is ended."""
    application = web.Application()
    application.router.add_route("*", "/{target:.*}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    asyncio.run(serve())
