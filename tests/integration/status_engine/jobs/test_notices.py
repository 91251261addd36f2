"""What one status process has for others to do is heard by them at once; one that hears nothing looks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from services.status.jobs.job import Job, Signal
from services.status.jobs.notices import Notices
from services.status.jobs.runner import JobRunner
from services.status.jobs.wakes import Wakes, Work
from services.status.postgres.listening import open_listening
from shared.observing.health import Health
from tests.worlds.patience import DEADLINE_SECONDS, until
from tests.worlds.services.engine_events import done
from tests.worlds.services.engine_world import EngineWorld

FOR_EVER = 3_600.0
END_LISTENERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND query LIKE '%pg_notify%' AND pid <> pg_backend_pid()
"""


class Counted(Signal):
    calls = 0

    def set(self) -> None:
        self.calls += 1
        super().set()


def some_wakes() -> Wakes:
    return Wakes(planners=(Counted(),), completers=(Signal(),))


@asynccontextmanager
async def exchanging(database: str, wakes: Wakes) -> AsyncIterator[None]:
    """As in a process: its job runs, and is called by what there is to tell."""
    stopping = asyncio.Event()
    async with open_listening(database) as listening, asyncio.TaskGroup() as tasks:
        notices = Notices(wakes, listening)
        job = Job(name="notices", step=notices.step, signal=wakes.news, poll_seconds=FOR_EVER)
        tasks.create_task(JobRunner(job, Health(), DEADLINE_SECONDS)(stopping))
        await until(lambda: wakes.are_heard)
        try:
            yield
        finally:
            stopping.set()


async def is_called(signal: Signal) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        await signal.wait(FOR_EVER)
    signal.clear()


async def test_a_call_in_one_process_calls_the_other_and_not_itself_once_more(database: str) -> None:
    ours, theirs = some_wakes(), some_wakes()
    async with exchanging(database, ours), exchanging(database, theirs):
        for signal in (*ours.planners, *theirs.planners, ours.deliveries, theirs.deliveries):
            await is_called(signal)  # by its start, after which nobody knows what was missed
        (planner,) = ours.planners
        assert isinstance(planner, Counted)
        before = planner.calls
        ours.call(Work.PLAN)
        await is_called(theirs.planners[0])
        theirs.call(Work.DELIVER)
        await is_called(ours.deliveries)  # its own notice came before this one
        assert planner.calls == before + 1


async def test_a_connection_that_ends_is_made_anew_and_everybody_looks(
    database: str, world: EngineWorld
) -> None:
    wakes = some_wakes()
    async with exchanging(database, wakes):
        await is_called(wakes.planners[0])
        await world.pool.execute(END_LISTENERS)
        await is_called(wakes.planners[0])
        await until(lambda: wakes.are_heard)


async def test_a_delivery_calls_for_the_scheduler_when_it_is_due(world: EngineWorld) -> None:
    request_id = await ended(world)
    deliveries = world.engine.wakes.deliveries
    await until(lambda: is_not_due_yet(world, deliveries))
    await is_called(deliveries)
    await until(lambda: has_asked_for(world, request_id))


async def is_not_due_yet(world: EngineWorld, deliveries: Signal) -> bool:
    """The scheduler finds it a moment before its time; on a machine that took longer, the next one."""
    await world.pool.execute("UPDATE deliveries SET due_at = now() + interval '0.2 s', claimed_at = NULL")
    deliveries.clear()
    return not await world.step("deliveries")


async def has_asked_for(world: EngineWorld, request_id: UUID) -> bool:
    await world.step("deliveries")
    return any(message.event.key() == str(request_id) for message in world.producer.published)


async def ended(world: EngineWorld) -> UUID:
    request_id = await world.accept([["https://shop.example/a.jpg"]])
    await world.plan()
    await world.handle(*map(done, await world.dispatch()))
    await world.end()
    return request_id
