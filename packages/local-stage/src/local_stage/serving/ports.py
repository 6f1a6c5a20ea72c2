"""The ports on which a template's APIs listen: each API has one, and keeps it while the stage runs."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Final

from local_stage.errors import UsageError
from local_stage.serving.sockets import HOST, bind

if TYPE_CHECKING:  # The first port is bound before aiohttp is imported.
    from local_stage.deployment.placed_template import PlacedApi
    from local_stage.serving.server import Handle, Server

_REMEDY: Final = "pass a port with as many free ones behind it as there are APIs, or 0 for free ones"

type Place = tuple[str, int]
"""An API by its logical id, and which of its stages it is."""


class Ports:
    """Gives each API a port in the template's order, and serves them.

    The first port is there from the beginning to the end, also without an API: the console is there. An API
    that a save adds takes the port of one that it removes, or else the lowest one from the first on.
    """

    def __init__(self, first: int, reserved: Collection[int] = (), host: str = HOST) -> None:
        """Bind the first port, 0 for any free one; every other port is a free one then as well.

        `host` is where they listen, loopback unless the developer says otherwise. `reserved` are ports that
        something else of the stage needs. Raises StartError where the first port is taken.
        """
        self._is_any = first == 0
        self._reserved = frozenset(reserved)
        self._host = host
        self._bound = [bind(first, host=host)]
        self._places: dict[Place, socket.socket] = {}
        self._servers: dict[socket.socket, Server] = {}
        self._retiring: set[asyncio.Task[None]] = set()

    @property
    def first(self) -> int:
        """The first port."""
        return _port(self._bound[0])

    def assign(self, apis: Sequence[PlacedApi]) -> list[int]:
        """Return the port of each API, in the same order, bound for it if it had none.

        Raises UsageError, naming API and port, where a port is taken.
        """
        wanted = [(api.logical_id, api.number) for api in apis]
        places = {place: self._places[place] for place in wanted if place in self._places}
        free = [sock for sock in self._bound if sock not in places.values()]
        for place in wanted:
            if place not in places:
                places[place] = free.pop(0) if free else self._bind_another(place[0])
        self._places = places
        return [_port(places[place]) for place in wanted]

    async def listen(self, handle_at: Callable[[int], Handle]) -> None:
        """Serve the ports that APIs have now, and no others; `handle_at` returns what responds at a port.

        Requests under way at another port still get their responses. Raises StartError where another process
        has begun to listen on a port since it was bound.
        """
        from local_stage.serving.server import Server  # noqa: PLC0415 - as above

        wanted = [sock for sock in self._bound if sock in (self._bound[0], *self._places.values())]
        for sock in self._bound:
            if sock not in wanted:
                self._give_up(sock)
        self._bound = wanted
        for sock in wanted:
            if sock not in self._servers:
                server = Server(handle_at(_port(sock)))
                await server.start(sock)
                self._servers[sock] = server

    async def settle(self) -> None:
        """Return when the requests under way at ports that were given up have their responses."""
        await asyncio.gather(*self._retiring)

    async def stop(self) -> None:
        """Accept nothing more and return when the requests under way have their responses."""
        await asyncio.gather(*(server.stop() for server in self._servers.values()), self.settle())

    def close(self) -> None:
        """Give up the ports that nobody listens to."""
        for sock in self._bound:
            sock.close()

    def _bind_another(self, name: str) -> socket.socket:
        """Return a socket at the lowest port that no API has, bound for the API of this name."""
        bound = {_port(sock) for sock in self._bound}
        port = 0 if self._is_any else min({*range(self.first, self.first + len(bound) + 1)} - bound)
        why = f"--port {self.first}: {name} would listen on {port}"
        if port in self._reserved:
            raise UsageError(f"{why}, where another part of the stage listens; {_REMEDY}")
        try:
            self._bound.append(bind(port, host=self._host))
        except UsageError:
            raise UsageError(f"{why}, which {HOST} does not give; {_REMEDY}") from None
        return self._bound[-1]

    def _give_up(self, sock: socket.socket) -> None:
        if sock not in self._servers:
            sock.close()
            return
        task = asyncio.create_task(self._servers.pop(sock).stop())
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)


def _port(sock: socket.socket) -> int:
    return int(sock.getsockname()[1])
