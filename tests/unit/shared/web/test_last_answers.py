"""Whoever still sends when a connection ends gets the whole of the last answer, and does not keep it."""

import asyncio
import socket
from contextlib import suppress

import pytest
from fastapi import FastAPI, Request, Response

from shared.web.server import connections
from shared.web.server.connections import ImpatientProtocol
from tests.worlds.loops import LOOPS, MakeLoop, run
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.servers.own_http import own_http

LARGE = 200_000
MUCH = b"a" * 10_000_000  # more than the kernel keeps of what is not read
LENGTH = b"Content-Length: %d\r\n\r\n" % len(MUCH)


def make_app() -> FastAPI:
    app = FastAPI()

    @app.get("/large")
    async def large() -> Response:
        return Response(b"x" * LARGE)

    @app.get("/last")
    async def last() -> Response:
        return Response(b"x" * LARGE, headers={"Connection": "close"})

    @app.post("/refused")
    async def refused() -> str:
        return "no"

    @app.post("/read")
    async def read(request: Request) -> int:
        return len(await request.body())

    return app


def connected(port: int) -> socket.socket:
    client = socket.socket()
    client.settimeout(DEADLINE_SECONDS)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    client.connect(("127.0.0.1", port))
    return client


def all_taken(client: socket.socket) -> bytes:
    came = b""
    while piece := client.recv(4096):
        came += piece
    return came


async def answers_to(port: int, sent: bytes) -> bytes:
    """All that comes to a slow reader, who sends all that it wants to send."""
    with connected(port) as client:
        taking = asyncio.create_task(asyncio.to_thread(all_taken, client))
        await asyncio.to_thread(client.sendall, sent)
        return await taking


GET = b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n"
LAST_GET = b"GET /last HTTP/1.1\r\nHost: a\r\n\r\n"
SMALL = b"GET /%s HTTP/1.1\r\nHost: a\r\n\r\n" % (b"a" * 60)
LONG_HEAD = b"GET / HTTP/1.1\r\nX-A: " + MUCH
CHUNKED = b"POST /read HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
NO_CHUNK = b"zz\r\n"
LONG_TRAILERS = b"0\r\n" + b"X-A: a\r\n" * 100_000


@pytest.mark.parametrize("make_loop", LOOPS)
@pytest.mark.parametrize(
    ("sent", "answers"),
    [
        (GET * 2 + b"\x00" + MUCH, 2),
        (GET * 2 + LONG_HEAD, 2),
        (GET * 2 + SMALL * 100_000, 2),
        (LAST_GET + SMALL * 100_000, 1),
    ],
    ids=["no HTTP", "a long head", "too many calls", "calls behind the last one"],
)
def test_who_sends_more_than_calls_gets_all_of_their_answers(
    make_loop: MakeLoop, sent: bytes, answers: int
) -> None:
    """R20: what lay unread made the system reset the connection, and what was on its way was lost."""

    async def main() -> None:
        async with own_http(make_app()) as (port, _):
            came = await answers_to(port, sent)
        assert came.count(b"HTTP/1.1 200 ") == came.count(b"x" * LARGE) == answers

    run(make_loop, main())


@pytest.mark.parametrize("make_loop", LOOPS)
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (LONG_HEAD, 431),
        (b"\x00" + MUCH, 400),
        (CHUNKED + NO_CHUNK + MUCH, 400),
        (b"POST /refused HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + LENGTH + MUCH, 200),
        (b"POST /refused HTTP/1.0\r\nHost: a\r\n" + LENGTH + MUCH, 200),
    ],
    ids=["a long head", "no HTTP", "no chunk", "a body nobody wants", "one of HTTP/1.0"],
)
def test_who_has_an_answer_before_all_is_sent_may_send_all_and_read_it(
    make_loop: MakeLoop, sent: bytes, status: int
) -> None:
    """R20"""

    async def main() -> None:
        async with own_http(make_app()) as (port, _):
            with connected(port) as client:
                await asyncio.to_thread(client.sendall, sent)
                came = await asyncio.to_thread(all_taken, client)
        assert came.startswith(b"HTTP/1.1 %d " % status)
        assert came.count(b"HTTP/1.1 ") == 1

    run(make_loop, main())


