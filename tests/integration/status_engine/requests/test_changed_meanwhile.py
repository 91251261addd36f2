"""What the engine does when others changed a request while it waited for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from services.status.postgres.pool import connected
from services.status.postgres.statements import SQL
from tests.integration.status_engine.asking import products
from tests.worlds.patience import until
from tests.worlds.services.engine_events import done
from tests.worlds.services.engine_world import EngineWorld

WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
"""
FAIL_IMAGE = """
UPDATE images SET state = 'failed', code = 'http_404', take_by = NULL, ended_at = now()
WHERE request_id = $1 AND ordinal = $2
"""


@asynccontextmanager
async def while_it_waits(world: EngineWorld, work: Any) -> AsyncIterator[None]:
    """The caller holds what this work waits for."""
    task = asyncio.create_task(work)

    async def waits() -> bool:
        return bool(await world.pool.fetchval(WAITING))

    try:
        await until(waits)
        yield
        await task
    finally:
        task.cancel()


async def test_a_result_that_waited_for_its_request_sees_what_was_settled_meanwhile(
    world: EngineWorld,
) -> None:
    """R05"""
    request_id = await world.accept(products(2))
    await world.plan()
    first, _ = await world.dispatch()
    async with connected(world.pool) as other:
        holding = other.transaction()
        await holding.start()
        await other.fetch(SQL["lock_requests"], [request_id])
        async with while_it_waits(world, world.handle(done(first))):
            await other.execute(FAIL_IMAGE, request_id, first.ordinal)
            await other.execute(
                "UPDATE requests SET failed = failed + 1, in_flight = in_flight - 1 WHERE id = $1", request_id
            )
            await holding.commit()
    row = await world.row(request_id)
    assert (row["done"], row["failed"], row["in_flight"]) == (0, 1, 1)


async def test_requests_are_claimed_while_results_of_the_same_ones_are_settled(world: EngineWorld) -> None:
    """R23: many at once."""
    ids = [await world.accept(products(150)) for _ in range(60)]
    await world.plan()
    async with world.running(done):
        for request_id in ids:
            row = await world.until_ended(request_id)
            assert (row["done"], row["in_flight"]) == (150, 0)
