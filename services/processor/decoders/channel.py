"""The service's end of the socket to a decoder child: an assignment goes out, one verdict comes back.

A transport of the event loop, not its `sock_…` calls: an exchange by those costs half as much CPU again.
"""

import asyncio
import socket
from functools import partial
from typing import cast

from services.processor.decoders.wire import READY, Assignment, unpacked_verdict
from services.processor.verdicts import Compressed, Failure

SOCKET_BUFFER_BYTES = 4 * 1024 * 1024
WORDS_BYTES = 64 * 1024  # of a verdict, without its picture


class Channel(asyncio.Protocol):
    """Made by `open_channel`; carries one exchange at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.child_is_ready = False  # it has started, and whatever ends it from now on is not its start
        self._received = bytearray()
        self._most_bytes = WORDS_BYTES
        self._answered: asyncio.Future[tuple[Compressed | Failure, int]] | None = None
        self._transport: asyncio.Transport | None = None

    @property
    def is_open(self) -> bool:
        return self._transport is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    async def exchange(self, assignment: Assignment, data: bytes) -> tuple[Compressed | Failure, int]:
        """The verdict, and the child's memory after it. Raises EOFError where the child has ended."""
        if self._transport is None:
            raise EOFError
        self._received.clear()
        self._most_bytes = WORDS_BYTES + 4 * (assignment.max_pixels + assignment.body_bytes)
        self._answered = self.loop.create_future()
        self._transport.writelines((assignment.packed(), data))
        return await self._answered

    def data_received(self, data: bytes) -> None:
        if not self.child_is_ready:
            self.child_is_ready, data = True, data.removeprefix(READY)
        if len(self._received) + len(data) > self._most_bytes:
            self.hang_up()  # no verdict is so long: the picture has taken the child over
            return
        self._received += data
        answer = unpacked_verdict(self._received)
        if answer is not None and self._answered is not None and not self._answered.done():
            self._answered.set_result(answer)

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(EOFError())

    def hang_up(self) -> None:
        """An idle child ends by it."""
        if self._transport is not None:
            self._transport.abort()


def socket_pair() -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER_BYTES)
    return ours, theirs


async def open_channel(ours: socket.socket) -> Channel:
    """Owns the socket from now on."""
    loop = asyncio.get_running_loop()
    _, channel = await loop.create_unix_connection(partial(Channel, loop), sock=ours)
    return channel
