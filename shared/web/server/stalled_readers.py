"""The writing side of a connection of the HTTP server: it ends when its reader takes nothing, and little
waits for a slow one.

uvicorn waits without end for a reader, and keeps for it whatever was written; the kernel takes megabytes more
for each. None of its settings bounds these; a proxy in front could, but an installation may have none.
"""

import asyncio
import fcntl
import os
import socket
import struct
import sys
import termios
from typing import Any

from shared.observing.metrics import READERS_CUT_OFF
from shared.web.server.upgrades import StayingProtocol

STALLED_SECONDS = 60.0
"""A reader that takes nothing at all for so long is cut off; one that takes a little now and then is not."""
UNSENT_BYTES = 64 * 1024
"""Of an answer, what the kernel keeps for a reader besides what is on its way."""
_INTEGER = struct.Struct("i")


class SendingProtocol(StayingProtocol):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._next_look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        transport.set_write_buffer_limits(high=0)  # paused for as long as anything waits here
        _keep_little(transport)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look_again(self._waiting_bytes())

    def resume_writing(self) -> None:
        self._rest()
        super().resume_writing()

    def _look_again(self, waiting_bytes: int) -> None:
        self._rest()
        self._next_look = self.loop.call_later(STALLED_SECONDS, self._look, waiting_bytes)

    def _look(self, waited_bytes: int) -> None:
        """Nothing is written meanwhile, so it becomes less unless the reader takes nothing."""
        waiting = self._waiting_bytes()
        if waiting < waited_bytes:
            self._look_again(waiting)
            return
        READERS_CUT_OFF.inc()
        self.transport.abort()

    def _rest(self) -> None:
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None

    def _waiting_bytes(self) -> int:
        return self.transport.get_write_buffer_size() + _unacknowledged_bytes(self.transport)


def _keep_little(transport: asyncio.Transport) -> None:
    if sys.platform != "linux":
        return
    with socket.socket(fileno=os.dup(_descriptor(transport))) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)


def _unacknowledged_bytes(transport: asyncio.Transport) -> int:
    """What the kernel still holds: a slow reader's progress shows there first."""
    if sys.platform != "linux":
        return 0
    answer = fcntl.ioctl(_descriptor(transport), termios.TIOCOUTQ, bytes(_INTEGER.size))
    waiting: int = _INTEGER.unpack(answer)[0]
    return waiting


def _descriptor(transport: asyncio.Transport) -> int:
    descriptor: int = transport.get_extra_info("socket").fileno()
    return descriptor
