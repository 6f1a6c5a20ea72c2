"""Each API has a port of its own, in the template's order, and keeps it while the template changes."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.deployment.placed_template import REST_API, PlacedApi
from local_stage.errors import UsageError
from local_stage.serving.ports import Ports
from local_stage.serving.server import Handle
from local_stage.serving.sockets import HOST, bind


def api(name: str, number: int = 0) -> PlacedApi:
    return PlacedApi(name, f"{name}Stage{number}", REST_API, number)


@pytest.fixture
def run_of_ports() -> Iterator[int]:
    """Return the first of three free ports, of those that Linux gives nobody who does not name them."""
    for first in random.sample(range(10_000, 30_000), 100):
        try:
            for port in range(first, first + 3):
                bind(port).close()
        except UsageError:
            continue
        yield first
        return
    pytest.fail("there are no three free ports in a row")


def test_the_apis_are_in_order_from_the_first_port_on(run_of_ports: int) -> None:
    with closing(Ports(run_of_ports)) as ports:
        assigned = ports.assign([api("First"), api("Second"), api("Second", 1)])
        assert assigned == [run_of_ports, run_of_ports + 1, run_of_ports + 2]


def test_any_free_ports_are_taken_where_the_first_is_any() -> None:
    with closing(Ports(0)) as ports:
        assert len(set(ports.assign([api("First"), api("Second"), api("Third")]))) == 3


def test_a_port_that_is_taken_is_refused_with_the_api_that_would_listen_there(run_of_ports: int) -> None:
    with closing(Ports(run_of_ports)) as ports, socket.socket() as other:
        other.bind((HOST, run_of_ports + 1))
        other.listen()
        with pytest.raises(UsageError) as caught:
            ports.assign([api("First"), api("Second")])
    assert str(caught.value) == (
        f"--port {run_of_ports}: Second would listen on {run_of_ports + 1}, which 127.0.0.1 does not give;"
        " pass a port with as many free ones behind it as there are APIs, or 0 for free ones"
    )


def test_a_port_of_another_part_of_the_stage_is_refused(run_of_ports: int) -> None:
    why = f"Second would listen on {run_of_ports + 1}, where another part of the stage listens"
    with closing(Ports(run_of_ports, {run_of_ports + 1})) as ports, pytest.raises(UsageError, match=why):
        ports.assign([api("First"), api("Second")])


def test_an_api_keeps_its_port_when_others_come_before_it_or_go() -> None:
    with closing(Ports(0)) as ports:
        first, second = ports.assign([api("First"), api("Second")])
        assert ports.assign([api("New"), api("First"), api("Second")])[1:] == [first, second]
        assert ports.assign([api("Second")]) == [second]


def test_an_api_that_replaces_another_takes_its_port() -> None:
    """So that another logical id, or a stage of another name, has the address that was printed."""
    with closing(Ports(0)) as ports:
        before = ports.assign([api("First"), api("Second")])
        assert ports.assign([api("Renamed"), api("Second")]) == before


def test_what_is_served_follows_the_apis_and_the_first_port_stays() -> None:
    async def serve() -> list[list[bool]]:
        ports = Ports(0)
        first, second = ports.assign([api("First"), api("Second")])
        await ports.listen(respond_at)
        answers = [[await responds(first), await responds(second)]]
        ports.assign([])
        await ports.listen(respond_at)
        await ports.settle()
        answers.append([await responds(first), await responds(second)])
        await ports.stop()
        return [*answers, [await responds(first)]]

    assert asyncio.run(serve()) == [[True, True], [True, False], [False]]


def respond_at(port: int) -> Handle:
    async def respond(_: HttpRequest) -> HttpResponse:
        return HttpResponse(200, [], str(port).encode())

    return respond


async def responds(port: int) -> bool:
    """Say whether the port responds, and with its own number."""
    try:
        reader, writer = await asyncio.open_connection(HOST, port)
    except ConnectionError:
        return False
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    response = await reader.read()
    writer.close()
    return response.endswith(f"\r\n\r\n{port}".encode())
