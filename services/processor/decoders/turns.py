"""The one queue before the decoders. It is an image's turn when a decoder is free and its pixels fit beside
those that are being decoded, for memory follows pixels. It knows no image and no child.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from services.processor.verdicts import NoVerdict

MOST_WAITING_PIXELS = 100_000_000  # some seconds of work

AnyDecoder = TypeVar("AnyDecoder")


class Turns(Generic[AnyDecoder]):
    """First come, first served, so that a large image is not overtaken for ever. One with more pixels than
    there may be at once gets all of them, alone.
    """

    def __init__(self, decoders: Iterable[AnyDecoder], pixels: int, wait_seconds: float) -> None:
        self._free_decoders = deque(decoders)
        self._pixels = self._free_pixels = pixels
        self._wait_seconds = wait_seconds
        self._queue: deque[tuple[int, asyncio.Future[AnyDecoder]]] = deque()
        self._waiting_pixels = 0

    @property
    def is_behind(self) -> bool:
        """Whether so much waits that it is better to leave further images to others."""
        return self._waiting_pixels > MOST_WAITING_PIXELS

    @asynccontextmanager
    async def turn(self, pixels: int) -> AsyncIterator[AnyDecoder]:
        """A decoder for an image of so many pixels, when it is its turn. Raises `NoVerdict`."""
        share = min(pixels, self._pixels)
        decoder = None if self._queue else self._taken(share)
        if decoder is None:
            decoder = await self._wait(share, pixels)
        try:
            yield decoder
        finally:
            self._give_back(decoder, share)

    async def _wait(self, share: int, pixels: int) -> AnyDecoder:
        self._waiting_pixels += pixels
        try:
            async with asyncio.timeout(self._wait_seconds):
                return await self._queued(share)
        except TimeoutError as error:
            raise NoVerdict from error
        finally:
            self._waiting_pixels -= pixels

    async def _queued(self, share: int) -> AnyDecoder:
        given: asyncio.Future[AnyDecoder] = asyncio.get_running_loop().create_future()
        self._queue.append((share, given))
        try:
            return await given
        except asyncio.CancelledError:
            if given.cancelled():
                self._serve()  # it may have been the first, and too large for now
            else:  # given in the same moment
                self._give_back(given.result(), share)
            raise

    def _taken(self, share: int) -> AnyDecoder | None:
        if not self._free_decoders or share > self._free_pixels:
            return None
        self._free_pixels -= share
        return self._free_decoders.popleft()

    def _give_back(self, decoder: AnyDecoder, share: int) -> None:
        self._free_pixels += share
        self._free_decoders.append(decoder)
        self._serve()

    def _serve(self) -> None:
        while self._queue:
            share, given = self._queue[0]
            if not given.cancelled():
                decoder = self._taken(share)
                if decoder is None:
                    return
                given.set_result(decoder)
            self._queue.popleft()
