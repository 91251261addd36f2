"""Waiting for an event for a while. Everything that looks now and then sleeps in this way."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from shared.patience import Patience


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Returns when the event is set, or after so long."""
    with suppress(TimeoutError), Patience(seconds):
        await event.wait()


@contextmanager
def called_when(event: asyncio.Event, call: Callable[[], None]) -> Iterator[None]:
    """Within the block, calls as soon as the event is set: for whoever waits there for something else."""

    async def wait_and_call() -> None:
        await event.wait()
        call()

    waiting = asyncio.create_task(wait_and_call())
    try:
        yield
    finally:
        waiting.cancel()
