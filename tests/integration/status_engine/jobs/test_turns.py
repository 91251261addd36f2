"""Who has a request's turn, among several processes of which one is frozen, cut off or gone."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.status.cleanup.store_marks import OnlyTogether
from services.status.jobs import leases
from services.status.jobs.job import Job
from services.status.jobs.leases import Leases
from services.status.jobs.set_aside import SetAside
from services.status.jobs.turns import Turns
from services.status.postgres.pool import ENGINE_CONNECTIONS
from services.status.requests import changes
from shared.outcomes import Away
from tests.worlds.patience import DEADLINE_SECONDS, until
from tests.worlds.processes.child_process import running
from tests.worlds.processes.freezing import freeze, thaw
from tests.worlds.services.engine_events import done, failed
from tests.worlds.services.engine_world import EngineWorld, open_engine

LEASE_SESSIONS = """
SELECT DISTINCT pid FROM pg_locks JOIN pg_database d ON d.oid = database
WHERE locktype = 'advisory' AND datname = current_database()
"""


@pytest.fixture
async def other(database: str, world: EngineWorld) -> AsyncIterator[EngineWorld]:
    async with open_engine(database, store=world.store) as other:
        yield other


def completer(dsn: str) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
    command = (sys.executable, "-m", "tests.integration.status_engine.jobs.completer_process", dsn)
    return running(*command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)


async def line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(DEADLINE_SECONDS):
        return (await process.stdout.readline()).decode().strip()


async def test_a_frozen_completer_loses_its_turn_and_does_no_harm_when_it_comes_back(
    world: EngineWorld, database: str
) -> None:
    """R29: meanwhile another process ends the run, and the next one too."""
    request_id = await world.accept([["https://a/1.jpg", "https://a/2.jpg"]])
    await world.plan()
    first, second = await world.dispatch()
    await world.handle(done(first), failed(second))
    async with completer(database) as frozen:
        assert await line(frozen) == "writing"
        assert not await world.step("completer (any)")
        freeze(frozen.pid)
        try:
            await until(lambda: world.step("completer (any)"))
            await world.end()
            assert (await world.row(request_id))["state"] == "completed"
            await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=60)
            await world.handle(*map(done, await world.dispatch()))
        finally:
            thaw(frozen.pid)
        assert frozen.stdin is not None
        frozen.stdin.write(b"\n")
        assert json.loads(await line(frozen)) == []
    await world.end()
    row = await world.row(request_id)
    assert (row["state"], row["run"], row["done"]) == ("completed", 2, 2)
    assert len(world.completions(request_id)) == 2


async def test_a_turn_is_held_for_as_long_as_its_process_lives(
    world: EngineWorld, other: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert leases.SIGN_OF_LIFE_SECONDS < leases.LEASE_SECONDS / 2
    monkeypatch.setattr(leases, "LEASE_SECONDS", DEADLINE_SECONDS)  # also where we stand still ourselves
    monkeypatch.setattr(leases, "SIGN_OF_LIFE_SECONDS", 0.1)
    async with Leases(world.pool).first_free(["a"]) as held:
        assert held == "a"
        for _ in range(3):
            before = await _latest_sign_of_life(world)
            await until(partial(_shows_one_after, before, world))
        async with Leases(other.pool).first_free(["a", "b"]) as free:
            assert free == "b"
    async with Leases(other.pool).first_free(["a"]) as free:
        assert free == "a"


async def _shows_one_after(before: datetime, world: EngineWorld) -> bool:
    return await _latest_sign_of_life(world) > before


async def _latest_sign_of_life(world: EngineWorld) -> datetime:
    """Each gives the session its whole lease again."""
    shown: datetime | None = await world.pool.fetchval(
        f"SELECT query_start FROM pg_stat_activity WHERE pid = ({LEASE_SESSIONS})"
    )
    assert shown is not None, "it has lost its turn"
    return shown


async def test_one_process_has_a_turn_once_and_each_of_its_workers_another(world: EngineWorld) -> None:
    turns = Leases(world.pool)
    async with turns.first_free(["a", "b"]) as first, turns.first_free(["a", "b"]) as second:
        async with turns.first_free(["a", "b"]) as third:
            assert (first, second, third) == ("a", "b", None)
        assert len(await world.pool.fetch(LEASE_SESSIONS)) == 1
    assert await world.pool.fetch(LEASE_SESSIONS) == []


async def test_a_process_whose_session_was_ended_takes_turns_again(
    world: EngineWorld, other: EngineWorld
) -> None:
    turns = Leases(world.pool)
    async with turns.first_free(["a"]):
        await other.pool.execute(f"SELECT pg_terminate_backend(pid) FROM ({LEASE_SESSIONS}) AS s")
        await until(lambda: _takes(turns, "b"))
        assert not await _takes(turns, "a")  # its own work still goes on
        assert await _takes(Leases(other.pool), "a")
    assert await _takes(turns, "a")


async def _takes(turns: Leases, name: str) -> bool:
    try:
        async with turns.first_free([name]) as taken:
            return taken == name
    except Away:
        return False


async def test_work_that_fails_gives_its_turn_back(world: EngineWorld) -> None:
    turns = Leases(world.pool)
    with pytest.raises(asyncpg.DataError):
        async with turns.first_free(["a"]):
            raise asyncpg.DataError
    assert await _takes(turns, "a")


async def test_work_that_failed_since_it_was_found_is_not_done_again_at_once(world: EngineWorld) -> None:
    """R29: another worker of this process had the turn between the look and the lock."""
    request_id, set_aside, begun = uuid4(), SetAside("test"), []

    class Late(Leases):
        @asynccontextmanager
        async def first_free(self, names: Iterable[str]) -> AsyncIterator[str | None]:
            set_aside.failed(request_id)
            async with super().first_free(names) as name:
                yield name

    async def work(_: object, request_id: UUID, __: object) -> None:
        begun.append(request_id)

    find = f"SELECT '{request_id}'::uuid AS id WHERE '{request_id}'::uuid <> ALL ($1::uuid[]) AND $2::int > 0"
    turns = Turns(pool=world.pool, leases=Late(world.pool), set_aside=set_aside, find=find, work=work)
    assert await turns.step(asyncio.Event())
    assert not await turns.step(asyncio.Event())
    assert begun == []


async def test_what_holds_a_connection_for_long_leaves_one_to_everybody_else(world: EngineWorld) -> None:
    """All of these may be at work at once, with the session of their turns and the dispatcher."""
    holders = [job for job in world.engine.jobs if _holds_a_connection(job)]
    assert len(holders) > len({"planner", "completer", "repeats", "purge", "sweep"})
    assert len(holders) + 2 < ENGINE_CONNECTIONS


def _holds_a_connection(job: Job) -> bool:
    step = job.step.step if isinstance(job.step, OnlyTogether) else job.step
    return isinstance(getattr(step, "__self__", None), Turns)
