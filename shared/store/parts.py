"""Writes an object to a bucket in parts, and leaves none of them behind when it is given up: obstore aborts
an upload whose source fails, and not one that nobody goes on with. It knows no bucket.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from enum import Enum, auto
from typing import Any

PART_BYTES = 5 * 1024 * 1024  # the least that S3 takes; what is smaller as a whole is put at once
PARTS_AT_ONCE = 1  # of one object; obstore would hold twelve for each writer

Put = Callable[[bytes], Awaitable[object]]
PutParts = Callable[[AsyncIterator[bytes]], Coroutine[Any, Any, object]]


class _End(Enum):
    WHOLE = auto()
    GIVEN_UP = auto()


class _GivenUpError(Exception):
    """Tells obstore to abort."""


class PartsWriter:
    """Once, then `finish` or `give_up`."""

    def __init__(self, put: Put, put_parts: PutParts) -> None:
        self._put = put
        self._put_parts = put_parts
        self._held = bytearray()
        self._pieces: asyncio.Queue[bytes | _End] = asyncio.Queue(1)
        self._upload: asyncio.Task[object] | None = None

    async def write(self, data: bytes) -> None:
        self._held += data
        if len(self._held) >= PART_BYTES:
            await self._pass_on_held()

    async def finish(self) -> None:
        if self._upload is None:
            await self._put(bytes(self._held))
            return
        await self._pass_on_held()
        await self._pass_on(_End.WHOLE)
        await self._upload

    async def give_up(self) -> None:
        """Returns once the upload has ended, in whatever way."""
        if self._upload is None:
            return
        while not self._pieces.empty():
            self._pieces.get_nowait()
        self._pieces.put_nowait(_End.GIVEN_UP)
        await asyncio.wait({self._upload})
        if not self._upload.cancelled():
            self._upload.exception()  # heard: whoever gives up has a reason of his own

    async def _pass_on_held(self) -> None:
        piece, self._held = bytes(self._held), bytearray()
        await self._pass_on(piece)

    async def _pass_on(self, piece: bytes | _End) -> None:
        if self._upload is None:
            self._upload = asyncio.create_task(self._put_parts(self._source()))
        passing = asyncio.create_task(self._pieces.put(piece))
        try:
            await asyncio.wait({passing, self._upload}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            passing.cancel()
        if self._upload.done():
            self._upload.result()

    async def _source(self) -> AsyncIterator[bytes]:
        while (piece := await self._pieces.get()) is not _End.WHOLE:
            if piece is _End.GIVEN_UP:
                raise _GivenUpError
            yield piece
