"""The service's end of the socket to a decoder child: assignments go out, verdicts come back in their order.

A transport of the event loop, not its `sock_…` calls: an exchange by those costs half as much CPU again.
"""

import asyncio
import socket
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import cast

from services.processor.decoders.wire import READY, Assignment, Nonsense, unpacked_verdict, verdict_bytes
from services.processor.verdicts import Compressed, Failure

SOCKET_BUFFER_BYTES = 4 * 1024 * 1024
WORDS_BYTES = 64 * 1024  # of a verdict, without its picture


class Behind(Exception):  # noqa: N818 - no error of this exchange
    """The child ended in the middle of another one, which came before."""


@dataclass(frozen=True, slots=True)
class _Asked:
    most_bytes: int
    answered: asyncio.Future[tuple[Compressed | Failure, int]]


class Channel(asyncio.Protocol):
    """Made by `open_channel`. What is asked while the child works waits in the socket."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.child_is_ready = False  # it has started, and whatever ends it from now on is not its start
        self._ready_or_lost = asyncio.Event()
        self._received = bytearray()
        self._asked: deque[_Asked] = deque()
        self._unwanted: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None

    @property
    def is_open(self) -> bool:
        return self._transport is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    async def begun(self) -> None:
        """Returns when the child has started. Raises EOFError where it ended before."""
        await self._ready_or_lost.wait()
        if not self.child_is_ready:
            raise EOFError

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits for an answer."""
        return any(not asked.answered.done() for asked in self._asked)

    async def exchange(self, assignment: Assignment, data: bytes) -> tuple[Compressed | Failure, int]:
        """The verdict, and the child's memory after it. Raises EOFError where the child ended in the middle
        of it, and `Behind` where that was in the middle of another.
        """
        if self._transport is None:
            raise EOFError
        most_bytes = WORDS_BYTES + 4 * (assignment.max_pixels + assignment.body_bytes)
        asked = _Asked(most_bytes, self.loop.create_future())
        self._asked.append(asked)
        self._transport.writelines((assignment.packed(), data))
        return await asked.answered

    def data_received(self, data: bytes) -> None:
        if not self.child_is_ready:
            self.child_is_ready, data = True, data.removeprefix(READY)
            self._ready_or_lost.set()
        self._received += data
        try:
            self._answer()
        except Nonsense:
            self.hang_up()
        most_bytes = self._asked[0].most_bytes if self._asked else 0
        if len(self._received) > most_bytes:
            self.hang_up()  # no verdict is so long: the picture has taken the child over
        self._tell_if_unwanted()

    def _answer(self) -> None:
        while self._asked and (size := verdict_bytes(self._received)) is not None:
            verdict = unpacked_verdict(self._received)
            asked = self._asked.popleft()
            if not asked.answered.done():
                asked.answered.set_result(verdict)
            del self._received[:size]

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None
        self._ready_or_lost.set()
        error: type[Exception] = EOFError
        while self._asked:
            answered = self._asked.popleft().answered
            if not answered.done():
                answered.set_exception(error())
            error = Behind
        self._tell_if_unwanted()

    async def unwanted(self) -> None:
        """Returns when nobody waits for an answer any more."""
        while self.is_wanted:
            self._unwanted = self.loop.create_future()
            await self._unwanted

    def _tell_if_unwanted(self) -> None:
        if self._unwanted is not None and not self._unwanted.done() and not self.is_wanted:
            self._unwanted.set_result(None)

    def hang_up(self) -> None:
        """An idle child ends by it."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()


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
