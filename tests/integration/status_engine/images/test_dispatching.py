"""Dispatch on a real Postgres: each image is asked for once, and no row or silence holds up the others."""

import asyncio
from contextlib import AbstractAsyncContextManager

import asyncpg
import pytest

from services.status.images import window
from services.status.images.dispatching import dispatcher
from services.status.images.hosts import host_places
from services.status.images.window import REQUEST_FLOOR_IMAGES, TAKE_BY_SECONDS
from services.status.postgres.pool import Connection, connected
from services.status.postgres.statements import SQL
from shared.contract.events import ImageRequested
from shared.outcomes import Away
from tests.integration.status_engine.asking import products, retries_are_due_now
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.services.engine_events import done, failed
from tests.worlds.services.engine_world import EngineWorld


async def test_two_dispatchers_ask_for_each_image_once(world: EngineWorld, twin: EngineWorld) -> None:
    request_id = await world.accept(products(200))
    await world.plan()

    async def finish(each: EngineWorld) -> None:
        while not (await each.row(request_id))["ending"]:
            await each.dispatch()
            await each.answer_new(done)

    async with asyncio.timeout(DEADLINE_SECONDS):
        await asyncio.gather(finish(world), finish(twin))
    asked = [*world.producer.events(ImageRequested), *twin.producer.events(ImageRequested)]
    assert sorted(request.ordinal for request in asked) == list(range(200))


async def test_what_was_claimed_and_never_sent_is_asked_for_again_with_the_same_ids(
    world: EngineWorld, twin: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.accept(products(5))
    await world.plan()
    delete = SQL["delete_batch"]
    monkeypatch.setitem(SQL, "delete_batch", "SELECT $1::bigint")  # a crash between publish and mark
    first = await world.dispatch()
    assert not await world.dispatch()
    monkeypatch.setitem(SQL, "delete_batch", delete)
    await world.pool.execute("UPDATE batches SET claimed_at = now() - interval '16 s'")
    again = await twin.dispatch()
    assert [each.event_id() for each in again] == [each.event_id() for each in first]
    assert again[0].take_by > first[0].take_by
    assert await world.pool.fetchval("SELECT count(*) FROM batches") == 0


async def test_a_broker_that_was_away_gets_the_batch_as_soon_as_it_is_back(
    world: EngineWorld, twin: EngineWorld
) -> None:
    await world.accept(products(5))
    await world.plan()
    world.producer.away = True
    with pytest.raises(Away):
        await world.dispatch()
    assert len(await twin.dispatch()) == 5


async def test_a_request_that_never_answers_holds_only_a_few_slots(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a slow machine images would hang, and be excused from the window.
    for module in (window, host_places):
        monkeypatch.setattr(module, "OVERDUE_LEAST_SECONDS", TAKE_BY_SECONDS)
    await world.accept(products(500))
    healthy = await world.accept(products(300))
    await world.plan()
    async with world.running(lambda request: done(request) if request.request_id == healthy else None):
        await world.until_ended(healthy)
    hanging = [each for each in world.producer.events(ImageRequested) if each.request_id != healthy]
    assert len(hanging) == REQUEST_FLOOR_IMAGES


async def test_two_dispatchers_at_the_same_moment_are_harmless(
    world: EngineWorld, twin: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the first one was cut off from Postgres without noticing."""

    def without_lock(pool: asyncpg.Pool, _: str) -> AbstractAsyncContextManager[Connection]:
        return connected(pool)

    monkeypatch.setattr(dispatcher, "exclusive", without_lock)
    ids = [await world.accept(products(60)) for _ in range(3)]
    await world.plan()
    async with world.running(done), twin.running(done):
        for request_id in ids:
            row = await world.until_ended(request_id)
            assert (row["done"], row["in_flight"]) == (60, 0)
    asked = [*world.producer.events(ImageRequested), *twin.producer.events(ImageRequested)]
    assert len({(each.image_id, each.attempt) for each in asked}) == len(asked) == 180


async def test_a_request_whose_row_is_held_does_not_hold_up_the_others(world: EngineWorld) -> None:
    held, free = await world.accept(products(5)), await world.accept(products(5))
    await world.plan()
    async with world.pool.acquire() as other, other.transaction():
        await other.fetch(SQL["lock_requests"], [held])
        async with asyncio.timeout(DEADLINE_SECONDS):
            asked = await world.dispatch()
        assert {each.request_id for each in asked} == {free}
    assert {each.request_id for each in await world.dispatch()} == {held}


async def test_what_waits_for_its_host_alone_rests_and_what_could_be_done_does_not(
    world: EngineWorld,
) -> None:
    """R21: nobody is woken because a host asked for an hour of rest."""

    async def open_and_resting() -> tuple[int, int]:
        (row,) = await world.pool.fetch(SQL["backlog"])
        return row["open_images"], row["resting_images"]

    await world.accept(products(2))
    assert await open_and_resting() == (2, 0)  # not planned
    await world.plan()
    assert await open_and_resting() == (2, 0)  # not asked for
    first, second = await world.dispatch()
    await world.handle(done(first))
    assert await open_and_resting() == (1, 0)  # a processor has it
    await world.handle(failed(second, "http_503", retryable=True, retry_after_seconds=3_600))
    assert await open_and_resting() == (1, 1)
    await retries_are_due_now(world)
    assert await open_and_resting() == (1, 0)
