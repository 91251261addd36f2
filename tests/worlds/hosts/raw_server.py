"""A TCP server that says whatever bytes a test wants: hosts that misbehave on purpose."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from yarl import URL

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class RawServer:
    """Speaks whatever bytes a test wants and counts who came."""

    port: int = 0
    scheme: str = "http"
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    def url(self, host: str = "127.0.0.1") -> URL:
        return URL(f"{self.scheme}://{host}:{self.port}/")


@asynccontextmanager
async def raw_server(
    behaviour: Behaviour, hears: bytes = b"\r\n\r\n", tls: ssl.SSLContext | None = None
) -> AsyncIterator[RawServer]:
    seen = RawServer(scheme="http" if tls is None else "https")
    serving: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task() or pytest.fail("no task"))
        seen.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            try:
                seen.requests.append(await reader.readuntil(hears))
                await behaviour(reader, writer)
            finally:
                writer.close()
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    seen.port = server.sockets[0].getsockname()[1]
    async with server:
        yield seen
    if serving:
        await asyncio.wait(serving, timeout=5)


def says(*parts: bytes) -> Behaviour:
    async def behaviour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
        await writer.drain()

    return behaviour


def repeats(head: bytes, part: bytes, pause_seconds: float) -> Behaviour:
    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while not reader.at_eof():
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause_seconds)

    return behaviour


async def resets(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
    await writer.drain()
    writer.transport.abort()
