"""A request whose row somebody else holds, as each batch of results does for a moment."""

import asyncio

import pytest

from services.status.images.dispatching.dispatcher import HELD_SECONDS
from services.status.jobs.job import Signal
from shared.contract.events import ImageRequested
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.services.engine_world import EngineWorld


async def test_the_dispatcher_comes_back_soon_and_does_not_wait_for_a_call(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = await world.accept([["https://a/1.jpg"]])
    await world.plan()
    waits: asyncio.Queue[float] = asyncio.Queue()
    wait = Signal.wait

    async def watched(signal: Signal, seconds: float) -> None:
        if signal is world.engine.wakes.dispatcher:
            waits.put_nowait(seconds)
        await wait(signal, seconds)

    monkeypatch.setattr(Signal, "wait", watched)
    (job,) = [each for each in world.engine.jobs if each.name == "dispatcher"]
    stopping = asyncio.Event()

    async def dispatch() -> None:
        await job.step(stopping)

    async with asyncio.timeout(DEADLINE_SECONDS), asyncio.TaskGroup() as tasks:
        async with world.pool.acquire() as other, other.transaction():
            await other.execute("SELECT FROM requests WHERE id = $1 FOR NO KEY UPDATE", request_id)
            tasks.create_task(dispatch())
            assert [await waits.get() for _ in range(3)] == [HELD_SECONDS] * 3
            assert not world.producer.events(ImageRequested)
        while not world.producer.events(ImageRequested):
            await waits.get()
        stopping.set()
