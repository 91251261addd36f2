"""A decoder: one child after another, each of which can be killed without hurting another's work. Several
tiny images may be on their way to a child; it works on one of them, and how it ends is that one's business.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from services.processor.decoders.channel import Behind, Channel, open_channel, socket_pair
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

Child = tuple[Process, Channel]


class Decoder:
    """Compresses one image after another. Between a child's end and the next image it has none."""

    def __init__(self, limits: DecoderLimits) -> None:
        self._limits = limits
        self._process: Process | None = None
        self._channel: Channel | None = None
        self._images = 0  # of this child
        self._is_worn = False  # this child, and to be replaced
        self._replacing = asyncio.Lock()
        self._start_watch: StandstillWatch  # of this child
        self.starts = False  # its last child did, as far as is known

    async def start(self) -> Child:
        ours, theirs = socket_pair()
        with theirs:
            self._channel, self._images, self._is_worn = await open_channel(ours), 0, False
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
        self._start_watch = self._standstill_watch(self._process, self._channel)
        return self._process, self._channel

    def _standstill_watch(self, process: Process, channel: Channel) -> StandstillWatch:
        kill = partial(_send_kill, process)
        return StandstillWatch(process.pid, self._limits.still_seconds, kill, channel.loop)

    async def compress(self, data: bytes, quality: int, wanted: PictureFormat | None) -> Compressed | Failure:
        """An image that crashes its child twice, or overruns its CPU, is a `crashed_decoder`. Raises
        `NoVerdict` where a child ended for another reason, and `Away` where none starts.
        """
        assignment = Assignment(len(data), quality, wanted, self._limits.max_pixels)
        ends: list[End] = []
        while True:
            try:
                return await self._run(assignment, data)
            except Behind:
                continue
            except _ChildEndedError as ended:
                ends.append(ended.end)
                if is_enough(ends):
                    return _failed(ends, str(ended))

    async def check(self) -> None:
        """Raises `Away` where no child starts. What is asked of it meanwhile goes to the same child. Where
        this is cancelled, the next check goes on with it: also with how long it has stood still.
        """
        process, channel = self._fit_child() or await self._new_child()
        watch = self._start_watch
        try:
            with watch:
                await channel.begun()
        except EOFError as error:
            raise await self._ended(process, channel, stood_still=watch.stood_still) from error
        self.starts = True

    async def _run(self, assignment: Assignment, data: bytes) -> Compressed | Failure:
        process, channel = self._fit_child() or await self._new_child()
        try:
            with self._standstill_watch(process, channel) as watch:
                verdict, memory_bytes = await channel.exchange(assignment, data)
        except EOFError as error:
            raise await self._ended(process, channel, stood_still=watch.stood_still) from error
        except BaseException:  # cancelled
            if not channel.is_wanted:  # the child is in the middle of an image that nobody wants
                await asyncio.shield(_end(process, channel))
            raise
        self.starts = True
        await self._wear(channel, memory_bytes)
        return verdict

    async def _wear(self, channel: Channel, memory_bytes: int) -> None:
        self._images += 1
        limits = self._limits
        if self._images < limits.recycle_images and memory_bytes < limits.recycle_memory_bytes:
            return
        self._is_worn = True
        async with self._replacing:
            if self._channel is channel and not channel.is_wanted:
                await self.stop()

    def _fit_child(self) -> Child | None:
        """One that ended while it had nothing to do is no image's business."""
        if self._process is None or self._channel is None or not self._channel.is_open or self._is_worn:
            return None
        return self._process, self._channel

    async def _new_child(self) -> Child:
        async with self._replacing:
            if (child := self._fit_child()) is not None:  # another image needed one, too
                return child
            if self._channel is not None:
                await self._channel.unwanted()
            try:
                await self._kill_child()
                return await self.start()
            except OSError as error:
                self.starts = False
                await self._kill_child()
                raise Away("decoder", error) from error
            except BaseException:  # cancelled
                await asyncio.shield(self._kill_child())
                raise

    async def _ended(self, process: Process, channel: Channel, *, stood_still: bool) -> "_ChildEndedError":
        status = await _end(process, channel)
        end = end_of(status, was_ready=channel.child_is_ready, stood_still=stood_still)
        if not end.is_of_the_image:
            log.warning(Action.DECODER_LOST, how=end.name.lower(), status=status)
        if end is End.NEVER_STARTED:
            self.starts = False
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
        await self._kill_child()

    async def _kill_child(self) -> None:
        process, self._process = self._process, None
        self._hang_up()
        if process is not None:
            _send_kill(process)
            await process.wait()

    def _hang_up(self) -> None:
        if self._channel is not None:
            self._channel.hang_up()
            self._channel = None


def _environment() -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    return kept | ADDED_ENVIRONMENT


async def _end(process: Process, channel: Channel) -> int:
    channel.hang_up()
    _send_kill(process)
    return await process.wait()


def _send_kill(process: Process) -> None:
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
