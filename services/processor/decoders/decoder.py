"""A decoder: one child after another, each of which can be killed without hurting another's work."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from services.processor.decoders.channel import Channel, open_channel, socket_pair
from services.processor.decoders.ends import End, end_of, is_enough, is_failure
from services.processor.decoders.limits import DecoderLimits
from services.processor.decoders.standstill import StandstillWatch
from services.processor.decoders.wire import Assignment
from services.processor.verdicts import Compressed, Failure, NoVerdict
from shared.contract.codes import FailureCode
from shared.contract.picture_formats import PictureFormat
from shared.observing.logs import Action, log
from shared.outcomes import Away

ROOT = Path(__file__).parents[3]
LEAVE_SECONDS = 2.0
KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "LANG", "TZ")  # no credentials
ADDED_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}  # else NumPy starts a thread for each core, and uses none


class Decoder:
    """Compresses one image at a time. Between a child's end and the next image it has none."""

    def __init__(self, limits: DecoderLimits) -> None:
        self._limits = limits
        self._process: asyncio.subprocess.Process | None = None
        self._channel: Channel | None = None
        self._images = 0  # of this child

    async def start(self) -> tuple[asyncio.subprocess.Process, Channel]:
        ours, theirs = socket_pair()
        with theirs:
            self._channel, self._images = await open_channel(ours), 0
            arguments = (theirs.fileno(), os.getpid(), self._limits.memory_bytes, self._limits.cpu_seconds)
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "services.processor.decoders.child",
                *map(str, arguments),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                cwd=ROOT,
                env=_environment(),
            )
        return self._process, self._channel

    async def compress(self, data: bytes, quality: int, wanted: PictureFormat | None) -> Compressed | Failure:
        """An image that crashes its child twice, or overruns its CPU, is a `crashed_decoder`. Raises
        `NoVerdict` where a child ended for another reason, and `Away` where none starts.
        """
        assignment = Assignment(len(data), quality, wanted, self._limits.max_pixels)
        ends: list[End] = []
        while True:
            try:
                return await self._run(assignment, data)
            except _ChildEndedError as ended:
                ends.append(ended.end)
                if is_enough(ends):
                    return _failed(ends, str(ended))

    async def _run(self, assignment: Assignment, data: bytes) -> Compressed | Failure:
        try:
            process, channel = await self._living_child()
            kill = partial(_kill, process)
            with StandstillWatch(process.pid, self._limits.still_seconds, kill, channel.loop) as watch:
                verdict, memory_bytes = await channel.exchange(assignment, data)
        except EOFError as error:
            raise await self._ended(channel, watch) from error
        except OSError as error:
            await self._kill()
            raise Away("decoder", error) from error
        except BaseException:  # cancelled: the child is in the middle of an image that nobody wants
            await asyncio.shield(self._kill())
            raise
        self._images += 1
        if self._images >= self._limits.recycle_images or memory_bytes >= self._limits.recycle_memory_bytes:
            await self.stop()
        return verdict

    async def _living_child(self) -> tuple[asyncio.subprocess.Process, Channel]:
        """One that ended while it had nothing to do is no image's business."""
        if self._process is not None and self._channel is not None and self._channel.is_open:
            return self._process, self._channel
        await self._kill()
        return await self.start()

    async def _ended(self, channel: Channel, watch: StandstillWatch) -> "_ChildEndedError":
        status = await self._kill()
        end = end_of(status, was_ready=channel.child_is_ready, stood_still=watch.stood_still)
        if not end.is_of_the_image:
            log.warning(Action.DECODER_LOST, how=end.name.lower(), status=status)
        if end is End.NEVER_STARTED:
            raise Away("decoder", f"its process does not start: it ended with status {status}")
        seconds = self._limits.cpu_seconds
        reason = f"used more than {seconds} s of CPU" if end is End.OVERRAN else f"ended with status {status}"
        return _ChildEndedError(end, reason)

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
        _kill(process)
        return await process.wait()

    def _hang_up(self) -> None:
        if self._channel is not None:
            self._channel.hang_up()
            self._channel = None


def _environment() -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    return kept | ADDED_ENVIRONMENT


def _kill(process: asyncio.subprocess.Process) -> None:
    """Not by asyncio, whose `kill` may take the status of a child that just ended (CPython issue 87744)."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


class _ChildEndedError(Exception):
    """The child died or had to be killed in the middle of an image."""

    def __init__(self, end: End, reason: str) -> None:
        super().__init__(reason)
        self.end = end


def _failed(ends: list[End], reason: str) -> Failure:
    if is_failure(ends):
        return Failure(FailureCode.CRASHED_DECODER, reason)
    raise NoVerdict(f"a decoder was lost: {reason}")
