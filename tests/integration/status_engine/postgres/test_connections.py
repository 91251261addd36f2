"""A connection of the pool is taken and given back without a turn of the event loop, and whoever is cancelled
leaves none behind that others could not use.
"""

import asyncio

import pytest

from services.status.postgres.bounded_reads import BoundedReads
from services.status.postgres.pool import ENGINE_CONNECTIONS, connected, transaction
from shared.outcomes import Away
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.services.engine_world import EngineWorld

TAKES = 10


class Turns:
    """Counts those of the loop, as long as somebody waits."""

    def __init__(self) -> None:
        self.count = 0
        self._next = asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        self.count += 1
        self._next = asyncio.get_running_loop().call_soon(self._turn)

    def end(self) -> None:
        self._next.cancel()


async def test_one_that_is_there_is_taken_and_given_back_at_once(world: EngineWorld) -> None:
    async with connected(world.pool):
        pass
    turns = Turns()
    for _ in range(TAKES):
        async with connected(world.pool):
            pass
    turns.end()
    assert turns.count == 0


async def test_whoever_is_cancelled_gives_back_one_that_others_can_use(world: EngineWorld) -> None:
    async def work(began: asyncio.Event) -> None:
        async with transaction(world.pool) as connection:
            await connection.execute("CREATE TEMPORARY TABLE left_behind ()")
            began.set()
            await asyncio.Event().wait()

    for _ in range(ENGINE_CONNECTIONS + 1):
        began = asyncio.Event()
        task = asyncio.create_task(work(began))
        async with asyncio.timeout(DEADLINE_SECONDS):
            await began.wait()
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
    async with connected(world.pool) as connection:
        assert await connection.fetchval("SELECT to_regclass('left_behind')") is None
        assert not connection.is_in_transaction()


async def test_whoever_waits_in_vain_for_one_hears_that_the_database_is_away(world: EngineWorld) -> None:
    held = [await world.pool.acquire() for _ in range(ENGINE_CONNECTIONS)]
    with pytest.raises(Away):
        async with connected(world.pool, wait_seconds=0.01):
            raise AssertionError("nobody has one left")
    for connection in held:
        await world.pool.release(connection)
    assert await BoundedReads(world.pool).fetch("SELECT 1")
