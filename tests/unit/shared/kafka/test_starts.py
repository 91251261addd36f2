"""A client of the broker that starts too late for whoever asked for it is ended again."""

import asyncio

import pytest

from shared.kafka.connection import started


class Slow:
    """A client, as far as it is started and stopped."""

    def __init__(self) -> None:
        self.starts, self.may_start = asyncio.Event(), asyncio.Event()
        self.started = self.stopped = False

    async def start(self) -> None:
        self.starts.set()
        await self.may_start.wait()
        self.started = True

    async def stop(self) -> None:
        self.stopped = True


async def test_a_client_that_starts_after_its_caller_has_left_leaves_nothing_behind() -> None:
    """Each left a connection and its tasks for as long as the process lived."""
    client = Slow()
    starting = asyncio.create_task(started(client))
    await client.starts.wait()
    starting.cancel()
    client.may_start.set()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert (client.started, client.stopped) == (True, True)
