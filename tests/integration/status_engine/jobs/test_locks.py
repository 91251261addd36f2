"""Two processes, their jobs, their consumers and their callers on the same few rows at once: nobody waits for
somebody who waits for him.
"""

import asyncio
import random
from collections.abc import Sequence
from uuid import UUID

import asyncpg
import pytest

from services.status.images.settling import repeats
from services.status.postgres import pool
from services.status.requests import changes
from shared.contract.events import ImageDone, ImageRequested
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.postgres.databases import new_database
from tests.worlds.services.engine_events import done, failed
from tests.worlds.services.engine_world import EngineWorld, open_engine

REQUESTS, IMAGES = 8, 60
CALLS = 60


def answer(asked: ImageRequested) -> ImageDone:
    return failed(asked) if asked.ordinal % 7 == 3 else done(asked)


async def consume(each: EngineWorld, topic: list[ImageRequested], stopping: asyncio.Event, seed: int) -> None:
    """A consumer that gets batches of any requests in any order, many of them for the second time."""
    chance = random.Random(seed)
    while not stopping.is_set():
        if topic:
            await each.handle(*map(answer, chance.choices(topic, k=40)))
        await asyncio.sleep(0.002)


async def call(each: EngineWorld, ids: Sequence[UUID], seed: int) -> None:
    """Callers who cancel, run again, and ask for deliveries."""
    chance = random.Random(seed)
    for _ in range(CALLS):
        request_id = chance.choice(ids)
        match chance.choice(["cancel", "retry", "retry", "redeliver"]):
            case "cancel":
                await changes.cancel(each.pool, "local", request_id)
            case "retry":
                await changes.retry_failed(each.pool, "local", request_id, deadline_seconds=600)
            case _:
                await changes.redeliver(each.pool, "local", request_id)
        await asyncio.sleep(chance.random() / 50)


async def gather_topic(
    worlds: Sequence[EngineWorld], topic: list[ImageRequested], stopping: asyncio.Event
) -> None:
    seen = [0] * len(worlds)
    while not stopping.is_set():
        for index, each in enumerate(worlds):
            new = each.producer.events(ImageRequested)[seen[index] :]
            seen[index] += len(new)
            topic += new
        await asyncio.sleep(0.01)


async def test_no_order_of_locks_ends_in_a_deadlock(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """R23"""
    monkeypatch.setattr(repeats, "STEP_IMAGES", 1)
    for patience in ("LOCK_SECONDS", "CONNECT_SECONDS"):  # a busy machine is no deadlock
        monkeypatch.setattr(pool, patience, DEADLINE_SECONDS)
    database = new_database(postgres)
    async with open_engine(database) as world, open_engine(database, store=world.store) as twin:
        topic: list[ImageRequested] = []
        worlds, stopping = (world, twin), asyncio.Event()
        ids = [
            await world.accept([[f"https://a/{number // 2}.jpg"] for number in range(IMAGES)])
            for _ in range(REQUESTS)
        ]
        async with world.running(), twin.running(), asyncio.TaskGroup() as tasks:
            tasks.create_task(gather_topic(worlds, topic, stopping))
            for seed, each in enumerate((*worlds, *worlds)):
                tasks.create_task(consume(each, topic, stopping, seed))  # a deadlock would be Away
            callers = [tasks.create_task(call(each, ids, seed)) for seed, each in enumerate(worlds)]
            await asyncio.wait(callers)
            await until_all_ended(world)
            stopping.set()
        for request_id in ids:
            await row_counts_its_images(world, request_id)
    connection = await asyncpg.connect(database)
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    assert await connection.fetchval(deadlocks) == 0
    await connection.close()


async def until_all_ended(world: EngineWorld) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while await world.pool.fetchval("SELECT count(*) FROM requests WHERE completed_at IS NULL"):
            await asyncio.sleep(0.05)


async def row_counts_its_images(world: EngineWorld, request_id: UUID) -> None:
    row, images = await world.row(request_id), await world.images(request_id)
    states = [image["state"] for image in images]
    assert (row["done"], row["failed"], row["cancelled"]) == tuple(
        states.count(state) for state in ("done", "failed", "cancelled")
    )
