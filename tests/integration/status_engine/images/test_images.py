"""Planning, dispatch and results on a real Postgres: what is planned, asked for, counted, come what may."""

import asyncio
import itertools
import json
import random
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.status.images import window
from services.status.images.dispatching import dispatcher
from services.status.images.hosts import host_places
from services.status.images.settling import losses
from services.status.images.window import REQUEST_FLOOR_IMAGES, TAKE_BY_SECONDS
from services.status.jobs.leases import Leases
from services.status.jobs.set_aside import SetAside
from services.status.jobs.turns import LastTenant, RequestWork, Turns
from services.status.jobs.wakes import Wakes
from services.status.postgres.pool import Connection, connected
from services.status.postgres.statements import SQL
from services.status.records import rows
from services.status.records.large_rows import LargeRows
from services.status.requests import changes
from services.status.requests.planner import Planner
from shared.contract.events import ImageRequested
from shared.contract.keys import rows_key
from shared.outcomes import Away
from shared.testing.request_rows import rows_file, rows_of
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.services.engine_events import done, failed
from tests.worlds.services.engine_world import SOMEBODY_ANSWERED, EngineWorld, open_engine


@pytest.fixture
async def twin(database: str, world: EngineWorld) -> AsyncIterator[EngineWorld]:
    """A second process beside the first, on the same database and store."""
    async with open_engine(database, store=world.store) as twin:
        yield twin


def products(count: int, each: int = 1) -> list[list[str]]:
    return [[f"https://a/{number}-{image}.jpg" for image in range(each)] for number in range(count)]


async def retries_are_due_now(world: EngineWorld) -> None:
    await world.pool.execute("UPDATE images SET due_at = now() - interval '1 s' WHERE due_at IS NOT NULL")
    await world.pool.execute(
        "UPDATE requests SET next_due_at = now() - interval '1 s' WHERE next_due_at IS NOT NULL"
    )


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


async def test_the_same_csv_accepted_twice_is_one_request_and_a_tombstone_wins(world: EngineWorld) -> None:
    request_id = await world.accept(products(2))
    await world.plan()
    await world.pool.execute("UPDATE requests SET deleted_at = now() WHERE id = $1", request_id)
    await world.accept(products(2), request_id=request_id)
    assert await world.pool.fetchval("SELECT count(*) FROM requests") == 1
    assert (await world.row(request_id))["deleted_at"] is not None
    assert not await world.dispatch()


async def test_planning_resumes_where_it_was_cut_off_and_no_row_is_planned_twice(
    world: EngineWorld, twin: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "CHUNK_IMAGES", 10)
    request_id = await world.accept(products(50, each=2))
    stream, cut = world.store.stream, itertools.count()

    async def breaks(key: str) -> AsyncIterator[bytes]:
        async for chunk in stream(key):
            for start in range(0, len(chunk), 1_000):
                if next(cut) % 7 == 6:
                    raise Away("store", "cut off")
                yield chunk[start : start + 1_000]

    monkeypatch.setattr(world.store, "stream", breaks)
    aways = 0
    while (await world.row(request_id))["planned_at"] is None:
        try:
            await world.plan()
        except Away:
            aways += 1
            # What a whole file would have needed is asked for again and again, and yet it goes on.
            monkeypatch.setattr(world.store, "stream", stream if aways > 3 else breaks)
    row = await world.row(request_id)
    assert aways > 0
    assert (row["planned_products"], row["planned_images"]) == (50, 100)
    assert [image["ordinal"] for image in await world.images(request_id)] == list(range(100))


async def test_two_planners_at_once_plan_each_row_once(world: EngineWorld, twin: EngineWorld) -> None:
    ids = [await world.accept(products(300)) for _ in range(4)]
    await asyncio.gather(world.plan(), twin.plan(), world.plan())
    for request_id in ids:
        assert len(await world.images(request_id)) == 300


async def test_the_smallest_request_is_planned_first(world: EngineWorld) -> None:
    large, small = await world.accept(products(30)), await world.accept(products(3))
    await world.step("planner (any)")
    assert (await world.row(small))["planned_at"] is not None
    assert (await world.row(large))["planned_at"] is None


async def test_a_source_that_is_gone_fails_the_request_and_it_completes(world: EngineWorld) -> None:
    request_id = await world.accept(products(3), with_rows=False)
    await world.plan()
    await world.end()
    row = await world.row(request_id)
    assert (row["state"], row["failure_code"], row["failed"]) == ("failed", "source_missing", 3)
    assert len(world.completions(request_id)) == 1
    assert row["output_csv_path"] in world.store.objects


@pytest.mark.parametrize(
    "damage",
    [
        b"not json\n",
        b'{"row":2,"serial_number":"1","name":"\\u0000","cells":[],"images":[]}\n',
        rows_file(rows_of([["https://a/1.jpg"], []])),  # a product more than was announced
        rows_file(rows_of([["https://a/1.jpg", "https://a/2.jpg"]])),  # an image more
    ],
    ids=range(4),
)
async def test_rows_that_cannot_be_planned_fail_their_request_alone(
    world: EngineWorld, damage: bytes
) -> None:
    """R09"""
    broken, fine = await world.accept(products(1)), await world.accept(products(2))
    world.store.objects[rows_key(broken)] = damage
    await world.plan()
    assert (await world.row(broken))["failure_code"] == "internal"
    assert (await world.row(fine))["planned_at"] is not None


async def test_a_request_without_images_completes(world: EngineWorld) -> None:
    request_id = await world.accept([])
    await world.plan()
    await world.end()
    assert (await world.row(request_id))["state"] == "completed"


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


async def test_two_planners_of_one_request_at_the_same_moment_are_harmless(world: EngineWorld) -> None:
    """As when the first one was cut off from Postgres without noticing."""
    request_id = await world.accept(products(3_000))
    planner = Planner(world.store, Wakes(), LargeRows())

    async def plan() -> None:
        async with connected(world.pool) as connection:
            await planner.plan(connection, request_id, asyncio.Event())

    await asyncio.gather(plan(), plan(), plan())
    assert len(await world.images(request_id)) == 3_000
    assert (await world.row(request_id))["failure_code"] is None


def planner_turns(world: EngineWorld, work: RequestWork) -> Turns:
    return Turns(
        pool=world.pool,
        leases=Leases(world.pool),
        set_aside=SetAside("plan"),
        find=SQL["find_unplanned"],
        work=work,
        max_images=10,
        last_tenant=LastTenant(),
    )


async def test_a_turn_that_somebody_has_is_nobody_elses(world: EngineWorld) -> None:
    await world.accept(products(1))
    begun, finish = asyncio.Event(), asyncio.Event()

    async def work(_: Connection, __: UUID, ___: asyncio.Event) -> None:
        begun.set()
        await finish.wait()

    turns = planner_turns(world, work)
    first = asyncio.create_task(turns.step(asyncio.Event()))
    async with asyncio.timeout(DEADLINE_SECONDS):
        await begun.wait()
        assert await turns.step(asyncio.Event()) is False
        finish.set()
        assert await first is True


async def test_a_request_that_fails_every_time_is_set_aside_for_the_others(world: EngineWorld) -> None:
    bad, good = await world.accept(products(1)), await world.accept(products(2))
    served: list[UUID] = []

    async def work(_: Connection, request_id: UUID, __: asyncio.Event) -> None:
        if request_id == bad:
            raise ValueError("a bug")
        served.append(request_id)

    turns = planner_turns(world, work)
    with pytest.raises(ValueError, match="a bug"):
        await turns.step(asyncio.Event())
    await turns.step(asyncio.Event())
    assert served == [good]


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
