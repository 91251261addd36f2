"""One URL in very many rows: its result ends them all, in steps, and nobody waits behind them."""

import asyncio
import json
import random
from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from services.status.images.settling import repeats
from services.status.records import rows
from services.status.requests import changes
from shared.contract.events import ImageRequested
from tests.worlds.services.engine_events import done, failed
from tests.worlds.services.engine_world import EngineWorld

STEP = 500
PLACEHOLDER = "https://a/placeholder.jpg"


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "STEP_IMAGES", STEP)


async def planned(world: EngineWorld, count: int) -> tuple[UUID, ImageRequested]:
    """A request of the placeholder in so many rows; the image that is asked for."""
    request_id = await world.accept([[PLACEHOLDER]] * count)
    await world.plan()
    (asked,) = await world.dispatch()
    return request_id, asked


async def ended(world: EngineWorld, request_id: UUID) -> int:
    row = await world.row(request_id)
    count: int = row["done"] + row["failed"]
    return count


async def all_repeats_end(world: EngineWorld) -> None:
    while await world.step("repeats"):
        pass


async def the_row_tells_of_its_images(world: EngineWorld, request_id: UUID) -> Any:
    row = await world.row(request_id)
    states = await world.pool.fetch(
        "SELECT state, code, count(*) FROM images_now WHERE request_id = $1 GROUP BY state, code", request_id
    )
    counted: Counter[str] = Counter()
    for each in states:
        counted[each["state"]] += each["count"]
    assert (row["done"], row["failed"]) == (counted["done"], counted["failed"])
    failures = {each["code"]: each["count"] for each in states if each["state"] == "failed"}
    assert row["failure_counts"] == failures
    return row


async def test_the_repeats_of_a_url_end_in_steps_and_others_are_answered_between_them(
    world: EngineWorld,
) -> None:
    """R29"""
    count = 6 * STEP + 7
    request_id, first = await planned(world, count)
    await world.handle(done(first))
    assert await ended(world, request_id) == 1 + STEP
    steps, before = 0, 1 + STEP
    while await world.step("repeats"):
        now = await ended(world, request_id)
        assert now - before <= STEP
        before, steps = now, steps + 1
        assert (await the_row_tells_of_its_images(world, request_id))["ending"] == (now == count)
        other_id, other = await planned(world, 2)
        await world.handle(done(other))
        assert await ended(world, other_id) == 2
        await world.end()
        assert len(world.completions(request_id)) == (now == count)
    assert steps == 6
    assert (await world.row(request_id))["state"] == "completed"
    body = json.loads(world.completions(request_id)[0].value)
    assert body["data"]["counts"]["done"] == count


