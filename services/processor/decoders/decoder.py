"""A decoder: one child after another, each of which can be killed without hurting another's work."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

from services.processor.decoders.channel import Channel, open_channel, socket_pair
from services.processor.decoders.limits import DecoderLimits
from services.processor.decoders.wire import Order
from services.processor.verdicts import Compressed, Failure
from shared.contract.codes import FailureCode
from shared.contract.picture_formats import PictureFormat

ROOT = Path(__file__).parents[3]
TRIES = 2
LEAVE_SECONDS = 2.0
KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "LANG", "TZ")  # no credentials


class Decoder:
    """Compresses one image at a time. Between a child's end and the next image it has none."""

    def __init__(self, limits: DecoderLimits) -> None:
        self._limits = limits
        self._process: asyncio.subprocess.Process | None = None
        self._channel: Channel | None = None
        self._images = 0  # of this child

    async def start(self) -> Channel:
        ours, theirs = socket_pair()
        with theirs:
            self._channel, self._images = await open_channel(ours), 0
            arguments = (theirs.fileno(), os.getpid(), self._limits.memory_bytes, int(self._limits.seconds))
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

    async def compress(self, data: bytes, quality: int, wanted: PictureFormat | None) -> Compressed | Failure:
        """An image that ends its child twice is a `crashed_decoder`."""
        order = Order(len(data), quality, wanted, self._limits.max_pixels)
        reason = ""
        for _ in range(TRIES):
            try:
                return await self._run(order, data)
            except _ChildEndedError as ended:
                reason = str(ended)
        return Failure(FailureCode.CRASHED_DECODER, reason)

    async def _run(self, order: Order, data: bytes) -> Compressed | Failure:
        try:
            async with asyncio.timeout(self._limits.seconds):
                channel = self._channel or await self.start()
                verdict, memory_bytes = await channel.exchange(order, data)
        except TimeoutError as error:
            await self._kill()
            raise _ChildEndedError(f"killed after {self._limits.seconds:g} s") from error
        except EOFError as error:
            raise _ChildEndedError(f"ended with status {await self._kill()}") from error
        except BaseException:  # cancelled: the child is in the middle of an image that nobody wants
            await asyncio.shield(self._kill())
            raise
        self._images += 1
        if self._images >= self._limits.recycle_images or memory_bytes >= self._limits.recycle_memory_bytes:
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


class _ChildEndedError(Exception):
    """The child died or had to be killed in the middle of an image."""
