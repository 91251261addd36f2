"""Decoder children: each compresses one image at a time and can be killed without hurting another's work.

By hand: the standard library's ProcessPoolExecutor is broken as a whole once one child is killed, and Pebble
puts threads and pickling in between (decision 7).
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from services.processor.decoders.channel import Channel, open_channel, socket_pair
from services.processor.decoders.wire import Order
from services.processor.verdicts import Compressed, Failure
from shared.contract.codes import FailureCode
from shared.contract.picture_formats import PictureFormat

ROOT = Path(__file__).parents[3]
TRIES = 2
LEAVE_SECONDS = 2.0
KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "LANG", "TZ")  # no credentials


@dataclass(frozen=True, slots=True)
class DecoderLimits:
    max_pixels: int = 40_000_000
    memory_bytes: int = 2 * 1024**3
    seconds: float = 20
    recycle_images: int = 5_000
    recycle_memory_bytes: int = 400 * 1024**2


class DecoderPool:
    """Made by `open_pool`."""

    def __init__(self, children: int, limits: DecoderLimits) -> None:
        self._limits = limits
        self._free: asyncio.Queue[_Decoder] = asyncio.Queue()
        self._all = [_Decoder(limits) for _ in range(children)]
        for decoder in self._all:
            self._free.put_nowait(decoder)

    async def start(self) -> None:
        await asyncio.gather(*(decoder.start() for decoder in self._all))

    async def compress(self, data: bytes, quality: int, wanted: PictureFormat | None) -> Compressed | Failure:
        """Waits for a free child. An image that ends its child twice is a `crashed_decoder`."""
        order = Order(len(data), quality, wanted, self._limits.max_pixels)
        reason = ""
        for _ in range(TRIES):
            decoder = await self._free.get()
            try:
                return await decoder.run(order, data)
            except _DecoderEndedError as ended:
                reason = str(ended)
            finally:
                self._free.put_nowait(decoder)
        return Failure(FailureCode.CRASHED_DECODER, reason)

    async def stop(self) -> None:
        await asyncio.gather(*(decoder.stop() for decoder in self._all))


@asynccontextmanager
async def open_pool(children: int, limits: DecoderLimits) -> AsyncIterator[DecoderPool]:
    pool = DecoderPool(children, limits)
    try:
        await pool.start()
        yield pool
    finally:
        await pool.stop()


class _DecoderEndedError(Exception):
    """The child died or had to be killed in the middle of an image."""


@dataclass(slots=True)
class _Decoder:
    """One place for a child, empty between a child's end and the next image."""

    limits: DecoderLimits
    _process: asyncio.subprocess.Process | None = None
    _channel: Channel | None = None
    _images: int = field(default=0)

    async def start(self) -> Channel:
        ours, theirs = socket_pair()
        with theirs:
            self._channel, self._images = await open_channel(ours), 0
            arguments = (theirs.fileno(), os.getpid(), self.limits.memory_bytes, int(self.limits.seconds))
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "services.processor.decoders.child",
                *map(str, arguments),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                cwd=ROOT,
                env={name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ},
            )
        return self._channel

    async def run(self, order: Order, data: bytes) -> Compressed | Failure:
        try:
            async with asyncio.timeout(self.limits.seconds):
                channel = self._channel or await self.start()
                verdict, memory_bytes = await channel.exchange(order, data)
        except TimeoutError as error:
            await self._kill()
            raise _DecoderEndedError(f"killed after {self.limits.seconds:g} s") from error
        except EOFError as error:
            raise _DecoderEndedError(f"ended with status {await self._kill()}") from error
        except BaseException:  # cancelled: the child is in the middle of an image that nobody wants
            await asyncio.shield(self._kill())
            raise
        self._images += 1
        if self._images >= self.limits.recycle_images or memory_bytes >= self.limits.recycle_memory_bytes:
            await self.stop()
        return verdict

    async def stop(self) -> None:
        """The end of the socket ends an idle child."""
        if self._process is None:
            return
        self._hang_up()
        with suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._process.wait()
        await self._kill()

    async def _kill(self) -> int | None:
        process, self._process = self._process, None
        self._hang_up()
        if process is None:
            return None
        with suppress(ProcessLookupError):
            process.kill()
        return await process.wait()

    def _hang_up(self) -> None:
        if self._channel is not None:
            self._channel.hang_up()
            self._channel = None
