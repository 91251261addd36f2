"""What one tenant's requests cost another's, counted in turns and in images asked for, not in seconds."""

import asyncio
from collections import Counter
from uuid import UUID

import pytest

from services.status.images import rules, window
from services.status.images.hosts import host_places
from services.status.images.hosts.host_places import PLACES
from services.status.images.window import FLOOR_IMAGES, REQUEST_FLOOR_IMAGES, TAKE_BY_SECONDS
from services.status.postgres.statements import SQL
from shared.contract.events import ImageRequested, StageTimes
from tests.integration.status_engine.asking import products
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.services.engine_events import done, failed
from tests.worlds.services.engine_world import EngineWorld


async def steps_until(world: EngineWorld, jobs: list[str], ended: str) -> int:
    """How many steps these jobs take, in turn, until the query is true."""
    for steps in range(100):
        if await world.pool.fetchval(ended):
            return steps
        await world.step(jobs[steps % len(jobs)])
    raise AssertionError(ended)


@pytest.mark.parametrize(("crowd", "single"), [("a", "b"), ("b", "a")])
async def test_a_crowd_of_small_requests_does_not_hold_up_another_tenants_planning(
    world: EngineWorld, crowd: str, single: str
) -> None:
    """R18"""
    for _ in range(50):
        await world.accept(products(1), tenant=crowd)
    await world.step("planner (small)")
    await world.accept(products(10), tenant=single)
    jobs = ["planner (small)", "planner (medium)", "planner (any)"]
    planned = f"SELECT planned_at IS NOT NULL FROM requests WHERE tenant = '{single}'"
    assert await steps_until(world, jobs, planned) <= 2


@pytest.mark.parametrize(("crowd", "single"), [("a", "b"), ("b", "a")])
async def test_a_crowd_of_small_requests_does_not_hold_up_another_tenants_end(
    world: EngineWorld, crowd: str, single: str
) -> None:
    """R18"""
    for _ in range(50):
        await world.accept(products(1), tenant=crowd)
    await world.accept(products(10), tenant=single)
    await world.plan()
    await world.pool.execute("UPDATE requests SET done = images")
    await world.step("completer (small)")
    jobs = ["completer (small)", "completer (medium)", "completer (any)"]
    completed = f"SELECT completed_at IS NOT NULL FROM requests WHERE tenant = '{single}'"
    assert await steps_until(world, jobs, completed) <= 2


async def test_within_a_tenant_the_smallest_request_is_planned_first(world: EngineWorld) -> None:
    for count in (9, 3, 6):
        await world.accept(products(count))
    while await world.step("planner (any)"):
        pass
    order = await world.pool.fetch("SELECT images FROM requests ORDER BY planned_at")
    assert [row["images"] for row in order] == [3, 6, 9]


async def test_a_tenant_who_wants_little_is_served_before_one_with_many_requests(world: EngineWorld) -> None:
    """R18"""
    for _ in range(30):
        await world.accept(products(20), tenant="crowd")
    single = await world.accept(products(60), tenant="single")
    await world.plan()
    await world.step("intake")  # counts what each tenant has left
    asked = Counter(each.request_id == single for each in await world.dispatch())
    assert asked == {True: REQUEST_FLOOR_IMAGES, False: FLOOR_IMAGES - REQUEST_FLOOR_IMAGES}


async def answer_the_good(world: EngineWorld, asked: list[ImageRequested]) -> None:
    if good := [done(each) for each in asked if "good" in each.url]:
        await world.handle(*good)


async def seconds_pass(world: EngineWorld, seconds: float) -> None:
    """For the images that are out."""
    await world.pool.execute(
        "UPDATE images SET take_by = take_by - make_interval(secs => $1) WHERE state = 'requested'", seconds
    )


@pytest.fixture
def hanging_seconds(monkeypatch: pytest.MonkeyPatch) -> float:
    """After which an image hangs: so many that on a busy machine none does by itself."""
    for module in (window, host_places):
        monkeypatch.setattr(module, "OVERDUE_LEAST_SECONDS", TAKE_BY_SECONDS / 2)
    return TAKE_BY_SECONDS / 2 + 1


