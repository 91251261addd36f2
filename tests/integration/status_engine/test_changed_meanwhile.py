"""What a statement of the engine does when others changed a request after it had begun to look."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.status.images import claiming
from services.status.postgres.pool import Connection, connected
from services.status.postgres.statements import SQL
from services.status.requests import changes
from shared.contract.events import ImageRequested
from shared.outcomes import Away
from tests.worlds.engine_world import EngineWorld, done
from tests.worlds.patience import until

WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
"""
FAIL_IMAGE = """
UPDATE images SET state = 'failed', code = 'http_404', take_by = NULL, ended_at = now()
WHERE request_id = $1 AND ordinal = $2
"""
OF_THE_TEST = 7  # a lock of its own
CLAIM_THAT_WAITS = SQL["claim_images"].replace(
    "WHERE id = ANY ($1::uuid[]) AND completed_at IS NULL",
    f"WHERE (SELECT pg_advisory_xact_lock({OF_THE_TEST})) IS NOT NULL"
    " AND id = ANY ($1::uuid[]) AND completed_at IS NULL",
)
"""Between the moment that it shows and its look at the rows."""


def products(count: int) -> list[list[str]]:
    return [[f"https://a/{number}.jpg"] for number in range(count)]


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


async def claimed(connection: Connection, request_id: Any) -> Any:
    return await connection.fetch(CLAIM_THAT_WAITS, [request_id], [5], [0], 100, 60.0)


async def test_a_request_that_changes_while_images_are_claimed_waits_for_the_next_pass(
    world: EngineWorld,
) -> None:
    """R05: images that were planned meanwhile would be walked over unseen."""
    request_id = await world.accept(products(3))
    await world.plan()
    await world.pool.execute("UPDATE requests SET planned_images = 2 WHERE id = $1", request_id)
    rows = []

    async def claim() -> None:
        async with connected(world.pool) as connection:
            rows.extend(await claimed(connection, request_id))

    async with connected(world.pool) as other:
        await other.execute("SELECT pg_advisory_lock($1)", OF_THE_TEST)
        async with while_it_waits(world, claim()):
            await other.execute("UPDATE requests SET planned_images = 3 WHERE id = $1", request_id)
            await other.execute("SELECT pg_advisory_unlock($1)", OF_THE_TEST)
    assert rows == []
    assert (await world.row(request_id))["next_ordinal"] == 0
    assert len(await world.dispatch()) == 3


async def test_images_that_could_not_be_set_aside_any_more_are_asked_for(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R05: the process died in between; no image is forgotten, and none counts twice."""
    request_id = await world.accept([[f"https://silent/{number}.jpg"] for number in range(60)])
    await world.plan()

    async def dies(*_: Any) -> Any:
        raise Away("database", "the process died")

    with monkeypatch.context() as dying:
        dying.setattr(claiming, "_give_places", dies)
        with pytest.raises(Away):
            await world.dispatch()
    assert (await world.row(request_id))["in_flight"] > 0
    assert world.producer.events(ImageRequested) == []
    await world.pool.execute("UPDATE batches SET claimed_at = '-infinity'")  # long ago
    async with world.running(done):
        row = await world.until_ended(request_id)
    assert (row["done"], row["in_flight"]) == (60, 0)
    asked = world.producer.events(ImageRequested)
    assert len({(each.image_id, each.attempt) for each in asked}) == len(asked) >= 60


async def test_images_are_not_set_aside_in_a_request_that_is_run_again_meanwhile(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R05: what is out counts for its own run."""
    request_id = await world.accept([[f"https://silent/{number}.jpg"] for number in range(60)])
    await world.plan()
    give_places = claiming._give_places

    async def after_the_next_run_began(*arguments: Any) -> Any:
        monkeypatch.setattr(claiming, "_give_places", give_places)
        await changes.cancel(world.pool, "local", request_id)
        await world.end()
        await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=600)
        return await give_places(*arguments)

    monkeypatch.setattr(claiming, "_give_places", after_the_next_run_began)
    monkeypatch.setattr(claiming, "_wait_for_place", lambda *_: 5.0)
    await world.step("dispatcher")
    row = await world.row(request_id)
    assert (row["run"], row["in_flight"]) == (2, 0)
