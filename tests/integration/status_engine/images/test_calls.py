"""What results, losses and plans leave to do is called for at once: nobody waits until somebody looks."""

import asyncio
from typing import Any

import pytest

from services.status.images.dispatching.resting import Resting
from services.status.images.settling import image_done, repeats
from services.status.images.settling.losses import LOST_SECONDS
from services.status.jobs.wakes import Work
from services.status.postgres.pool import exclusive, transaction
from shared.contract.events import Topic
from shared.outcomes import Away
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.services.engine_events import done, failed
from tests.worlds.services.engine_world import SOMEBODY_ANSWERED, EngineWorld

HOUR = 3_600.0
URLS = ("https://a/1.jpg", "https://a/2.jpg")


def calls(world: EngineWorld) -> frozenset[Work]:
    """Since the last time."""
    return world.engine.wakes.take_untold()


async def test_the_last_result_of_a_request_calls_for_its_end_and_no_other_does(world: EngineWorld) -> None:
    await world.accept([URLS])
    await world.plan()
    first, last = await world.dispatch()
    calls(world)
    await world.handle(done(first))
    assert calls(world) == set()
    await world.handle(failed(last))
    assert calls(world) == {Work.COMPLETE}


async def test_a_result_frees_its_place_for_the_next_image(world: EngineWorld) -> None:
    await world.accept([URLS])
    await world.plan()
    first, _ = await world.dispatch()
    dispatcher = world.engine.wakes.dispatcher
    dispatcher.clear()
    await world.handle(done(first))
    async with asyncio.timeout(DEADLINE_SECONDS):
        await dispatcher.rest(None)


@pytest.fixture
def resting(world: EngineWorld) -> Resting:
    """Of this world: the dispatcher sets it while only a large request waits for results."""
    rest: Any = world.engine.readers[Topic.IMAGE_DONE].rest
    resting: Resting = rest.__self__
    return resting


@pytest.fixture
def called(world: EngineWorld, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set where the dispatcher is called at once, for to wait for others would take an hour."""
    monkeypatch.setattr(image_done, "PLACES_SECONDS", HOUR)
    return world.engine.wakes.dispatcher._event


async def test_a_place_is_given_away_at_once_where_looks_rest(
    world: EngineWorld, called: asyncio.Event, resting: Resting
) -> None:
    await world.accept([URLS])
    await world.plan()
    first, last = await world.dispatch()
    called.clear()
    resting.rest_for(HOUR - 1)
    await world.handle(done(first))
    assert not called.is_set()
    resting.rest_for(HOUR)
    await world.handle(done(last))
    assert called.is_set()


async def test_the_places_of_one_look_are_given_away_together(
    world: EngineWorld, called: asyncio.Event, resting: Resting
) -> None:
    await world.accept([URLS[:1]])
    await world.accept([URLS[1:]])
    await world.plan()
    first, last = await world.dispatch()
    resting.rest_for(HOUR)
    called.clear()
    async with transaction(world.pool) as holding:
        await holding.execute("SELECT FROM requests WHERE id = $1 FOR UPDATE", first.request_id)
        held_up = asyncio.create_task(world.handle(done(first)))
        await asyncio.sleep(0)  # it has begun
        await world.handle(done(last))
        assert not called.is_set()
    await held_up
    assert called.is_set()


async def test_a_batch_that_failed_holds_no_places_back(
    world: EngineWorld, called: asyncio.Event, resting: Resting, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise Away("postgres", "of this test")

    await world.accept([URLS[:1]])
    await world.plan()
    (asked,) = await world.dispatch()
    resting.rest_for(HOUR)
    called.clear()
    with monkeypatch.context() as patch:
        patch.setattr(image_done, "settle", fail)
        with pytest.raises(Away):
            await world.handle(done(asked))
    assert not called.is_set()
    await world.handle(done(asked))
    assert called.is_set()


async def test_who_finds_another_leading_looks_again_soon_for_that_one_may_have_died(
    world: EngineWorld,
) -> None:
    await world.accept([URLS])
    await world.plan()
    dispatcher = world.engine.wakes.dispatcher
    dispatcher.clear()
    async with exclusive(world.pool, "pixmill dispatcher") as other:
        assert other is not None
        assert await world.dispatch() == []
    async with asyncio.timeout(DEADLINE_SECONDS):
        await dispatcher.rest(None)
    assert len(await world.dispatch()) == len(URLS)


async def test_a_result_that_cannot_be_handled_calls_for_the_end_of_its_request(world: EngineWorld) -> None:
    await world.accept([URLS[:1]])
    await world.plan()
    (asked,) = await world.dispatch()
    calls(world)
    await world.report_dead(done(asked))
    assert calls(world) == {Work.COMPLETE}


async def test_repeats_that_end_in_steps_are_called_for_and_the_last_step_calls_for_the_end(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "STEP_IMAGES", 2)
    await world.accept([URLS[:1]] * 8)
    await world.plan()
    (asked,) = await world.dispatch()
    calls(world)
    await world.handle(done(asked))
    assert calls(world) == {Work.REPEATS}
    await world.step("repeats")
    assert calls(world) == set()
    while await world.step("repeats"):
        pass
    assert calls(world) == {Work.COMPLETE}


async def test_lost_images_call_for_another_dispatch_and_abandoned_ones_for_the_end(
    world: EngineWorld,
) -> None:
    await world.accept([URLS[:1]])
    await world.plan()
    told = []
    for _ in range(5):
        await world.pool.execute("UPDATE images SET due_at = now() WHERE due_at IS NOT NULL")
        await world.pool.execute("UPDATE requests SET next_due_at = now() WHERE next_due_at IS NOT NULL")
        await world.dispatch()
        await world.pool.execute(SOMEBODY_ANSWERED)
        await world.pool.execute(
            "UPDATE images SET take_by = now() - make_interval(secs => $1)", LOST_SECONDS + 1
        )
        calls(world)
        await world.step("losses")
        told.append(calls(world))
    assert told == [{Work.DISPATCH}] * 4 + [{Work.DISPATCH, Work.COMPLETE}]


async def test_a_plan_calls_for_its_dispatch_and_one_without_a_source_for_its_end(world: EngineWorld) -> None:
    await world.accept([URLS])
    calls(world)
    await world.plan()
    assert calls(world) == {Work.DISPATCH}
    await world.accept([URLS], with_rows=False)
    calls(world)
    await world.plan()
    assert calls(world) == {Work.COMPLETE}


async def test_a_plan_that_leaves_nothing_to_ask_for_calls_for_its_end(world: EngineWorld) -> None:
    await world.accept([[], []])
    calls(world)
    await world.plan()
    assert calls(world) == {Work.DISPATCH, Work.COMPLETE}
