"""Whoever still sends when a connection ends gets the whole of the last answer, and does not keep it."""

import asyncio
import gc
import logging
import socket
import struct
import weakref
from collections.abc import AsyncIterator
from collections.abc import Set as AbstractSet
from contextlib import suppress

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from shared.web.server import connections
from shared.web.server.connections import ImpatientProtocol
from tests.worlds.loops import LOOPS, MakeLoop, run
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.servers.own_http import own_http, stop, until_gone

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

    @app.post("/nothing")
    async def nothing() -> Response:
        return Response(status_code=204)

    @app.post("/read")
    async def read(request: Request) -> int:
        with suppress(ClientDisconnect):
            return len(await request.body())
        return 0

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

    def _close_unless_taken(self, waited_bytes: int) -> None:
        type(self).looks += 1
        while self._waiting_bytes() >= waited_bytes and self.take():
            pass
        super()._close_unless_taken(waited_bytes)


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


class WithAReaderWhoSends(ImpatientProtocol):
    """Who has taken a little before each of the first looks."""

    looks = 0
    read_behind_a_look = 0

    def data_received(self, data: bytes) -> None:
        if self.looks:
            type(self).read_behind_a_look += len(data)
        super().data_received(data)

    def _waiting_bytes(self) -> int:
        return max(3 - self.looks, 0)

    def _close_unless_taken(self, waited_bytes: int) -> None:
        type(self).looks += 1
        super()._close_unless_taken(waited_bytes)


