"""The engine while Postgres is away in its many ways: nothing is lost, nothing is done twice, and it goes on
by itself. A message whose handler raises `Away` keeps its offset; the runner's tests show that.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import UUID

import asyncpg
import pytest

from deploy.local.testing import RunningServer
from services.status.postgres.pool import transaction
from services.status.requests import changes
from services.status.requests.changes import Verdict
from shared.contract.events import ImageDone, ImageRequested
from shared.outcomes import Away
from tests.worlds.patience import DEADLINE_SECONDS, until
from tests.worlds.postgres.databases import new_database
from tests.worlds.services.engine_events import done, failed
from tests.worlds.services.engine_world import EngineWorld, empty, open_engine

IMAGES = 200

Trouble = Callable[[], AbstractAsyncContextManager[None]]


@pytest.fixture(scope="module")
def database(breakable_postgres: tuple[str, RunningServer]) -> str:
    return new_database(breakable_postgres[0])


@pytest.fixture
async def world(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EngineWorld]:
    monkeypatch.setattr("services.status.postgres.pool.LOCK_SECONDS", 0.5)
    async with open_engine(database) as world:
        await empty(world.pool)
        yield world


@pytest.fixture
def killed(breakable_postgres: tuple[str, RunningServer]) -> Trouble:
    """Postgres is ended without a word to its sessions, as by `pg_ctl restart -m immediate`."""

    @asynccontextmanager
    async def trouble() -> AsyncIterator[None]:
        running = breakable_postgres[1]
        running.child.send(signal.SIGQUIT)
        await asyncio.to_thread(running.stop)
        try:
            yield
        finally:
            running.start()
            await asyncio.to_thread(running.wait_until_ready)

    return trouble


def altered(server: str, database: str, wrong: str, right: str) -> Trouble:
    """The database as an accident or an operator made it, for all sessions, the open ones too. Who puts it
    right ends none: those that began meanwhile keep what they began with.
    """
    name = database.rpartition("/")[2]

    async def execute(statement: str, *arguments: str) -> None:
        connection = await asyncpg.connect(server)
        await connection.execute(statement, *arguments)
        await connection.close()

    @asynccontextmanager
    async def trouble() -> AsyncIterator[None]:
        await execute(f"ALTER DATABASE {name} {wrong}")
        await execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        try:
            yield
        finally:
            await execute(f"ALTER DATABASE {name} {right}")

    return trouble


@pytest.fixture
def used_up(breakable_postgres: tuple[str, RunningServer], database: str) -> Trouble:
    return altered(breakable_postgres[0], database, "CONNECTION LIMIT 0", "CONNECTION LIMIT -1")


@pytest.fixture
def read_only(breakable_postgres: tuple[str, RunningServer], database: str) -> Trouble:
    """As a standby is, in the middle of a failover; and a database whose provider found its disk full."""
    setting = "default_transaction_read_only"
    return altered(breakable_postgres[0], database, f"SET {setting} = on", f"RESET {setting}")


@pytest.fixture
def of_another_version(database: str) -> Trouble:
    """A new version that begins beside the step that brings the tables to it, as in a cluster."""

    async def rename(former: str, name: str) -> None:
        connection = await asyncpg.connect(database)
        await connection.execute(f"ALTER TABLE images RENAME COLUMN {former} TO {name}")
        await connection.close()

    @asynccontextmanager
    async def trouble() -> AsyncIterator[None]:
        await rename("take_by", "taken_by")
        try:
            yield
        finally:
            await rename("taken_by", "take_by")

    return trouble


@pytest.mark.parametrize("way", ["killed", "used_up", "read_only", "of_another_version"])
async def test_nothing_is_lost_and_it_goes_on_by_itself(
    world: EngineWorld, way: str, request: pytest.FixtureRequest
) -> None:
    """R18"""
    trouble: Trouble = request.getfixturevalue(way)
    request_id = await world.accept([[f"https://a/{number}.jpg"] for number in range(IMAGES)])
    async with world.running():
        answering = asyncio.create_task(_answer_all(world))
        await until(lambda: len(world.producer.events(ImageRequested)) > 20)
        async with trouble():
            with pytest.raises(Away):
                await world.handle(*map(_answer, world.producer.events(ImageRequested)[:1]))
            await until(lambda: "dispatcher" in world.health.reasons())
        row = await world.until_ended(request_id)
        await until(lambda: not world.health.reasons())
        await until(lambda: world.completions(request_id))
        answering.cancel()
    assert (row["done"], row["failed"], row["in_flight"]) == (IMAGES * 9 // 10, IMAGES // 10, 0)
    assert len({message.value for message in world.completions(request_id)}) == 1


async def test_a_session_that_began_while_nothing_could_be_written_is_no_session_of_later(
    world: EngineWorld, read_only: Trouble
) -> None:
    """R18"""
    async with read_only():
        while "read-only" not in await _refusal(world):
            await asyncio.sleep(0)
    assert await _refusal(world) == ""


async def _refusal(world: EngineWorld) -> str:
    """Why nothing is written; empty where something is."""
    try:
        async with transaction(world.pool) as connection:
            await connection.execute("UPDATE requests SET id = id")
    except Away as away:
        return str(away)
    return ""


async def test_a_row_that_somebody_holds_delays_its_own_request_and_no_other(world: EngineWorld) -> None:
    """R18"""
    held, free = await _planned(world), await _planned(world)
    asked = await world.dispatch()
    of_held = [each for each in asked if each.request_id == held]
    async with _held(world, held):
        with pytest.raises(Away):
            await world.handle(*map(done, of_held))
        assert await changes.cancel(world.pool, "local", free) is Verdict.ACCEPTED
        await world.end()
        assert (await world.row(free))["state"] == "cancelled"
    await world.handle(*map(done, of_held))
    assert (await world.row(held))["done"] == len(of_held)


async def test_a_broker_that_hangs_in_mid_dispatch_holds_no_row(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R05: cancel and status of the same request answer at once."""
    request_id = await _planned(world)
    publishing, answered = asyncio.Event(), asyncio.Event()

    async def hang(_: object) -> None:
        publishing.set()
        await answered.wait()
        raise Away("broker", "no acknowledgement")

    monkeypatch.setattr(world.producer, "publish", hang)
    dispatching = asyncio.create_task(world.step("dispatcher"))
    await asyncio.wait_for(publishing.wait(), DEADLINE_SECONDS)
    assert await changes.cancel(world.pool, "local", request_id) is Verdict.ACCEPTED
    assert (await world.row(request_id))["cancel_requested_at"] is not None
    answered.set()
    with pytest.raises(Away):
        await dispatching


async def _planned(world: EngineWorld) -> UUID:
    request_id = await world.accept([[f"https://a/{number}.jpg"] for number in range(4)])
    await world.plan()
    return request_id


@asynccontextmanager
async def _held(world: EngineWorld, request_id: UUID) -> AsyncIterator[None]:
    async with world.pool.acquire() as holder, holder.transaction():
        await holder.execute("SELECT 1 FROM requests WHERE id = $1 FOR UPDATE", request_id)
        yield


def _answer(request: ImageRequested) -> ImageDone:
    return failed(request) if request.ordinal % 10 == 3 else done(request)


async def _answer_all(world: EngineWorld) -> None:
    """What the runner does with each batch: again and again, until it is taken."""
    position = 0
    while True:
        new = world.producer.events(ImageRequested)[position:]
        try:
            if new:
                await world.handle(*map(_answer, new))
        except Away:
            await asyncio.sleep(0.05)
            continue
        position += len(new)
        await asyncio.sleep(0.01)
