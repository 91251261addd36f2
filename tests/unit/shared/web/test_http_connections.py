"""A connection of which nothing comes ends, whatever bytes it sends; a slow but honest one goes on."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from shared.web.server import connections
from shared.web.server.connections import MAX_UNREADABLE_BYTES, MOST_WAITING_CALLS, ImpatientProtocol
from tests.worlds.loops import LOOPS, MakeLoop, run
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.servers.own_http import own_http

SHORT_SECONDS = 0.2


def make_app() -> FastAPI:
    app = FastAPI()

    @app.post("/refused")
    async def refused() -> str:
        return "no"

    @app.post("/read")
    async def read(request: Request) -> int:
        size = len(await request.body())
        for _ in range(3):  # turns of the loop, in which what stands behind may come
            await asyncio.sleep(0)
        return size

    @app.post("/slow")
    async def slow(request: Request) -> None:
        await request.body()
        await asyncio.sleep(2 * SHORT_SECONDS)

    @app.post("/begun")
    async def begun(request: Request) -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"begun"
            await request.body()

        return StreamingResponse(pieces())

    return app


CALL = b"POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"


class AnswerReader(asyncio.Protocol):
    """All that came, also before a reset, which a stream would forget."""

    def __init__(self) -> None:
        self.came = b""
        self.ended = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.came += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set()


async def answer(port: int, first: bytes, drips: int) -> bytes:
    """All that comes back to a client who sends a byte now and then. The first ones lie there when the server
    accepts him: its patience does not depend on the machine's speed.
    """
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setblocking(False)
    sent = connection.send(first)
    transport, it = await asyncio.get_running_loop().create_connection(AnswerReader, sock=connection)
    transport.write(first[sent:])
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not it.ended.is_set() and drips:
            drips -= 1
            transport.write(b"x")
            await asyncio.sleep(0.02)
        await it.ended.wait()
    return it.came


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", SHORT_SECONDS)
    monkeypatch.setattr(connections, "REST_SECONDS", SHORT_SECONDS)


@pytest.mark.usefixtures("short_patience")
@pytest.mark.parametrize(
    ("first", "drips"), [(b"", 0), (b"POST /re", 0), (b"POST /read HTTP/1.1\r\nHost: a\r\nX-A: ", 10_000)]
)
async def test_a_head_that_drips_in_is_given_up(first: bytes, drips: int) -> None:
    """R20"""
    async with own_http(make_app()) as (port, _):
        assert await answer(port, first, drips) == b""


@pytest.mark.usefixtures("short_patience")
async def test_who_sends_a_blank_line_behind_an_answer_and_no_more_is_given_up() -> None:
    """R20: uvicorn's own patience between calls ends with any byte."""
    async with own_http(make_app()) as (port, _):
        connection = socket.create_connection(("127.0.0.1", port))
        _, it = await asyncio.get_running_loop().create_connection(AnswerReader, sock=connection)
        connection.send(CALL)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while b"\r\n\r\n" not in it.came:
                await asyncio.sleep(0.01)
            connection.send(b"\r\n")
            await it.ended.wait()
        assert it.came.startswith(b"HTTP/1.1 200 ")


@pytest.mark.usefixtures("short_patience")
async def test_a_body_that_goes_on_after_its_answer_is_given_up() -> None:
    """R20"""
    async with own_http(make_app()) as (port, _):
        first = b"POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
        assert (await answer(port, first, drips=10_000)).startswith(b"HTTP/1.1 200 ")


@pytest.mark.usefixtures("short_patience")
@pytest.mark.parametrize("before", [b"", CALL])
async def test_a_body_that_somebody_reads_may_take_longer(before: bytes) -> None:
    async with own_http(make_app()) as (port, _):
        first = b"POST /read HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 30\r\n\r\n"
        assert (await answer(port, before + first, drips=30)).endswith(b"30")


@pytest.mark.usefixtures("short_patience")
@pytest.mark.parametrize("calls", [1, 2])
async def test_what_comes_behind_calls_has_time_until_they_are_answered(calls: int) -> None:
    """Half a head is all that a piece had of it, and the rest is not read before."""
    async with own_http(make_app()) as (port, _):
        slow = b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        came = await answer(port, slow * calls + b"POST /sl", drips=0)
    assert came.count(b"HTTP/1.1 200 ") == calls


