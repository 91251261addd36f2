"""Dispatches that nobody answers: processors away for an hour, and an image that kills its processor."""

from collections import Counter
from uuid import UUID

import pytest

from services.status.images.settling import losses
from shared.contract.events import ImageRequested
from tests.worlds.services.engine_events import done, stale
from tests.worlds.services.engine_world import SOMEBODY_ANSWERED, EngineWorld

IMAGES = 30
MINUTE, HOUR_MINUTES = 60.0, 60
LOST_MINUTES = 6  # two to take it, three more to answer


async def minutes_pass(world: EngineWorld, minutes: int) -> None:
    """All times in the tables grow older; every minute the sweeper and the dispatcher look."""
    for _ in range(minutes):
        for table, columns in {
            "images": ("take_by", "due_at"),
            "requests": ("next_due_at", "deadline_at", "run_started_at"),
            "batches": ("claimed_at",),
            "answers": ("answered_at",),
        }.items():
            older = ", ".join(f"{column} = {column} - make_interval(secs => $1)" for column in columns)
            await world.pool.execute(f"UPDATE {table} SET {older}", MINUTE)
        await world.step("losses")
        await world.step("dispatcher")


def new_of(world: EngineWorld, seen: int) -> list[ImageRequested]:
    return world.producer.events(ImageRequested)[seen:]


async def test_an_hour_without_processors_fails_no_image(world: EngineWorld) -> None:
    """R18"""
    request_id = await world.accept([[f"https://a/{number}.jpg"] for number in range(IMAGES)])
    await world.plan()
    first = await world.dispatch()
    await world.handle(*map(done, first[:5]))
    await world.dispatch()
    waiting = new_of(world, 5)
    await minutes_pass(world, HOUR_MINUTES)
    assert not await world.pool.fetchval("SELECT sum(losses + failures) FROM images")
    assert world.producer.events(ImageRequested)[5:] == waiting  # nothing was asked for twice
    # They are back, and what they find is too old; the sweeper looks in between.
    await world.handle(*map(stale, waiting[:3]))
    await world.step("losses")
    await world.handle(*map(stale, waiting[3:]))
    while not (await world.row(request_id))["ending"]:
        seen = len(world.producer.events(ImageRequested))
        await minutes_pass(world, 1)
        await world.handle(*map(done, new_of(world, seen)))
    await world.end()
    row = await world.row(request_id)
    assert (row["state"], row["done"], row["failed"]) == ("completed", IMAGES, 0)
    assert await world.pool.fetchval("SELECT max(losses) FROM images") == 1


async def seconds_pass(world: EngineWorld, seconds: float) -> None:
    await world.pool.execute(
        "UPDATE images SET take_by = take_by - make_interval(secs => $1),"
        " due_at = due_at - make_interval(secs => $1)",
        seconds,
    )
    await world.pool.execute(
        "UPDATE requests SET next_due_at = next_due_at - make_interval(secs => $1)", seconds
    )


async def test_messages_that_the_broker_lost_are_asked_for_again_and_hold_nobody_up(
    world: EngineWorld,
) -> None:
    """R29: so many are out that nothing more is asked for, and of none is anything left at the broker."""
    urls = [[f"https://a/{number}.jpg"] for number in range(200)]
    request_id = await world.accept(urls)
    other = await world.accept([["https://b/other.jpg"]], tenant="other")
    await world.plan()
    while await world.dispatch():
        pass
    first = world.producer.events(ImageRequested)
    assert 0 < len(first) < len(urls)
    world.waiting.processors = 0
    await world.step("losses")
    assert await states(world, request_id) == {"requested": len(first) - 1, "planned": 201 - len(first)}
    await seconds_pass(world, losses.YOUNG_SECONDS + 1)
    await world.step("losses")
    assert await states(world, request_id) == {"planned": len(urls)}
    while not ((await world.row(request_id))["ending"] and (await world.row(other))["ending"]):
        seen = len(world.producer.events(ImageRequested))
        await seconds_pass(world, 60)
        await world.dispatch()
        await world.handle(*map(done, new_of(world, seen)))
    assert not await world.pool.fetchval("SELECT sum(losses + failures) FROM images")


async def test_where_more_are_lost_than_one_step_takes_back_the_next_one_follows_at_once(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else some thousands would come back by a few hundred every five seconds."""
    await world.accept([["https://a/1.jpg"], ["https://a/2.jpg"]])
    await world.plan()
    assert len(await world.dispatch()) == 2
    await seconds_pass(world, 100)
    world.waiting.processors = 0
    monkeypatch.setattr(losses, "BATCH_IMAGES", 2)  # as many as it finds
    assert await world.step("losses")
    assert not await world.step("losses")
    await seconds_pass(world, 100)
    assert len(await world.dispatch()) == 2
    await seconds_pass(world, 100)
    monkeypatch.setattr(losses, "BATCH_IMAGES", 3)
    assert not await world.step("losses")


@pytest.mark.parametrize(("processors", "results"), [(1, 0), (0, 1)])
async def test_what_is_still_at_the_broker_is_not_lost(
    world: EngineWorld, processors: int, results: int
) -> None:
    request_id = await world.accept([["https://a/1.jpg"]])
    await world.plan()
    await world.dispatch()
    await seconds_pass(world, 100)
    world.waiting.processors, world.waiting.results = processors, results
    await world.step("losses")
    assert await states(world, request_id) == {"requested": 1}


async def states(world: EngineWorld, request_id: UUID) -> Counter[str]:
    return Counter(image["state"] for image in await world.images(request_id))


async def test_an_image_that_kills_its_processor_every_time_is_abandoned_and_its_neighbours_are_done(
    world: EngineWorld,
) -> None:
    """R09 R18"""
    poison, beside_it = 3, range(8)  # what the processor had under way dies with it, the first time
    request_id = await world.accept([[f"https://a/{number}.jpg"] for number in range(IMAGES)])
    other = await world.accept([["https://a/other.jpg"]])
    await world.plan()
    seen = rounds = 0
    while not (await world.row(request_id))["ending"]:
        asked, rounds = new_of(world, seen), rounds + 1
        seen += len(asked)
        survivors = [each for each in asked if each.ordinal not in beside_it or rounds > 2]
        answers = [done(each) for each in survivors if each.ordinal != poison or each.request_id == other]
        if answers:
            await world.handle(*answers)
        await minutes_pass(world, LOST_MINUTES)
        await world.pool.execute(SOMEBODY_ANSWERED)  # so the silence is this image's alone
        await world.step("losses")
    await world.end()
    row = await world.row(request_id)
    assert (row["state"], row["done"], row["failed"]) == ("completed", IMAGES - 1, 1)
    images = await world.images(request_id)
    assert {image["ordinal"]: image["code"] for image in images if image["state"] == "failed"} == {
        poison: "abandoned"
    }
