"""The results of images on a real Postgres: what they change, whatever comes twice, late, or not at all."""

import asyncio
import json
import random
from typing import Any

import pytest

from services.status.images.settling import losses
from services.status.records import rows
from services.status.requests import changes
from shared.contract.events import ImageRequested
from shared.contract.keys import rows_key
from tests.integration.status_engine.asking import products, retries_are_due_now
from tests.worlds.services.engine_events import done, failed
from tests.worlds.services.engine_world import SOMEBODY_ANSWERED, EngineWorld


async def dump(world: EngineWorld) -> list[Any]:
    """The tables as far as they do not hold times."""
    requests = await world.pool.fetch(
        "SELECT id, state, done, failed, in_flight, ending, bytes_in, bytes_out FROM requests ORDER BY id"
    )
    images = await world.pool.fetch(
        "SELECT request_id, ordinal, state, run, attempt, failures, losses, code, output_url, bytes_in"
        " FROM images ORDER BY request_id, ordinal"
    )
    return [tuple(row) for row in (*requests, *images)]


async def test_a_repeated_url_is_fetched_once_and_its_result_ends_all(world: EngineWorld) -> None:
    """R24"""
    request_id = await world.accept(
        [["https://a/1", "https://a/2"], ["https://a/1"], ["https://a/2", "https://a/1"]]
    )
    await world.plan()
    asked = await world.dispatch()
    assert [request.url for request in asked] == ["https://a/1", "https://a/2"]
    await world.handle(done(asked[0]), failed(asked[1]))
    assert [image["state"] for image in await world.images(request_id)] == [
        "done",
        "failed",
        "done",
        "failed",
        "done",
    ]
    row = await world.row(request_id)
    assert (row["done"], row["failed"], row["in_flight"], row["ending"]) == (3, 2, 0, True)