@pytest.mark.parametrize("make_loop", LOOPS)
@pytest.mark.parametrize("calls", [1, 2])
def test_a_call_that_breaks_off_takes_no_answer_from_those_before_it(make_loop: MakeLoop, calls: int) -> None:
    """R20: it is told so itself, behind them."""

    async def main() -> None:
        async with own_http(make_app()) as (port, _):
            came = await answers_to(port, GET * calls + CHUNKED + NO_CHUNK)
        assert came.count(b"HTTP/1.1 200 ") == came.count(b"x" * LARGE) == calls
        assert came.count(b"HTTP/1.1 ") == calls + 1
        assert b"HTTP/1.1 400 " in came.rpartition(b"x" * LARGE)[2]

    run(make_loop, main())


@pytest.mark.parametrize("make_loop", LOOPS)
@pytest.mark.parametrize("sent", [GET + b"\x00", b"\x00", CHUNKED + NO_CHUNK, CHUNKED + LONG_TRAILERS])
@pytest.mark.parametrize("goes_on", [True, False])
def test_who_keeps_the_connection_after_the_last_answer_is_given_up(
    make_loop: MakeLoop, sent: bytes, *, goes_on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R20: also who sends for ever."""
    monkeypatch.setattr(connections, "REST_SECONDS", 0.1)

    async def main() -> None:
        async with own_http(make_app()) as (port, state):
            with connected(port) as client:
                client.sendall(sent)
                await asyncio.to_thread(all_taken, client)
                client.setblocking(False)
                while state.connections:
                    if goes_on:
                        with suppress(OSError):
                            client.send(MUCH)
                    await asyncio.sleep(0.01)

    run(make_loop, main())


class WithASlowReader(ImpatientProtocol):
    """Whose reader takes a little before each look."""

    looks = 0

    @staticmethod
    def take() -> bytes:
        return b""

    def _wait_while_taken(self, untaken_bytes: float) -> None:
        type(self).looks += 1
        while self._waiting_bytes() >= untaken_bytes and self.take():
            pass
        super()._wait_while_taken(untaken_bytes)


@pytest.mark.parametrize("make_loop", LOOPS)
def test_who_takes_the_last_answer_slowly_gets_all_of_it(
    make_loop: MakeLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes a little now and then."""
    monkeypatch.setattr(connections, "REST_SECONDS", 0.01)

    async def main() -> None:
        pieces: list[bytes] = []
        async with own_http(make_app(), WithASlowReader) as (port, state):
            with connected(port) as client:

                def take() -> bytes:
                    pieces.append(client.recv(4096))
                    return pieces[-1]

                monkeypatch.setattr(WithASlowReader, "take", staticmethod(take))
                monkeypatch.setattr(WithASlowReader, "looks", 0)
                client.sendall(GET + b"\x00")
                while state.connections or not WithASlowReader.looks:
                    await asyncio.sleep(0.01)
                pieces.append(await asyncio.to_thread(all_taken, client))
        assert WithASlowReader.looks > 2
        assert b"".join(pieces).endswith(b"x" * LARGE)

    run(make_loop, main())


@pytest.mark.parametrize("make_loop", LOOPS)
@pytest.mark.parametrize("sent", [GET + b"\x00", b"\x00", CHUNKED + NO_CHUNK])
def test_a_server_that_stops_waits_for_nobody_who_has_its_last_answer(
    make_loop: MakeLoop, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "REST_SECONDS", 2 * DEADLINE_SECONDS)

    async def main() -> None:
        async with own_http(make_app()) as (port, state):
            with connected(port) as client:
                client.sendall(sent)
                await asyncio.to_thread(all_taken, client)
                for connection in tuple(state.connections):
                    connection.shutdown()
                while state.connections:
                    await asyncio.sleep(0.01)

    run(make_loop, main())
