"""Planning on a real Postgres: each row once, whoever else plans, and what becomes of what cannot be."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from services.status.jobs.leases import Leases
from services.status.jobs.set_aside import SetAside
from services.status.jobs.turns import LastTenant, RequestWork, Turns
from services.status.jobs.wakes import Wakes
from services.status.postgres.pool import Connection, connected
from services.status.postgres.statements import SQL
from services.status.records import rows
from services.status.records.large_rows import LargeRows
from services.status.requests.planner import Planner
from shared.contract.keys import rows_key
from shared.outcomes import Away
from shared.testing.request_rows import rows_file, rows_of
from tests.integration.status_engine.asking import products
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.services.engine_world import EngineWorld


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