@pytest.mark.parametrize("first", [b"GET /", b"GET / HTTP/1.1\r\nHost: a\r\nX-A: "])
async def test_a_head_of_any_size_is_not_kept(first: bytes) -> None:
    """R20"""
    async with own_http(make_app()) as (port, _):
        assert (await answer(port, first + b"a" * MAX_UNREADABLE_BYTES, drips=0)).startswith(b"HTTP/1.1 431 ")


async def test_a_head_that_comes_at_once_may_be_no_longer() -> None:
    """R20"""
    async with own_http(make_app()) as (port, _):
        head = b"POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nX-A: "
        first = head + b"a" * MAX_UNREADABLE_BYTES + b"\r\n\r\nx"
        assert (await answer(port, first, drips=0)).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("address", [b"/refused", b"/refused?a=" + b"a" * MAX_UNREADABLE_BYTES])
@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"])
async def test_whose_head_is_too_long_is_told_so_as_a_problem(address: bytes, end: bytes) -> None:
    """R20: also one whose address alone is so long, which was told that it is no HTTP."""
    async with own_http(make_app()) as (port, _):
        first = b"GET " + address + b" HTTP/1.1\r\nHost: a\r\nX-A: " + b"a" * MAX_UNREADABLE_BYTES + end
        head, _, body = (await answer(port, first, drips=0)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert b"\r\ncontent-type: application/problem+json\r\n" in head + b"\r\n"
    assert b"\r\nconnection: close\r\n" in head + b"\r\n"
    problem = json.loads(body)
    assert (problem["status"], problem["limit"], problem["maximum"]) == (431, "head size", 65_536)


async def test_trailers_of_any_size_are_not_kept() -> None:
    """R20"""
    async with own_http(make_app()) as (port, _):
        head = b"POST /read HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        first = head + b"1\r\na\r\n0\r\n" + b"X-A: a\r\n" * (2 * MAX_UNREADABLE_BYTES)
        assert await answer(port, first, drips=0) == b""


async def test_a_long_head_and_a_body_of_many_pieces_are_read() -> None:
    async with own_http(make_app()) as (port, _):
        head = b"POST /read HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nX-A: "
        first = (
            head + b"a" * (MAX_UNREADABLE_BYTES // 2) + b"\r\n\r\n" + b"1\r\na\r\n" * 50_000 + b"0\r\n\r\n"
        )
        assert (await answer(port, first, drips=0)).endswith(b"50000")


H2C = b"Host: a\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\nUpgrade: h2c\r\n"


@pytest.mark.parametrize("ask", [H2C, b"Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"])
@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("chunked", [True, False])
async def test_a_client_that_would_rather_speak_another_protocol_is_answered_in_this_one(
    ask: bytes, *, at_once: bool, chunked: bool
) -> None:
    """R01: Java's client asks for HTTP/2 with every upload."""
    body = b"x" * 200_000
    if chunked:
        head, sent = b"Transfer-Encoding: chunked\r\n", b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    else:
        head, sent = b"Content-Length: %d\r\n" % len(body), body
    head = b"POST /read?a=%20b HTTP/1.1\r\n" + ask + head + b"\r\n"
    following = b"POST /read HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"
    pieces = [head + sent + following] if at_once else [head[:30], head[30:], sent[:7], sent[7:], following]
    async with own_http(make_app()) as (port, _), asyncio.timeout(DEADLINE_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        answers = await reader.read()
        writer.close()
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert answers.count(b"\r\n\r\n200000") == answers.count(b"\r\n\r\n3") == 1


async def test_a_tunnel_is_refused() -> None:
    """R20"""
    async with own_http(make_app()) as (port, _):
        first = b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n"
        assert (await answer(port, first, drips=0)).startswith(b"HTTP/1.1 4")


CHUNKED = b" HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"


@pytest.mark.parametrize("first", [b"no HTTP\r\n\r\n", b"POST /read" + CHUNKED + b"zz\r\n"])
async def test_what_cannot_be_read_is_the_sender_s_fault_and_told_as_a_problem(first: bytes) -> None:
    """R20"""
    async with own_http(make_app()) as (port, _):
        head, _, body = (await answer(port, first, 0)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"\r\ncontent-type: application/problem+json" in head
    told = json.loads(body)
    assert (told["type"], told["status"]) == ("/problems/invalid-request", 400)


async def test_an_answer_that_has_begun_holds_no_other_answer() -> None:
    async with own_http(make_app()) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /begun" + CHUNKED)
        came = await reader.readuntil(b"begun")
        writer.write(b"zz\r\n")
        came += await reader.read()
        writer.close()
    assert came.count(b"HTTP/1.1 ") == 1
    assert b"400" not in came


LONG = b"a" * 1_000_000  # many pieces: the kernel keeps what is not read


@pytest.mark.parametrize("make_loop", LOOPS)
@pytest.mark.parametrize("path", [b"/read", b"/slow"])
@pytest.mark.parametrize("calls", [1, 2, 3])
@pytest.mark.parametrize("behind", [b"\x00\r\n\r\n", b"\x00" + LONG, b"GET / HTTP/1.1\r\nX-A: " + LONG])
def test_what_cannot_be_read_behind_calls_leaves_them_their_answers(
    make_loop: MakeLoop, path: bytes, calls: int, behind: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """R20: they are whole and at work, no answer has begun: a body may be longer than announced."""

    async def main() -> None:
        async with own_http(make_app()) as (port, _):
            whole = b"POST " + path + b" HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
            came = await answer(port, whole * calls + behind, drips=0)
        assert came.count(b"HTTP/1.1 200 ") == calls
        assert came.startswith(b"HTTP/1.1 200 ")

    run(make_loop, main())
    assert len(caplog.messages) <= 1  # what cannot be read is read once


@pytest.mark.parametrize("make_loop", LOOPS)
@pytest.mark.parametrize("path", [b"/refused", b"/read"])
@pytest.mark.parametrize("calls", [101, 102, 20_000])
def test_of_calls_that_do_not_wait_for_answers_so_many_are_answered(
    make_loop: MakeLoop, path: bytes, calls: int, caplog: pytest.LogCaptureFixture
) -> None:
    """R20: some 50 MB of them filled a service's memory within seconds, and nobody else was answered. Those
    of a long stream come in many pieces, which stay unread.
    """

    async def main() -> None:
        call = CALL.replace(b"/refused", path)
        last = call.replace(b"Content", b"Connection: close\r\nContent")
        async with own_http(make_app()) as (port, _):
            came = await answer(port, call * (calls - 1) + last, drips=0)
        assert came.count(b"HTTP/1.1 ") == came.count(b"HTTP/1.1 200 ") == 1 + MOST_WAITING_CALLS

    run(make_loop, main())
    assert len(caplog.messages) <= 1  # that it reads no more


PIECE_BYTES = 256 * 1024  # both loops read so many at a time


class Weighed(ImpatientProtocol):
    """How much waits at most."""

    most_bytes = 0

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        waiting = (cycle.scope["headers"] for cycle, _ in self.pipeline)
        type(self).most_bytes = max(self.most_bytes, sum(len(value) for head in waiting for _, value in head))


@pytest.mark.parametrize("make_loop", LOOPS)
@pytest.mark.parametrize("path", [b"/refused", b"/read"])
def test_while_calls_wait_no_more_of_them_is_read(
    make_loop: MakeLoop, path: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R20: also when their bodies are asked for. Long heads of 100 calls are megabytes."""
    monkeypatch.setattr(Weighed, "most_bytes", 0)

    async def main() -> None:
        call = CALL.replace(b"/refused", path).replace(b"Host", b"X-A: " + b"a" * 30_000 + b"\r\nHost")
        last = call.replace(b"Content", b"Connection: close\r\nContent")
        async with own_http(make_app(), Weighed) as (port, _):
            came = await answer(port, call * 399 + last, drips=0)
        assert came.count(b"HTTP/1.1 200 ") == 400
        assert Weighed.most_bytes <= PIECE_BYTES + MAX_UNREADABLE_BYTES  # of which a part was there

    run(make_loop, main())