async def test_a_repeat_that_is_planned_after_its_first_ended_ends_at_once(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R24"""
    monkeypatch.setattr(rows, "CHUNK_PRODUCTS", 1)
    request_id = await world.accept([["https://a/1"], ["https://a/1"], ["https://a/1"]])
    stopping = asyncio.Event()
    stopping.set()  # ends planning after each chunk
    (planner,) = [job for job in world.engine.jobs if job.name == "planner (any)"]
    await planner.step(stopping)
    asked = await world.dispatch()
    await world.handle(done(asked[0]))
    await planner.step(stopping)
    await planner.step(stopping)
    row = await world.row(request_id)
    assert (row["done"], row["ending"], row["repeats"]) == (3, True, 2)
    assert not await world.dispatch()


async def test_repeats_reorderings_and_stale_answers_end_in_the_same_tables(world: EngineWorld) -> None:
    request_id = await world.accept(products(3))
    await world.plan()
    asked = await world.dispatch()
    story = [done(asked[0]), failed(asked[1]), failed(asked[2], "timed_out", retryable=True)]
    await _save(world)
    dumps = set()
    for seed in range(8):
        await _restore(world)
        shuffled = [*story, *story, done(asked[0], run=0), failed(asked[1], attempt=9)]
        random.Random(seed).shuffle(shuffled)
        while shuffled:
            size = random.Random(seed).randint(1, len(shuffled))
            batch, shuffled = shuffled[:size], shuffled[size:]
            await world.handle(*batch)
        dumps.add(json.dumps(await dump(world), default=str))
    assert len(dumps) == 1
    row = await world.row(request_id)
    assert (row["done"], row["failed"], row["in_flight"]) == (1, 1, 0)


async def _save(world: EngineWorld) -> None:
    await world.pool.execute("DROP TABLE IF EXISTS saved")
    await world.pool.execute("CREATE TABLE saved AS SELECT * FROM images")


async def _restore(world: EngineWorld) -> None:
    await world.pool.execute(
        "UPDATE images i SET state = s.state, attempt = s.attempt, failures = 0, losses = 0, code = NULL,"
        " output_url = NULL, bytes_in = NULL, due_at = NULL, take_by = s.take_by FROM saved s"
        " WHERE s.request_id = i.request_id AND s.ordinal = i.ordinal"
    )
    await world.pool.execute(
        "UPDATE requests SET done = 0, failed = 0, in_flight = 3, bytes_in = 0, bytes_out = 0"
    )


async def test_where_attempts_disagree_exactly_one_stands(world: EngineWorld) -> None:
    request_id = await world.accept(products(1))
    await world.plan()
    (first,) = await world.dispatch()
    await world.handle(failed(first, "timed_out", retryable=True))
    await retries_are_due_now(world)
    (second,) = await world.dispatch()
    assert second.attempt == 2
    await world.handle(done(first, output_key="late"), done(second), failed(second))
    (image,) = await world.images(request_id)
    row = await world.row(request_id)
    assert image["output_key"] == "late"
    assert (row["done"], row["failed"], row["in_flight"], row["bytes_out"]) == (1, 0, 0, 40)


async def test_a_retry_waits_for_its_time_and_the_third_failure_ends_the_image(world: EngineWorld) -> None:
    """R18"""
    request_id = await world.accept(products(1))
    await world.plan()
    for attempt in (1, 2, 3):
        (asked,) = await world.dispatch()
        assert asked.attempt == attempt
        await world.handle(failed(asked, "timed_out", retryable=True))
        assert not await world.dispatch()
        await retries_are_due_now(world)
    (image,) = await world.images(request_id)
    assert (image["state"], image["code"]) == ("failed", "timed_out")
    assert (await world.row(request_id))["ending"]


async def test_lost_images_are_taken_back_and_the_fifth_loss_abandons_them(world: EngineWorld) -> None:
    request_id = await world.accept(products(2))
    await world.plan()
    for loss in range(1, 6):
        await retries_are_due_now(world)
        asked = await world.dispatch()
        assert len(asked) == 2
        await world.pool.execute(SOMEBODY_ANSWERED)
        await world.pool.execute("UPDATE images SET take_by = take_by - interval '10 min'")
        await world.step("losses")
        assert [image["losses"] for image in await world.pool.fetch("SELECT losses FROM images")] == [
            loss
        ] * 2
    assert [image["code"] for image in await world.images(request_id)] == ["abandoned"] * 2


async def test_the_sweeper_rests_while_nobody_answers(world: EngineWorld) -> None:
    request_id = await world.accept(products(2))
    await world.plan()
    await world.dispatch()
    await world.pool.execute("UPDATE images SET take_by = take_by - interval '1 h'")
    await world.step("losses")  # nothing was ever answered
    await world.pool.execute(
        "INSERT INTO answers VALUES (0, 1, 1, now() - make_interval(secs => $1))", losses.REST_SECONDS + 1
    )
    await world.step("losses")
    assert (await world.row(request_id))["in_flight"] == 2
    assert [image["state"] for image in await world.images(request_id)] == ["requested"] * 2


async def test_a_request_past_its_deadline_ends_with_what_it_has(world: EngineWorld) -> None:
    request_id = await world.accept(products(3))
    await world.plan()
    asked = await world.dispatch()
    await world.handle(done(asked[0]), failed(asked[1]))
    await world.pool.execute("UPDATE requests SET deadline_at = now()")
    await world.step("deadlines")
    await world.handle(done(asked[2]))  # too late: the run is being ended
    await world.end()
    row = await world.row(request_id)
    assert (row["state"], row["done"], row["failed"]) == ("completed", 1, 2)
    assert [image["code"] for image in await world.images(request_id)] == [None, "http_404", "expired"]


async def test_a_result_that_cannot_be_handled_ends_its_image(world: EngineWorld) -> None:
    request_id = await world.accept(products(1))
    await world.plan()
    (asked,) = await world.dispatch()
    await world.report_dead(done(asked))
    (image,) = await world.images(request_id)
    assert (image["state"], image["code"]) == ("failed", "internal")


async def test_a_result_of_an_image_that_the_request_has_not_is_no_trouble_to_the_others(
    world: EngineWorld,
) -> None:
    """R09: as after a backup of the database was put back."""
    request_id = await world.accept(products(1))
    await world.plan()
    (asked,) = await world.dispatch()
    await world.handle(done(asked.model_copy(update={"ordinal": 7})), done(asked))
    row = await world.row(request_id)
    assert (row["done"], row["failed"], row["in_flight"]) == (1, 0, 0)


async def test_text_that_postgres_cannot_hold_is_no_reason_to_lose_a_result(world: EngineWorld) -> None:
    request_id = await world.accept(products(1))
    await world.plan()
    (asked,) = await world.dispatch()
    await world.handle(failed(asked, detail="a\x00b" * 10_000))
    (image,) = await world.images(request_id)
    assert image["detail"].startswith("abab")


async def test_two_consumers_of_the_same_requests_never_deadlock(
    world: EngineWorld, twin: EngineWorld
) -> None:
    ids = [await world.accept(products(40)) for _ in range(6)]
    await world.plan()
    asked: list[ImageRequested] = []
    while new := await world.dispatch():
        asked += new
        await world.handle(*(failed(each, "timed_out", retryable=True) for each in new[::7]))
    answers = [done(each) for each in asked]

    async def consume(each: EngineWorld, seed: int) -> None:
        mine = list(answers)
        random.Random(seed).shuffle(mine)
        for start in range(0, len(mine), 25):
            await each.handle(*mine[start : start + 25])  # a deadlock would be Away

    await asyncio.gather(*(consume(each, seed) for seed, each in enumerate([world, twin, world, twin])))
    for request_id in ids:
        row = await world.row(request_id)
        stands = await world.pool.fetchval(
            "SELECT count(*) FROM images WHERE request_id = $1 AND state = 'done'", request_id
        )
        flying = await world.pool.fetchval(
            "SELECT count(*) FROM images WHERE request_id = $1 AND state = 'requested'", request_id
        )
        assert (row["done"], row["in_flight"]) == (stands, flying)


async def test_a_repeat_does_not_inherit_the_failure_of_an_earlier_run(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "CHUNK_PRODUCTS", 1)
    request_id = await world.accept([["https://a/1"], ["https://a/1"]])
    stopping = asyncio.Event()
    stopping.set()  # ends planning after one chunk
    (planner,) = [job for job in world.engine.jobs if job.name == "planner (any)"]
    await planner.step(stopping)
    await world.handle(*map(failed, await world.dispatch()))
    content = world.store.objects.pop(rows_key(request_id))
    await world.plan()
    await world.end()
    world.store.objects[rows_key(request_id)] = content
    await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=60)
    await world.plan()
    assert [image["state"] for image in await world.images(request_id)] == ["planned", "planned"]
    await world.handle(*map(done, await world.dispatch()))
    assert (await world.row(request_id))["done"] == 2
