"""Reads on a standby (POSTGRES_READ_DSN): each shows what was committed before it, whether the standby
follows, stands still, is away, or is none.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import asyncpg
import pytest
from structlog.testing import CapturingLogger

from services.status.postgres.bounded_reads import BoundedReads
from services.status.postgres.pool import Connection, open_pool
from services.status.postgres.standby_reads import REST_SECONDS, StandbyReads
from shared.observing import contact
from shared.observing.logs import Action
from shared.outcomes import Away
from tests.worlds.patience import DEADLINE_SECONDS, until
from tests.worlds.postgres.patient import patient_pool, patient_reads
from tests.worlds.postgres.standby import Pair, primary_and_standby
from tests.worlds.processes.freezing import freeze, thaw

T = TypeVar("T")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with primary_and_standby(Path(tmp_path_factory.mktemp("pair"))) as pair:
        yield pair


@dataclass(frozen=True, slots=True)
class Counted(BoundedReads):
    answered: list[None] = field(default_factory=list)

    async def run(self, read: Callable[[Connection], Awaitable[T]]) -> T:
        rows = await BoundedReads.run(self, read)
        self.answered.append(None)
        return rows


@dataclass(slots=True, kw_only=True)
class Counter:
    """A number in the primary, and what reading it shows."""

    pool: asyncpg.Pool
    reads: StandbyReads
    standby: Counted
    now: float = 0.0
    value: int = 0

    async def shows_what_was_written(self) -> bool:
        """Says whether it was the standby that showed it."""
        before = len(self.standby.answered)
        self.value += 1
        await self.pool.execute("UPDATE counter SET value = $1", self.value)
        ((shown,),) = await self.reads.fetch("SELECT value FROM counter")
        assert shown == self.value
        return len(self.standby.answered) > before


@asynccontextmanager
async def opened(primary: str, standby: str) -> AsyncIterator[Counter]:
    async with patient_pool(primary, largest=4) as pool, patient_pool(standby, largest=4) as standby_pool:
        await pool.execute("DROP TABLE IF EXISTS counter")
        await pool.execute("CREATE TABLE counter AS SELECT 0 AS value")
        counted = Counted(standby_pool, DEADLINE_SECONDS)
        reads = StandbyReads(patient_reads(pool), counted)
        yield Counter(pool=pool, reads=reads, standby=counted)


@pytest.fixture
async def counter(pair: Pair) -> AsyncIterator[Counter]:
    async with opened(pair.primary.dsn, pair.standby.dsn) as counter:
        await until(counter.shows_what_was_written)
        yield counter


async def test_the_standby_shows_each_write_to_whom_reads_after_it(counter: Counter) -> None:
    """R13: also when many write and read at once; what it is too late for the primary shows."""
    for _ in range(200):
        await counter.shows_what_was_written()
    await until(counter.shows_what_was_written)  # however late the standby of a busy machine is


async def test_a_standby_that_stands_still_is_not_asked_for_what_it_has_not_got(
    pair: Pair, counter: Counter
) -> None:
    """R13"""
    replaying = pair.replaying_process()
    freeze(replaying)
    try:
        assert not await counter.shows_what_was_written()
        assert not await counter.shows_what_was_written()
    finally:
        thaw(replaying)
    await until(counter.shows_what_was_written)


async def test_while_the_standby_is_away_the_primary_reads_and_it_is_said_once(
    pair: Pair, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R13: it is left alone for a while, then asked again."""
    now, said = 0.0, CapturingLogger()
    counter.reads.clock = lambda: now
    monkeypatch.setattr(contact, "log", said)
    await asyncio.to_thread(pair.running_standby.stop)
    try:
        for _ in range(3):
            assert not await counter.shows_what_was_written()
            now += REST_SECONDS
    finally:
        pair.running_standby.start()
        await asyncio.to_thread(pair.running_standby.wait_until_ready)
    assert [call.args for call in said.calls] == [(Action.DEPENDENCY_AWAY,)]
    counter.reads.clock = time.monotonic
    await until(counter.shows_what_was_written)
    assert [call.args for call in said.calls] == [(Action.DEPENDENCY_AWAY,), (Action.DEPENDENCY_BACK,)]


async def test_a_server_that_is_no_standby_shows_nothing_and_is_told_and_left_alone(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R13: as one that was made a primary. Each read waited 0.1 s for it, and no line said why."""
    said = CapturingLogger()
    monkeypatch.setattr(contact, "log", said)
    async with opened(pair.primary.dsn, pair.primary.dsn) as counter:
        counter.reads.clock = lambda: 0.0  # no read waits for anything
        assert not await counter.shows_what_was_written()
        assert not await counter.shows_what_was_written()
    ((told, away),) = [(call.args[0], call.kwargs) for call in said.calls]
    assert told == Action.DEPENDENCY_AWAY
    assert (away["dependency"], "no standby" in away["reason"]) == ("standby", True)


async def test_without_the_primary_nobody_knows_what_was_committed(pair: Pair, counter: Counter) -> None:
    """R13: a 503 rather than an old answer."""
    async with open_pool("postgresql://x:y@127.0.0.1:9/z") as nobody:
        reads = StandbyReads(BoundedReads(nobody), counter.standby)
        with pytest.raises(Away):
            await reads.fetch("SELECT value FROM counter")