async def test_a_step_that_is_cut_off_is_taken_again_from_where_it_began(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R18"""
    request_id, first = await planned(world, 3 * STEP)
    await world.handle(failed(first))
    with monkeypatch.context() as dying:
        dying.setattr(repeats, "note_repeats", _dies)
        with pytest.raises(asyncio.CancelledError):
            await world.step("repeats")
    assert await ended(world, request_id) == 1 + STEP
    await all_repeats_end(world)
    row = await the_row_tells_of_its_images(world, request_id)
    assert (row["failure_counts"], row["ending"]) == ({"http_404": 3 * STEP}, True)


async def _dies(*_: object) -> None:
    raise asyncio.CancelledError


async def test_what_a_cancel_left_open_ends_in_the_next_run(world: EngineWorld) -> None:
    request_id, first = await planned(world, 3 * STEP)
    await world.handle(done(first))
    await changes.cancel(world.pool, "local", request_id)
    assert not await world.step("repeats")
    await world.end()
    row = await world.row(request_id)
    assert (row["state"], row["done"], row["cancelled"]) == ("cancelled", 1 + STEP, 2 * STEP - 1)
    await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=60)
    assert not await world.dispatch()
    await all_repeats_end(world)
    await world.end()
    row = await the_row_tells_of_its_images(world, request_id)
    assert (row["state"], row["done"]) == ("completed", 3 * STEP)


async def test_repeats_of_what_failed_before_a_cancel_are_asked_for_anew(world: EngineWorld) -> None:
    request_id, first = await planned(world, 3 * STEP)
    await world.handle(failed(first))
    await changes.cancel(world.pool, "local", request_id)
    await world.end()
    await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=60)
    await all_repeats_end(world)
    assert await ended(world, request_id) == 0
    (again,) = await world.dispatch()
    await world.handle(done(again))
    await all_repeats_end(world)
    row = await the_row_tells_of_its_images(world, request_id)
    assert (row["done"], row["ending"]) == (3 * STEP, True)


async def test_a_request_that_is_deleted_between_two_steps_ends_and_is_removed(world: EngineWorld) -> None:
    request_id, first = await planned(world, 3 * STEP)
    await world.handle(done(first))
    await changes.delete_request(world.pool, "local", request_id)
    assert not await world.step("repeats")
    await world.end()
    await world.step("purge")
    assert await world.images(request_id) == []


async def test_planning_ends_the_repeats_of_its_own_chunk_alone(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "CHUNK_PRODUCTS", 10)
    monkeypatch.setattr(repeats, "STEP_IMAGES", 5)
    request_id = await world.accept([[PLACEHOLDER]] * 50)
    await plan_chunks(world, 3)
    (first,) = await world.dispatch()
    await world.handle(done(first))
    assert await ended(world, request_id) == 6
    await plan_chunks(world, 1)
    assert await ended(world, request_id) == 16
    await all_repeats_end(world)
    assert await ended(world, request_id) == 40
    await world.plan()
    row = await the_row_tells_of_its_images(world, request_id)
    assert (row["done"], row["ending"]) == (50, True)


async def plan_chunks(world: EngineWorld, chunks: int) -> None:
    stopping = asyncio.Event()
    stopping.set()  # ends planning after each chunk
    (planner,) = [job for job in world.engine.jobs if job.name == "planner (any)"]
    for _ in range(chunks):
        await planner.step(stopping)


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_comes_between_the_steps_the_row_tells_of_its_images(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """R09"""
    monkeypatch.setattr(rows, "CHUNK_PRODUCTS", 10)
    monkeypatch.setattr(repeats, "STEP_IMAGES", 6)
    monkeypatch.setattr(repeats, "STEP_FIRSTS", 2)
    chance = random.Random(seed)
    urls = [f"https://a/{number}.jpg" for number in range(4)]
    request_id = await world.accept([[chance.choice(urls)] for _ in range(120)])
    asked: list[ImageRequested] = []
    for _ in range(60):
        await something_happens(world, request_id, asked, chance)
        if (await world.row(request_id))["completed_at"] is None:
            await the_row_tells_of_its_images(world, request_id)
    await world.plan()
    await world.end()
    await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=60)
    await world.plan()
    for _ in range(5):  # one for each URL, and what was out
        asked += await world.dispatch()
        if asked:
            await world.handle(*map(done, asked))
    await all_repeats_end(world)
    await world.end()
    row = await the_row_tells_of_its_images(world, request_id)
    assert row["completed_at"] is not None
    assert row["done"] + row["failed"] == 120


async def something_happens(
    world: EngineWorld, request_id: UUID, asked: list[ImageRequested], chance: random.Random
) -> None:
    match chance.choice(["plan", "answer", "answer", "step", "step", "cancel", "retry", "end"]):
        case "plan":
            await plan_chunks(world, 1)
        case "answer":
            asked += await world.dispatch()
            answers = [chance.choice([done, failed])(each) for each in asked if chance.random() < 0.5]
            if answers:
                await world.handle(*answers)
        case "step":
            await world.step("repeats")
        case "cancel" if chance.random() < 0.3:
            await changes.cancel(world.pool, "local", request_id)
        case "retry":
            await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=60)
        case "end":
            await world.end()
