"""A connection of the pool is taken and given back without a turn of the event loop, and whoever is cancelled
leaves none behind that others could not use.
"""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from deploy.local.testing import RunningServer
from services.status.jobs.leases import Leases
from services.status.postgres.pool import ENGINE_CONNECTIONS, connected, exclusive, transaction
from shared.outcomes import Away
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.postgres.patient import patient_pool, patient_reads
from tests.worlds.processes.freezing import freeze_with_children, thaw
from tests.worlds.services.engine_world import EngineWorld

TAKES = 10
NEVER_SECONDS = 10 * DEADLINE_SECONDS


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


async def test_whoever_is_cancelled_while_a_transaction_begins_is_no_error(world: EngineWorld) -> None:
    told: list[object] = []

    async def work() -> None:
        async with transaction(world.pool):
            told.append("it has begun")

    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    async with connected(world.pool):
        pass
    task = asyncio.create_task(work())
    await asyncio.sleep(0)  # one turn: BEGIN is on its way
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert told == []
    async with connected(world.pool) as connection:
        assert not connection.is_in_transaction()


async def test_whoever_waits_in_vain_for_one_hears_that_the_database_is_away(world: EngineWorld) -> None:
    held = [await world.pool.acquire() for _ in range(ENGINE_CONNECTIONS)]
    with pytest.raises(Away):
        async with connected(world.pool, wait_seconds=0.01):
            raise AssertionError("nobody has one left")
    for connection in held:
        await world.pool.release(connection)
    assert await patient_reads(world.pool).fetch("SELECT 1")


async def in_transaction(pool: asyncpg.Pool, began: asyncio.Event) -> None:
    async with transaction(pool, wait_seconds=NEVER_SECONDS) as connection:
        began.set()
        await connection.execute("SELECT pg_sleep($1)", NEVER_SECONDS)


async def with_a_lock(pool: asyncpg.Pool, began: asyncio.Event) -> None:
    async with exclusive(pool, "a purpose") as connection:
        assert connection is not None
        began.set()
        await connection.execute("SELECT pg_sleep($1)", NEVER_SECONDS)


async def with_a_turn(pool: asyncpg.Pool, began: asyncio.Event) -> None:
    async with Leases(pool).first_free(["a turn"]) as turn:
        assert turn is not None
        began.set()
        await asyncio.Event().wait()


@pytest.mark.parametrize("work", [in_transaction, with_a_lock, with_a_turn])
async def test_whoever_is_cancelled_while_postgres_is_frozen_ends_soon_and_as_cancelled(
    work: Callable[[asyncpg.Pool, asyncio.Event], Awaitable[None]],
    breakable_postgres: tuple[str, RunningServer],
) -> None:
    """R21: a status that was told to stop waited 15 seconds and more for each answer."""
    dsn, server = breakable_postgres
    async with patient_pool(dsn, statement_seconds=NEVER_SECONDS) as pool:
        began = asyncio.Event()
        working = asyncio.ensure_future(work(pool, began))
        async with asyncio.timeout(DEADLINE_SECONDS):
            await began.wait()
        frozen = freeze_with_children(server.child.pid)
        try:
            working.cancel()
            await asyncio.wait({working}, timeout=DEADLINE_SECONDS)
            assert working.cancelled()
        finally:
            thaw(*frozen)
