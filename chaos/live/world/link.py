"""The network between one process and one server: a small TCP proxy that can be cut, silenced, slowed, or
made to forget one side of each connection. It reads nothing of what it carries.
"""

import asyncio
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

HOST = "127.0.0.1"
CHUNK_BYTES = 64 * 1024
RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER of no seconds: the other side gets a reset


class Pair(NamedTuple):
    """Who speaks over a link: a process of ours, and the server that it calls."""

    caller: str
    server: str


class Side(Enum):
    CALLER = "caller"
    SERVER = "server"


class _Stream(NamedTuple):
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def reset(self) -> None:
        connection = self.writer.get_extra_info("socket")
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
        self.writer.transport.abort()


@dataclass(slots=True, kw_only=True, eq=False)
class Link:
    """Callers connect to `port`; what they say goes on to `target_port`."""

    port: int
    target_port: int
    _server: asyncio.Server | None = None
    _connections: set["_Connection"] = field(default_factory=set)
    _carriers: set[asyncio.Task[None]] = field(default_factory=set)
    _is_cut: bool = False
    _delay_seconds: float = 0.0
    _passable: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> None:
        self._passable.set()
        self._server = await asyncio.start_server(self._begin, HOST, self.port)

    async def close(self) -> None:
        self.cut()
        self._passable.set()  # for whoever waits
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        await asyncio.gather(*self._carriers)

    def cut(self) -> None:
        """Both ends of each connection are told so at once, and nobody gets a new one."""
        self._is_cut = True
        for connection in tuple(self._connections):
            connection.reset()

    def silence(self) -> None:
        """Nothing passes, and nobody is told. What is on its way arrives when it is healed."""
        self._passable.clear()

    def slow(self, seconds: float) -> None:
        """So long does each piece take, there and back."""
        self._delay_seconds = seconds

    def half_open(self, remaining: Side) -> None:
        """Of each connection one side is gone, and the other does not hear of it before it is healed. New
        ones are as they should be.
        """
        for connection in tuple(self._connections):
            connection.forget_all_but(remaining)

    def heal(self) -> None:
        self._is_cut, self._delay_seconds = False, 0.0
        self._passable.set()
        for connection in tuple(self._connections):
            if connection.remaining is not None:
                connection.reset()

    async def pass_by(self) -> None:
        """Returns when a piece may go on."""
        await self._passable.wait()
        if self._delay_seconds:
            await asyncio.sleep(self._delay_seconds)

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        carrier = asyncio.create_task(self._carry(_Stream(reader, writer)))
        self._carriers.add(carrier)
        carrier.add_done_callback(self._carriers.discard)

    async def _carry(self, caller: _Stream) -> None:
        await self._passable.wait()
        try:
            if self._is_cut:
                raise ConnectionRefusedError
            server = _Stream(*await asyncio.open_connection(HOST, self.target_port))
        except OSError:
            caller.reset()
            return
        connection = _Connection(self, caller, server)
        self._connections.add(connection)
        try:
            await connection.carry()
        finally:
            self._connections.discard(connection)


@dataclass(slots=True, eq=False)
class _Connection:
    link: Link
    caller: _Stream
    server: _Stream
    remaining: Side | None = None  # the side that still believes in it, where the other is gone

    async def carry(self) -> None:
        """Returns when both sides have ended; what they said last is still handed on."""
        await asyncio.gather(self._pump(self.caller, self.server), self._pump(self.server, self.caller))
        self.caller.writer.close()
        self.server.writer.close()

    def reset(self) -> None:
        self.caller.reset()
        self.server.reset()

    def forget_all_but(self, remaining: Side) -> None:
        self.remaining = remaining
        gone = self.server if remaining is Side.CALLER else self.caller
        gone.reset()

    async def _pump(self, source: _Stream, sink: _Stream) -> None:
        try:
            while data := await source.reader.read(CHUNK_BYTES):
                await self.link.pass_by()
                await self._hand_on(data, sink)
            if self.remaining is None:
                sink.writer.write_eof()
        except OSError:
            if self.remaining is None:
                self.reset()

    async def _hand_on(self, data: bytes, sink: _Stream) -> None:
        if self.remaining is not None:
            return
        sink.writer.write(data)
        try:
            await sink.writer.drain()
        except OSError:
            if self.remaining is None:
                raise
