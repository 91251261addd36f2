"""All decoders of this process, and the images that wait for one."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Generic

from services.processor.codec.headers import claimed_pixels, most_pixels
from services.processor.decoders.decoder import Decoder
from services.processor.decoders.limits import DecoderLimits
from services.processor.decoders.turns import AnyDecoder, Turns
from shared.contract.picture_formats import PictureFormat


class DecoderPool(Generic[AnyDecoder]):
    """Made by `open_pool`."""

    def __init__(self, decoders: Iterable[AnyDecoder], limits: DecoderLimits) -> None:
        self._limits = limits
        self._most_pixels = most_pixels(limits.max_pixels)
        self._decoders = tuple(decoders)
        self._turns = Turns(
            self._decoders,
            pixels=limits.pixels_in_flight,
            small_pixels=limits.small_pixels,
            tiny_pixels=limits.tiny_pixels,
        )

    def few_each(self) -> int | None:
        """How many images of a request may begin before their size is known; None while little waits."""
        return self._turns.few_each()

    def pixels_of(self, data: bytes, picture_format: PictureFormat) -> int:
        """By which this image is weighed."""
        pixels = claimed_pixels(data, picture_format, self._most_pixels)
        is_long = len(data) > self._limits.tiny_bytes
        return max(pixels, self._limits.tiny_pixels + 1) if is_long else pixels

    def seconds_of(self, pixels: int) -> float:
        """What the decoding of so many is expected to take."""
        return self._turns.seconds_of(pixels)

    async def check(self: "DecoderPool[Decoder]") -> None:
        """Raises `Away` where no decoder's child starts. Asks none while one of them did."""
        if not any(decoder.starts for decoder in self._decoders):
            await self._decoders[0].check()

    def turn(self, pixels: int) -> AbstractAsyncContextManager[AnyDecoder]:
        """A decoder for an image of so many, when it is its turn."""
        return self._turns.turn(pixels)


@asynccontextmanager
async def open_pool(children: int, limits: DecoderLimits) -> AsyncIterator[DecoderPool[Decoder]]:
    decoders = [Decoder(limits) for _ in range(children)]
    try:
        await asyncio.gather(*(decoder.start() for decoder in decoders))
        yield DecoderPool(decoders, limits)
    finally:
        await asyncio.gather(*(decoder.stop() for decoder in decoders))
