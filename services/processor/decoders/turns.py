"""The turns before the decoders. It is an image's turn when it is the next one, a decoder is free, and its
pixels fit beside those that are decoded now, for memory follows pixels. It knows no image and no child.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from services.processor.decoders.lanes import Lanes
from services.processor.decoders.work_ahead import WorkAhead

LITTLE_AHEAD_SECONDS = 1.0  # for one decoder
MOST_AHEAD_SECONDS = 60.0  # so much less than an attempt has that all who began get their turn
FEW = 4

AnyDecoder = TypeVar("AnyDecoder")


class Turns(Generic[AnyDecoder]):
    """An image with more pixels than there may be at once gets all of them, alone. The next one waits until
    its pixels fit, so that a large one is not overtaken for ever. Waiting has no end of its own: each turn
    ends, for a decoder that stands still is killed.
    """

    def __init__(
        self,
        decoders: Iterable[AnyDecoder],
        *,
        pixels: int,
        small_pixels: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._free_decoders = deque(decoders)
        self._decoders = len(self._free_decoders)
        self._pixels = self._free_pixels = pixels
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._ahead = WorkAhead(small_pixels)
        self._lanes: Lanes[tuple[int, asyncio.Future[AnyDecoder]]] = Lanes(
            small_pixels, self._ahead.seconds_of
        )
        self._moment: asyncio.TimerHandle | None = None  # in which the first one gives way

    def few_each(self) -> int | None:
        """How many images of a request may begin before their size is known; None while little waits."""
        seconds = self._ahead.seconds / self._decoders
        if seconds > MOST_AHEAD_SECONDS:
            return 1
        return None if seconds <= LITTLE_AHEAD_SECONDS else FEW

    def seconds_of(self, pixels: int) -> float:
        """What the decoding of so many pixels is expected to take."""
        return self._ahead.seconds_of(pixels)

    @asynccontextmanager
    async def turn(self, pixels: int) -> AsyncIterator[AnyDecoder]:
        """A decoder for an image of so many pixels, when it is its turn."""
        share = min(pixels, self._pixels)
        if self._lanes or not self._fits(share):
            decoder = await self._wait(share, pixels)
        else:
            decoder = self._take(share)
            self._lanes.pass_by(pixels)
        began = self._clock()
        try:
            yield decoder
        finally:
            self._ahead.took(pixels, self._clock() - began)
            self._give_back(decoder, share)

    async def _wait(self, share: int, pixels: int) -> AnyDecoder:
        given: asyncio.Future[AnyDecoder] = self._loop.create_future()
        self._ahead.came(pixels)
        self._lanes.add(pixels, (share, given))
        try:
            self._serve()  # it may be the next one, and fit where another does not
            return await given
        except asyncio.CancelledError:
            if given.cancelled():
                self._serve()  # it may have been the first, and too large for now
            else:  # given in the same moment
                self._give_back(given.result(), share)
            raise
        finally:
            self._ahead.went(pixels)

    def _fits(self, share: int) -> bool:
        return bool(self._free_decoders) and share <= self._free_pixels

    def _take(self, share: int) -> AnyDecoder:
        self._free_pixels -= share
        return self._free_decoders.popleft()

    def _give_back(self, decoder: AnyDecoder, share: int) -> None:
        self._free_pixels += share
        self._free_decoders.append(decoder)
        self._serve()

    def _serve(self) -> None:
        while self._lanes:
            share, given = self._lanes.first()
            if given.cancelled():
                self._lanes.drop()
                continue
            if not self._fits(share) or self._gives_way():
                return
            given.set_result(self._take(share))
            self._lanes.serve()

    def _gives_way(self) -> bool:
        """The first one does, until small ones come or the moment has passed."""
        seconds = self._lanes.first_gives_way()
        if self._moment is not None and not seconds:
            self._moment.cancel()
            self._moment = None
        if self._moment is None and seconds:
            self._moment = self._loop.call_later(seconds, self._moment_passed, seconds)
        return self._moment is not None

    def _moment_passed(self, seconds: float) -> None:
        self._moment = None
        if self._lanes:
            self._lanes.gave_way(seconds)
        self._serve()
