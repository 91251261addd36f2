"""Bounds the pixels that are decoded at once, however many decoders there are: memory follows pixels."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from services.processor.codec.headers import claimed_pixels
from services.processor.verdicts import Compressed, Failure, NoTurn
from shared.contract.picture_formats import PictureFormat

TURN_SECONDS = 30.0
MOST_WAITING_PIXELS = 100_000_000  # some seconds of work


class Compressing(Protocol):
    """Decoders, whose turn it is."""

    async def compress(
        self, data: bytes, quality: int, wanted: PictureFormat | None
    ) -> Compressed | Failure: ...


class TakingTurns(Protocol):
    """Decoders that an image has to wait for."""

    def turn(
        self, data: bytes, picture_format: PictureFormat
    ) -> AbstractAsyncContextManager[Compressing]: ...


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


@dataclass(slots=True)
class BoundedDecoders:
    """Decoders whose images wait until one is free and their pixels fit, but not for ever."""

    decoders: Compressing
    places: asyncio.Semaphore  # as many as there are decoders
    budget: PixelBudget
    most_pixels: int  # of one image, all its frames together
    turn_seconds: float = TURN_SECONDS
    _waiting_pixels: int = 0

    @property
    def is_behind(self) -> bool:
        """Whether so much waits that it is better to leave further images to others."""
        return self._waiting_pixels > MOST_WAITING_PIXELS

    @asynccontextmanager
    async def turn(self, data: bytes, picture_format: PictureFormat) -> AsyncIterator[Compressing]:
        """The decoders, when it is this image's turn; raises `NoTurn`."""
        pixels = claimed_pixels(data, picture_format, self.most_pixels)
        async with AsyncExitStack() as turn:
            await self._wait_for_turn(turn, pixels)
            yield self.decoders

    async def _wait_for_turn(self, turn: AsyncExitStack, pixels: int) -> None:
        self._waiting_pixels += pixels
        try:
            async with asyncio.timeout(self.turn_seconds):
                await turn.enter_async_context(self.budget.taken(pixels))
                await turn.enter_async_context(self.places)
        except TimeoutError as error:
            raise NoTurn from error
        finally:
            self._waiting_pixels -= pixels
