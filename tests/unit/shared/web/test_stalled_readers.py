"""A reader that takes nothing is let go, a slow one gets all, and little waits for either."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse

from shared.observing.metrics import READERS_CUT_OFF
from shared.web.server import stalled_readers
from shared.web.server.connections import ImpatientProtocol
from tests.worlds.loops import LOOPS, MakeLoop, run
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.servers.own_http import own_http

PIECE = bytes(64 * 1024)
PIECES = 160
MOST_UNREAD = 4 * len(PIECE)  # a piece, what the kernel keeps, what is on its way


class Sent:
    """How many pieces the application has handed over."""

    def __init__(self) -> None:
        self.pieces = 0

    async def stream(self) -> AsyncIterator[bytes]:
        for _ in range(PIECES):
            self.pieces += 1
            yield PIECE
            await asyncio.sleep(0)


def make_app(sent: Sent) -> FastAPI:
    app = FastAPI()

    @app.get("/streamed")
    async def streamed() -> Response:
        return StreamingResponse(sent.stream())

    @app.get("/whole")
    async def whole() -> Response:
        return Response(PIECES * PIECE)

    return app


def reader() -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    return client


def ask(client: socket.socket, port: int, path: str) -> None:
    client.connect(("127.0.0.1", port))
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())


def asked(port: int, path: str) -> socket.socket:
    """A connection whose reader has asked and takes nothing yet."""
    client = reader()
    ask(client, port, path)
    return client


@pytest.mark.parametrize("make_loop", LOOPS)
@pytest.mark.parametrize("path", ["/streamed", "/whole"])
def test_a_reader_that_takes_nothing_is_let_go(
    make_loop: MakeLoop, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R20: what is written for it too."""
    monkeypatch.setattr(stalled_readers, "STALLED_SECONDS", 0.1)

    async def main() -> None:
        sent, before = Sent(), READERS_CUT_OFF._value.get()
        async with own_http(make_app(sent)) as (port, state):
            with await asyncio.to_thread(asked, port, path):
                while READERS_CUT_OFF._value.get() == before or state.connections:
                    await asyncio.sleep(0.01)
        assert sent.pieces * len(PIECE) <= MOST_UNREAD

    run(make_loop, main())


class WithASlowReader(ImpatientProtocol):
    """Whose reader takes a little before each look."""

    looks = 0

    @staticmethod
    def take() -> bytes:
        return b""

    def _look(self, waited_bytes: int) -> None:
        type(self).looks += 1
        deadline = time.monotonic() + DEADLINE_SECONDS
        while self.take() and self._waiting_bytes() >= waited_bytes and time.monotonic() < deadline:
            pass
        super()._look(waited_bytes)


@pytest.mark.parametrize("make_loop", LOOPS)
def test_a_slow_reader_is_not_let_go(make_loop: MakeLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stalled_readers, "STALLED_SECONDS", 0.01)

    async def main() -> None:
        taken: list[bytes] = []
        async with own_http(make_app(Sent()), WithASlowReader) as (port, state):
            client = reader()

            def take() -> bytes:
                taken.append(client.recv(4096))
                return taken[-1]

            monkeypatch.setattr(WithASlowReader, "take", staticmethod(take))
            monkeypatch.setattr(WithASlowReader, "looks", 0)
            await asyncio.to_thread(ask, client, port, "/streamed")
            while WithASlowReader.looks < 50:
                await asyncio.sleep(0.01)
            assert state.connections
            while piece := await asyncio.to_thread(client.recv, 1_000_000):
                taken.append(piece)
            client.close()
        assert sum(map(len, taken)) > PIECES * len(PIECE)
        assert b"".join(taken).endswith(b"\r\n0\r\n\r\n")

    run(make_loop, main())


@pytest.mark.skipif(not hasattr(socket, "TCP_NOTSENT_LOWAT"), reason="Linux has it")
def test_the_kernel_keeps_little_for_a_reader() -> None:
    """Its buffer would grow to megabytes, which count as this container's memory."""

    async def main() -> None:
        sent = Sent()
        async with own_http(make_app(sent)) as (port, _):
            with await asyncio.to_thread(asked, port, "/streamed"):
                while not sent.pieces:
                    await asyncio.sleep(0.01)
                for _ in range(50):
                    await asyncio.sleep(0.01)
                assert sent.pieces * len(PIECE) <= MOST_UNREAD

    run(asyncio.new_event_loop, main())
