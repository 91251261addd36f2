"""The turns before the decoders. It is an image's turn when it is the next one, a decoder is free, and its
pixels fit beside those that are decoded now, for memory follows pixels. Tiny ones, for which the way to a
decoder takes as long as the decoding, share one where none is free. It knows no image and no child.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from services.processor.decoders.lanes import Lanes
from services.processor.decoders.work_ahead import WorkAhead

LITTLE_AHEAD_SECONDS = 1.0  # for one decoder
MOST_AHEAD_SECONDS = 60.0  # so much less than an attempt has that all who began get their turn
FEW = 4
TINY_TOGETHER = 8  # on their way to one decoder

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
        tiny_pixels: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._free_decoders = deque(decoders)
        self._decoders = len(self._free_decoders)
        self._pixels = self._free_pixels = pixels
        self._tiny_pixels = tiny_pixels
        self._tiny: Counter[AnyDecoder] = Counter()  # of each decoder that has tiny images, and nothing else
        self._last_end: dict[AnyDecoder, float] = {}
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
        if self._lanes or not self._fits(pixels):
            decoder = await self._wait(pixels)
        else:
            decoder = self._take(pixels)
            self._lanes.pass_by(pixels)
        began = self._clock()
        try:
            yield decoder
        finally:
            self._took(decoder, pixels, began)
            self._give_back(decoder, pixels)

    def _took(self, decoder: AnyDecoder, pixels: int, began: float) -> None:
        """While a tiny one waits behind another on the same decoder it takes no time of its own."""
        now = self._clock()
        self._ahead.took(pixels, now - max(began, self._last_end.get(decoder, began)))
        self._last_end[decoder] = now

    async def _wait(self, pixels: int) -> AnyDecoder:
        given: asyncio.Future[AnyDecoder] = self._loop.create_future()
        self._ahead.came(pixels)
        self._lanes.add(pixels, (pixels, given))
        try:
            self._serve()  # it may be the next one, and fit where another does not
            return await given
        except asyncio.CancelledError:
            if given.cancelled():
                self._serve()  # it may have been the first, and too large for now
            else:  # given in the same moment
                self._give_back(given.result(), pixels)
            raise
        finally:
            self._ahead.went(pixels)

    def _fits(self, pixels: int) -> bool:
        has_decoder = bool(self._free_decoders) or self._has_company(pixels)
        return has_decoder and self._share(pixels) <= self._free_pixels

    def _share(self, pixels: int) -> int:
        """Of those that there may be at once."""
        return min(pixels, self._pixels)

    def _has_company(self, pixels: int) -> bool:
        """Whether a decoder that is at work on tiny ones has room for this one."""
        return pixels <= self._tiny_pixels and any(count < TINY_TOGETHER for count in self._tiny.values())

    def _take(self, pixels: int) -> AnyDecoder:
        self._free_pixels -= self._share(pixels)
        if self._free_decoders:
            decoder = self._free_decoders.popleft()
        else:
            decoder = min(self._tiny, key=self._tiny.__getitem__)
        if pixels <= self._tiny_pixels:
            self._tiny[decoder] += 1
        return decoder

    def _give_back(self, decoder: AnyDecoder, pixels: int) -> None:
        self._free_pixels += self._share(pixels)
        if self._tiny[decoder] > 1:
            self._tiny[decoder] -= 1
        else:
            del self._tiny[decoder]  # which may count none
            self._free_decoders.append(decoder)
        self._serve()

    def _serve(self) -> None:
        while self._lanes:
            pixels, given = self._lanes.first()
            if given.cancelled():
                self._lanes.drop()
                continue
            if not self._fits(pixels) or self._gives_way():
                return
            given.set_result(self._take(pixels))
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