@pytest.fixture
def long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for its host, or failed, waits for longer than any test lasts: nothing is due by itself."""
    monkeypatch.setattr(host_places, "SHORTEST_SECONDS", TAKE_BY_SECONDS)
    monkeypatch.setattr(host_places, "LONGEST_SECONDS", TAKE_BY_SECONDS)
    monkeypatch.setattr(rules, "BACKOFF_SECONDS", (TAKE_BY_SECONDS, TAKE_BY_SECONDS))


def beside_dead_ones(images: int, dead_hosts: int) -> list[list[str]]:
    """Good and dead ones in turn."""
    return [
        [f"https://{host}/{number}.jpg"]
        for number in range(images)
        for host in (f"dead{number % dead_hosts}", "good")
    ]


@pytest.mark.parametrize("dead_hosts", [1, 20, 50])
async def test_images_of_silent_hosts_do_not_hold_the_good_ones_of_their_csv(
    world: EngineWorld, dead_hosts: int, hanging_seconds: float
) -> None:
    """R09: however many they are, and they all have their turn."""
    request_id = await world.accept(beside_dead_ones(300, dead_hosts))
    await world.plan()
    for _ in range(30):
        await answer_the_good(world, await world.dispatch())
        await seconds_pass(world, hanging_seconds)
    row = await world.row(request_id)
    assert row["done"] == 300
    assert 0 < row["in_flight"] <= PLACES
    assert await end_with(world, request_id, code="timed_out") == {("done", 1): 300, ("failed", 3): 300}


async def end_with(world: EngineWorld, request_id: UUID, code: str) -> Counter[tuple[str, int]]:
    """Fails whatever is asked for, without any wait, until the request has ended: its images by state and
    attempts.
    """
    asked = world.producer.events(ImageRequested)
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not (await world.row(request_id))["ending"]:
            await world.handle(*(failed(each, code, retryable=True) for each in asked))
            await world.pool.execute("UPDATE images SET due_at = now() WHERE due_at IS NOT NULL")
            await world.pool.execute("UPDATE requests SET next_due_at = now()")
            asked = await world.dispatch() or asked
    return Counter((image["state"], image["attempt"]) for image in await world.images(request_id))


@pytest.mark.usefixtures("long_waits")
async def test_an_image_that_waits_for_its_host_has_not_been_tried_and_comes_when_the_host_answers(
    world: EngineWorld,
) -> None:
    """R18: no attempt, no failure, and what its last failure was is still told."""
    request_id = await world.accept([[f"https://dead/{number}"] for number in range(200)])
    await world.plan()
    (first, *_) = asked = await world.dispatch()
    await world.handle(failed(first, "timed_out", retryable=True))
    await world.pool.execute("UPDATE images SET due_at = now() WHERE due_at IS NOT NULL")
    await world.pool.execute("UPDATE requests SET next_due_at = now()")
    await seconds_pass(world, 2.0)
    asked += await world.dispatch()
    waiting = await world.pool.fetch("SELECT * FROM images WHERE state = 'planned' AND due_at > now()")
    assert waiting
    assert {row["attempt"] - row["failures"] for row in waiting} == {0}
    assert (await world.row(request_id))["next_due_at"] == min(row["due_at"] for row in waiting)
    retried = [each for each in await world.images(request_id) if each["ordinal"] == first.ordinal]
    assert [(each["attempt"], each["state"]) for each in retried] in ([(1, "planned")], [(2, "requested")])
    if retried[0]["state"] == "planned":
        assert retried[0]["last_code"] == "timed_out"
    await world.handle(*map(done, asked[1:]))
    async with asyncio.timeout(DEADLINE_SECONDS), world.running(done):
        await world.until_ended(request_id)
    assert (await world.row(request_id))["done"] == 200


@pytest.mark.usefixtures("long_waits")
async def test_what_was_set_aside_for_a_host_is_asked_for_as_soon_as_it_answers(
    world: EngineWorld, hanging_seconds: float
) -> None:
    """R09: not each at its time, which of many is far away; but what it failed with before keeps its time."""
    request_id = await world.accept([[f"https://slow/{number}"] for number in range(500)])
    await world.plan()
    first, *others = await world.dispatch()
    await world.handle(failed(first, "timed_out", retryable=True))
    await seconds_pass(world, hanging_seconds)
    others += await world.dispatch()  # what is out hangs, and the rest finds no place
    assert await world.pool.fetchval("SELECT count(*) FROM images WHERE due_at > now()") == 500 - len(others)
    while others:
        await world.handle(*map(done, others))
        others = await world.dispatch()
    (retried,) = [each for each in await world.images(request_id) if each["ordinal"] == first.ordinal]
    assert (retried["state"], retried["attempt"]) == ("planned", 1)
    assert (await world.row(request_id))["done"] == 499


async def test_a_host_that_stops_answering_falls_back_to_few_places(world: EngineWorld) -> None:
    """R09"""
    await world.accept(products(5_000))
    await world.plan()
    for _ in range(2):
        await world.handle(*map(done, await world.dispatch()))
    hanging = await world.dispatch()
    assert PLACES < len(hanging) < 2_000
    await seconds_pass(world, 2.0)
    await world.dispatch()
    await world.handle(*(failed(each, "timed_out", retryable=True) for each in hanging))
    await world.dispatch()
    assert 0 < await world.pool.fetchval("SELECT in_flight FROM requests") <= PLACES


async def test_what_hangs_fills_no_more_than_part_of_a_processor(world: EngineWorld) -> None:
    """R09"""
    for tenant in "abc":
        await world.accept([[f"https://{tenant}/{number}"] for number in range(200)], tenant=tenant)
    await world.plan()
    for _ in range(20):
        await world.dispatch()
        await seconds_pass(world, 2.0)
    assert FLOOR_IMAGES < await world.pool.fetchval("SELECT sum(in_flight) FROM requests") <= PLACES


async def test_images_that_wait_in_a_long_queue_do_not_hang(world: EngineWorld) -> None:
    """Asking for still more would only make the queue longer."""
    await world.accept(products(1_000))
    await world.plan()
    asked = await world.dispatch()
    await seconds_pass(world, 5.0)
    await world.handle(*map(done, asked))
    await world.dispatch()
    in_flight = "SELECT in_flight FROM requests"
    before = await world.pool.fetchval(in_flight)
    await seconds_pass(world, 10.0)
    await world.dispatch()
    assert await world.pool.fetchval(in_flight) == before


async def test_the_wait_for_a_decoder_makes_no_room_for_more(world: EngineWorld) -> None:
    """R18: work that waited only because there was so much of it."""
    await world.accept(products(1))
    await world.plan()
    (asked,) = await world.dispatch()
    await world.handle(done(asked, times=StageTimes(queue_ms=4_750, codec_ms=200, total_ms=5_000)))
    assert await world.pool.fetchval("SELECT sum(work_seconds) FROM answers") == 0.25


async def test_a_pass_looks_at_few_of_many_that_wait_and_at_every_tenant(world: EngineWorld) -> None:
    for _ in range(40):
        await world.accept(products(2), tenant="crowd")
    single = await world.accept(products(2), tenant="single")
    await world.plan()
    rows = await world.pool.fetch(SQL["find_candidates"], 10, 0.0, [])
    assert len(rows) == 10
    assert single in {row["id"] for row in rows}
    await world.pool.execute("UPDATE requests SET in_flight = 5, next_ordinal = 1 WHERE tenant = 'single'")
    rows = await world.pool.fetch(SQL["find_candidates"], 10, 0.0, [])
    assert (len(rows), sum(row["in_flight"] for row in rows)) == (11, 5)


async def test_of_a_tenants_many_requests_each_is_looked_at_in_turn(world: EngineWorld) -> None:
    for _ in range(12):
        await world.accept(products(2))
    await world.plan()
    seen = set()
    for _ in range(4):
        found = [row["id"] for row in await world.pool.fetch(SQL["find_candidates"], 3, 0.0, [])]
        seen.update(found)
        await world.pool.execute("UPDATE requests SET next_ordinal = 1 WHERE id = ANY ($1)", found)
    assert len(seen) == 12
