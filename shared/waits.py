"""Waiting for an event for a while. Who looks now and then waits for a beat: a process that wakes up once for
all of them costs less than one that wakes up for each.
"""

import asyncio
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from shared.patience import Patience

BEAT_SECONDS = 0.25
OWN_SHIFT = os.getpid() * 0.618 % 1  # of a beat: the processes of a machine need not all wake up at once


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Returns when the event is set, or after so long."""
    if event.is_set():  # a time-out that is taken back costs a turn of the loop
        return
    with suppress(TimeoutError), Patience(seconds):
        await event.wait()


async def wait_for_beat(event: asyncio.Event, seconds: float) -> None:
    """Returns when the event is set, or by the first beat after so long."""
    loop = asyncio.get_running_loop()
    with suppress(TimeoutError), Patience(until_beat(loop.time(), seconds), loop):
        await event.wait()


async def sleep_to_beat(seconds: float) -> None:
    """Until the first beat after so long."""
    await asyncio.sleep(until_beat(asyncio.get_running_loop().time(), seconds))


def until_beat(now: float, seconds: float) -> float:
    """From now, on the loop's clock, to the first beat after so long."""
    beats = math.ceil((now + seconds) / BEAT_SECONDS - OWN_SHIFT) + OWN_SHIFT
    return beats * BEAT_SECONDS - now


@contextmanager
def called_when(event: asyncio.Event, call: Callable[[], object]) -> Iterator[None]:
    """Within the block, calls as soon as the event is set: for whoever waits there for something else."""

    async def wait_and_call() -> None:
        await event.wait()
        call()

    waiting = asyncio.create_task(wait_and_call())
    try:
        yield
    finally:
        waiting.cancel()
