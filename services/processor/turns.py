"""Bounds the pixels that are decoded at once, however many decoders there are: memory follows pixels."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from services.processor.pixels import claimed_pixels
from services.processor.sniff import PictureFormat, sniff
from services.processor.verdicts import Compressed, Failure


class Compressing(Protocol):
    """The decoders, as the rest of the processor sees them."""

    async def compress(
        self, data: bytes, quality: int, wanted: PictureFormat | None
    ) -> Compressed | Failure: ...


@dataclass(slots=True)
class PixelBudget:
    """First come, first served, so that a large image is not overtaken for ever. One that asks for more than
    there is gets all of it, alone.
    """

    pixels: int
    _free: int = field(init=False)
    _waiting: deque[tuple[int, asyncio.Future[None]]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._free = self.pixels

    @asynccontextmanager
    async def taken(self, pixels: int) -> AsyncIterator[None]:
        share = min(pixels, self.pixels)
        await self._take(share)
        try:
            yield
        finally:
            self._free += share
            self._wake()

    async def _take(self, share: int) -> None:
        if not self._waiting and share <= self._free:
            self._free -= share
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((share, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it was given in the same moment
                self._free += share
            self._wake()
            raise

    def _wake(self) -> None:
        while self._waiting:
            share, turn = self._waiting[0]
            if turn.cancelled():
                self._waiting.popleft()
                continue
            if share > self._free:
                return
            self._waiting.popleft()
            self._free -= share
            turn.set_result(None)


@dataclass(frozen=True, slots=True)
class BoundedDecoders:
    """Decoders whose images wait until their pixels fit."""

    decoders: Compressing
    budget: PixelBudget
    most_pixels: int  # of one image, all its frames together

    async def compress(self, data: bytes, quality: int, wanted: PictureFormat | None) -> Compressed | Failure:
        picture_format = sniff(data)
        if isinstance(picture_format, Failure):
            return picture_format
        async with self.budget.taken(claimed_pixels(data, picture_format, self.most_pixels)):
            return await self.decoders.compress(data, quality, wanted)