@pytest.mark.parametrize("make_loop", LOOPS)
def test_of_who_takes_the_last_answer_slowly_and_sends_all_the_while_no_more_is_read(
    make_loop: MakeLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R20: gigabytes were read for a few kilobytes taken."""
    monkeypatch.setattr(connections, "REST_SECONDS", 0.05)
    monkeypatch.setattr(WithAReaderWhoSends, "looks", 0)
    monkeypatch.setattr(WithAReaderWhoSends, "read_behind_a_look", 0)

    async def main() -> None:
        async with own_http(make_app(), WithAReaderWhoSends) as (port, state):
            with connected(port) as client:
                client.sendall(b"\x00")
                client.setblocking(False)
                while state.connections or not WithAReaderWhoSends.looks:
                    with suppress(OSError):
                        client.send(MUCH)
                    await asyncio.sleep(0.001)
        assert WithAReaderWhoSends.looks == 3
        assert WithAReaderWhoSends.read_behind_a_look == 0

    run(make_loop, main())


@pytest.mark.parametrize("make_loop", LOOPS)
@pytest.mark.parametrize("sent", [GET + b"\x00", b"\x00", CHUNKED + NO_CHUNK])
def test_a_server_that_stops_waits_for_nobody_who_has_its_last_answer(
    make_loop: MakeLoop, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "REST_SECONDS", 2 * DEADLINE_SECONDS)
    monkeypatch.setattr(connections, "STOPPING_REST_SECONDS", 0.01)

    async def main() -> None:
        async with own_http(make_app()) as (port, state):
            with connected(port) as client:
                client.sendall(sent)
                await asyncio.to_thread(all_taken, client)
                stop(state)
                await until_gone(state)

    run(make_loop, main())


@pytest.mark.parametrize("make_loop", LOOPS)
@pytest.mark.parametrize("behind", [b"", b"\x00"], ids=["a body nobody wants", "no chunk"])
def test_a_server_that_stops_waits_for_nobody_who_gets_its_last_answer_then(
    make_loop: MakeLoop, behind: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R18: who was answered meanwhile and had sent more kept it for all of the drain."""
    monkeypatch.setattr(connections, "REST_SECONDS", 2 * DEADLINE_SECONDS)
    monkeypatch.setattr(connections, "STOPPING_REST_SECONDS", 0.01)
    app, stops = make_app(), asyncio.Event()

    @app.post("/held")
    async def held() -> str:
        await stops.wait()
        return "no"

    async def main() -> None:
        async with own_http(app) as (port, state):
            with connected(port) as client:
                client.sendall(b"POST /held" + CHUNKED.removeprefix(b"POST /read"))
                while not state.tasks:
                    await asyncio.sleep(0.01)
                stop(state)
                if behind:
                    client.sendall(behind)
                else:
                    stops.set()
                came = await asyncio.to_thread(all_taken, client)
                await until_gone(state)
            stops.set()
        assert came.startswith(b"HTTP/1.1 400 " if behind else b"HTTP/1.1 200 ")

    run(make_loop, main())


@pytest.mark.parametrize("make_loop", LOOPS)
def test_who_has_sent_no_more_than_the_last_call_is_not_waited_for(
    make_loop: MakeLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "REST_SECONDS", 2 * DEADLINE_SECONDS)

    async def main() -> None:
        async with own_http(make_app()) as (port, state):
            with connected(port) as client:
                client.sendall(LAST_GET)
                await asyncio.to_thread(all_taken, client)
                await until_gone(state)

    run(make_loop, main())


@pytest.mark.parametrize("make_loop", LOOPS)
def test_who_was_answered_before_a_stop_may_send_its_body_and_read_the_answer(
    make_loop: MakeLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R18: the connection was closed with the body unread, and reset."""
    monkeypatch.setattr(connections, "STOPPING_REST_SECONDS", 2 * DEADLINE_SECONDS)

    async def main() -> None:
        async with own_http(make_app()) as (port, state):
            with connected(port) as client:
                client.sendall(b"POST /refused HTTP/1.1\r\nHost: a\r\n" + LENGTH)
                begun = await asyncio.to_thread(client.recv, 1)
                stop(state)
                await asyncio.to_thread(client.sendall, MUCH)
                came = begun + await asyncio.to_thread(all_taken, client)
        assert came.startswith(b"HTTP/1.1 200 ")

    run(make_loop, main())


@pytest.mark.parametrize("make_loop", LOOPS)
def test_who_sends_the_rest_of_a_body_behind_its_last_answer_may_send_all_of_it(make_loop: MakeLoop) -> None:
    """All that came before was read."""

    async def main() -> None:
        async with own_http(make_app()) as (port, _):
            with connected(port) as client:
                head = b"POST /refused HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                client.sendall(head + LENGTH + MUCH[:1_000])
                came = await asyncio.to_thread(all_taken, client)
                await asyncio.to_thread(client.sendall, MUCH[1_000:])
        assert came.startswith(b"HTTP/1.1 200 ")

    run(make_loop, main())


@pytest.mark.parametrize("make_loop", LOOPS)
@pytest.mark.parametrize("expects", [b"", b"Expect: 100-continue\r\n"])
@pytest.mark.parametrize("at_once", [True, False])
def test_the_application_of_a_call_that_breaks_off_is_told_and_leaves_no_error(
    make_loop: MakeLoop,
    expects: bytes,
    *,
    at_once: bool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """R20: also where its client keeps the connection. It would still have asked for the body."""
    monkeypatch.setattr(connections, "REST_SECONDS", 2 * DEADLINE_SECONDS)

    async def main() -> None:
        async with own_http(make_app()) as (port, state):
            with connected(port) as client:
                call = CHUNKED.replace(b"Host", expects + b"Host")
                client.sendall(call + NO_CHUNK if at_once else call)
                if not at_once:
                    while not any(asks_for_more(connection) for connection in state.connections):
                        await asyncio.sleep(0.01)
                    client.sendall(NO_CHUNK)
                came = await asyncio.to_thread(all_taken, client)
                await asyncio.gather(*state.tasks)
                assert state.connections
        continued = b"HTTP/1.1 100 Continue\r\n\r\n"
        assert came.startswith(continued) == (bool(expects) and not at_once)
        assert came.removeprefix(continued).startswith(b"HTTP/1.1 400 ")
        assert came.removeprefix(continued).count(b"HTTP/1.1 ") == 1

    run(make_loop, main())
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def asks_for_more(connection: object) -> bool:
    """Its application has had what came of its body."""
    assert isinstance(connection, ImpatientProtocol)
    return connection.cycle is not None and not connection.cycle.message_event.is_set()


@pytest.mark.parametrize("make_loop", LOOPS)
@pytest.mark.parametrize(
    "sent", [b"\x00", b"POST /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + LENGTH]
)
def test_who_has_gone_before_its_last_answer_is_no_error(
    make_loop: MakeLoop, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with own_http(make_app()) as (port, state):
            with connected(port) as client:
                client.sendall(sent)
            await ended(state.connections)

    run(make_loop, main())
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def ended(now: AbstractSet[object]) -> list[weakref.ref[object]]:
    """Those of a connection, once it was there and is gone."""
    while not now:
        await asyncio.sleep(0)
    known = [weakref.ref(connection) for connection in now]
    while now:
        await asyncio.sleep(0.01)
    return known


async def hears_of_the_end(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


RESET = struct.pack("ii", 1, 0)


@pytest.mark.parametrize("make_loop", LOOPS)
@pytest.mark.parametrize("calls", [1, 3])
def test_of_a_connection_whose_client_is_gone_nothing_is_left(
    make_loop: MakeLoop, calls: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor of the calls that waited. The one under way wrote on, which was an error."""
    left: list[weakref.ref[object]] = []

    async def app(_: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        told = asyncio.create_task(hears_of_the_end(receive))
        while not told.done():
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
            await asyncio.sleep(0.01)

    async def main() -> None:
        async with own_http(app) as (port, state):
            with connected(port) as client:
                client.sendall(b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n" * calls)
                await asyncio.to_thread(client.recv, 1)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            left.extend(await ended(state.connections))
            await asyncio.gather(*state.tasks)
            await asyncio.sleep(0)

    gc.disable()
    try:
        run(make_loop, main())
        assert [connection() for connection in left] == [None]
    finally:
        gc.enable()
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("make_loop", LOOPS)
def test_an_application_that_fails_after_its_client_has_gone_ends_nothing_twice(make_loop: MakeLoop) -> None:
    app = make_app()

    @app.post("/begun")
    async def begun() -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"begun"
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise ZeroDivisionError from None

        return StreamingResponse(pieces())

    async def main() -> None:
        async with own_http(app) as (port, state):
            with connected(port) as client:
                client.sendall(b"POST /begun" + CHUNKED.removeprefix(b"POST /read"))
                await asyncio.to_thread(client.recv, 1)
                calls = tuple(state.tasks)
            await asyncio.gather(*calls)

    run(make_loop, main())
