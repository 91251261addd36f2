"""R29: what somebody left who has died, and told nobody of, is found by one look for all jobs."""

import asyncio

from services.status.jobs.left_behind import LeftBehind
from services.status.jobs.wakes import Wakes, Work
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.services.engine_events import done
from tests.worlds.services.engine_world import EngineWorld


class Heard(Wakes):
    """Which work was called for."""

    def __init__(self) -> None:
        super().__init__()
        self.works: set[Work] = set()

    def called(self, works: object) -> None:
        assert isinstance(works, set)
        self.works = works


async def left(world: EngineWorld, *, leads_dispatch: bool = False) -> set[Work]:
    wakes = Heard()
    await LeftBehind(world.pool, wakes, lambda: leads_dispatch).step(None)  # type: ignore[arg-type]
    return wakes.works


async def test_each_step_of_a_request_is_found_by_whoever_died_before_it(world: EngineWorld) -> None:
    assert await left(world) == set()
    request_id = await world.accept([["https://shop.example/a.jpg"]])
    assert await left(world) == {Work.PLAN}
    await world.plan()
    assert await left(world) == {Work.DISPATCH}
    requested = await world.dispatch()
    assert await left(world) == {Work.DISPATCH}  # one who leads may have died
    assert await left(world, leads_dispatch=True) == set()
    await world.handle(*map(done, requested))
    assert await left(world) == {Work.COMPLETE}
    await world.step("completer (any)")
    assert await left(world) >= {Work.ANNOUNCE}
    await world.step("announcer")
    assert await left(world) <= {Work.DELIVER}
    await world.pool.execute("UPDATE deliveries SET due_at = now() + interval '4 s', claimed_at = NULL")
    assert await left(world) == {Work.DELIVER}  # it waits for its time by itself from now on
    await world.pool.execute("UPDATE deliveries SET due_at = now() + interval '1 h'")
    assert await left(world) == set()
    assert (await world.row(request_id))["completed_at"] is not None
    await world.pool.execute("UPDATE requests SET deleted_at = now()")
    assert await left(world) == {Work.PURGE}
    await world.step("purge")
    assert await left(world) == set()


async def test_who_dispatched_before_finds_what_is_left_to_dispatch_as_all_others_do(
    world: EngineWorld,
) -> None:
    await world.accept([["https://shop.example/a.jpg"]])
    await world.plan()
    assert await world.dispatch()
    dispatcher = world.engine.wakes.dispatcher
    dispatcher.clear()
    await world.step("left behind")
    async with asyncio.timeout(DEADLINE_SECONDS):
        await dispatcher.rest(None)


async def test_repeats_that_nobody_ended_are_found(world: EngineWorld) -> None:
    await world.accept([["https://shop.example/a.jpg"]])
    await world.plan()
    await world.pool.execute("UPDATE requests SET repeats_left = true")
    assert Work.REPEATS in await left(world)


async def test_a_batch_that_nobody_published_calls_for_the_dispatcher(world: EngineWorld) -> None:
    empty = "INSERT INTO batches (request_ids, ordinals, attempts) VALUES ('{}', '{}', '{}')"
    await world.pool.execute(empty)
    assert await left(world) == {Work.DISPATCH}
