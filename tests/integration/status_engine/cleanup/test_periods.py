"""Images and products lie in periods: made before the first row of one comes, and gone as a whole once every
request of it is purged.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.status.cleanup.purge import TOMBSTONE_SECONDS
from services.status.postgres.statements import SQL
from services.status.records.periods import WEEK, first_id_of
from services.status.requests import changes
from shared.contract.keys import request_prefix
from tests.worlds.postgres.databases import new_database
from tests.worlds.services.engine_events import done
from tests.worlds.services.engine_world import EngineWorld, open_engine
from tests.worlds.services.status_world import new_id

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
THEN = TODAY - 5 * WEEK  # begins the period `then`
ROWS_OF = """
SELECT tableoid::regclass::text AS place FROM images WHERE request_id = $1
UNION SELECT tableoid::regclass::text FROM products WHERE request_id = $1
"""
A_PRODUCT = """
INSERT INTO products (request_id, number, id, row_number, serial_number, name, cells, first_ordinal, images)
VALUES ($1, 0, $1, 2, '1', 'n', '[]', 0, 1)
"""
WAITING = """
SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
WHERE NOT l.granted AND d.datname = current_database()
"""


@pytest.fixture
async def world(postgres: str) -> AsyncIterator[EngineWorld]:
    """`then` and `next` lie next to each other in the past; what is older or newer is among others."""
    async with open_engine(new_database(postgres)) as world:
        assert await world.pool.fetchval(SQL["drop_period"], "before") == "dropped"
        for number, name in enumerate(("then", "next")):
            assert await make(world, name, THEN + number * WEEK) == "made"
        yield world


async def make(world: EngineWorld, name: str, begin: datetime) -> object:
    bounds = (first_id_of(begin), first_id_of(begin + WEEK))
    return await world.pool.fetchval(SQL["make_period"], name, *bounds)


async def ended(world: EngineWorld, moment: datetime = THEN + WEEK / 2) -> UUID:
    """A request of that time with two images, whose run has ended."""
    request_id = await world.accept([["https://a/1.jpg"], ["https://a/2.jpg"]], request_id=new_id(moment))
    await world.plan()
    await world.handle(*(done(asked) for asked in await world.dispatch()))
    await world.end()
    return request_id


async def accepted(world: EngineWorld) -> UUID:
    """A request of that time which is not planned yet."""
    return await world.accept([["https://a/1.jpg"]], request_id=new_id(THEN + WEEK / 2))


async def expire(world: EngineWorld, *request_ids: UUID) -> None:
    await world.pool.execute(
        "UPDATE requests SET expires_at = now() - interval '1 s' WHERE id = ANY ($1)", request_ids
    )
    await world.step("expiry")
    while await world.step("purge"):
        pass


async def places(world: EngineWorld, request_id: UUID) -> set[str]:
    """The tables that hold rows of it."""
    rows = await world.pool.fetch(ROWS_OF, request_id)
    return {row["place"] for row in rows}


async def periods(world: EngineWorld) -> set[str]:
    return {row["name"] for row in await world.pool.fetch(SQL["periods"])}


async def test_the_period_of_today_is_made_before_its_first_row(world: EngineWorld) -> None:
    """R22: whichever job of a process comes first."""
    request_id = await ended(world, datetime.now(UTC))
    made = await periods(world) - {"then", "next"}  # two of them, where this week ends soon
    (name,) = {place.partition("_")[2] for place in await places(world, request_id)}
    assert name in made


async def test_ids_without_a_period_live_and_go_as_all_others(world: EngineWorld) -> None:
    """R22: of clocks that are wrong by years, and without a time."""
    for request_id in (new_id(TODAY - 99 * WEEK), new_id(TODAY + 99 * WEEK), uuid4()):
        await world.accept([["https://a/1.jpg"]], request_id=request_id)
        await world.plan()
        assert await places(world, request_id) == {"images_other", "products_other"}
        await world.handle(*(done(asked) for asked in await world.dispatch()))
        await world.end()
        assert (await world.row(request_id))["state"] == "completed"
        await expire(world, request_id)
        assert await places(world, request_id) == set()


async def test_a_period_whose_rows_came_before_it_stays_among_others(world: EngineWorld) -> None:
    """R22: nothing is moved, and nothing fails."""
    later = TODAY + 3 * WEEK
    request_id = await ended(world, later + WEEK / 2)
    assert await make(world, "later", later) == "strewn"
    assert await places(world, request_id) == {"images_other", "products_other"}
    await expire(world, request_id)
    assert await make(world, "later", later) == "made"


async def test_what_expires_leaves_its_rows_until_its_period_is_dropped_with_all_of_them(
    world: EngineWorld,
) -> None:
    """R22: its files are gone at once, and its neighbours in the next period stay."""
    first, second, neighbour = await ended(world), await ended(world), await ended(world, THEN + WEEK)
    await expire(world, first)
    assert await places(world, first) == {"images_then", "products_then"}
    assert not [key for key in world.store.objects if key.startswith(request_prefix(first))]
    await world.step("periods")
    assert "then" in await periods(world)
    assert await places(world, second) == {"images_then", "products_then"}
    await expire(world, second)
    await world.step("periods")
    assert "then" not in await periods(world)
    assert await places(world, first) | await places(world, second) == set()
    assert await places(world, neighbour) == {"images_next", "products_next"}


async def test_what_somebody_deletes_is_gone_at_once(world: EngineWorld) -> None:
    """R22"""
    deleted, other = await ended(world), await ended(world)
    await changes.delete_request(world.pool, "local", deleted)
    while await world.step("purge"):
        pass
    assert await places(world, deleted) == set()
    assert await places(world, other) == {"images_then", "products_then"}


async def test_an_open_request_keeps_its_period_and_the_others_rows_go_with_their_tombstones(
    world: EngineWorld,
) -> None:
    """R22"""
    old = await ended(world)
    open_one = await accepted(world)
    await world.plan()
    await expire(world, old)
    await world.step("periods")
    assert await places(world, old) == {"images_then", "products_then"}
    await world.pool.execute(
        "UPDATE requests SET deleted_at = deleted_at - make_interval(secs => $1 + 1) WHERE id = $2",
        TOMBSTONE_SECONDS,
        old,
    )
    await world.step("expiry")
    assert await places(world, old) == set()
    assert await world.row(old) is None
    assert await places(world, open_one) == {"images_then", "products_then"}


async def test_a_period_stays_for_a_day_after_its_end(world: EngineWorld) -> None:
    """R22: uploads of it may still wait in Kafka."""
    await make(world, "over", datetime.now(UTC) - timedelta(hours=12) - WEEK)
    await world.step("periods")
    assert "over" in await periods(world)
    assert "then" not in await periods(world)  # which nobody needs


async def test_what_is_accepted_for_a_dropped_period_loses_nothing(world: EngineWorld) -> None:
    """R22"""
    await world.step("periods")
    request_id = await ended(world)
    assert await places(world, request_id) == {"images_other", "products_other"}
    row = await world.row(request_id)
    assert (row["state"], row["done"]) == ("completed", 2)


async def test_a_period_that_is_planned_into_is_not_dropped(world: EngineWorld) -> None:
    """R22: neither while the planner's transaction is open, nor after it."""
    request_id = await world.accept(
        [["https://a/1.jpg"]], request_id=new_id(THEN + WEEK / 2), with_rows=False
    )
    async with world.pool.acquire() as planner, planner.transaction():
        await planner.execute(A_PRODUCT, request_id)
        assert await drop(world, "then") == "needed"
        await world.pool.execute("UPDATE requests SET purged_at = now()")
        assert await drop(world, "then") == "busy"
    await world.pool.execute("UPDATE requests SET purged_at = NULL")
    assert await drop(world, "then") == "needed"
    assert await places(world, request_id) == {"products_then"}


async def test_who_is_accepted_while_a_period_is_being_dropped_keeps_it(world: EngineWorld) -> None:
    """R22: the drop looks once more when nobody can plan any more."""
    async with world.pool.acquire() as reader:
        reading = reader.transaction()
        await reading.start()
        await reader.fetch("SELECT count(*) FROM images")
        dropping = asyncio.create_task(drop(world, "then"))
        await until_it_waits_for_a_table(world.pool, dropping)
        request_id = await accepted(world)
        await reading.rollback()
    # Busy: on a machine that took longer than the lock's patience.
    assert await dropping in {"needed", "busy"}
    await world.plan()
    assert await places(world, request_id) == {"images_then", "products_then"}


async def drop(world: EngineWorld, name: str) -> object:
    return await world.pool.fetchval(SQL["drop_period"], name)


async def until_it_waits_for_a_table(pool: asyncpg.Pool, dropping: asyncio.Task[object]) -> None:
    """Or has waited, where this process was held up for longer than that."""
    while not dropping.done() and not await pool.fetchval(WAITING):
        await asyncio.sleep(0.01)
