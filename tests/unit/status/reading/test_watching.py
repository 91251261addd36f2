"""One poller for all listeners: who is told what, and when they are let go."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from services.status.reading import watchers as watching
from services.status.reading.watchers import Snapshot, Watch, Watchers
from services.status.records.request import RequestRecord
from shared.contract.events import Priority, RequestState
from shared.outcomes import Away
from shared.waits import wait_for
from tests.worlds.patience import DEADLINE_SECONDS, until

FOR_EVER = 3_600.0


@dataclass
class Table:
    """What Postgres would answer; counts how often it is asked."""

    rows: dict[UUID, RequestRecord] = field(default_factory=dict)
    asked: list[list[UUID]] = field(default_factory=list)
    away: bool = False

    async def requests_by_id(self, request_ids: Sequence[UUID]) -> list[RequestRecord]:
        self.asked.append(list(request_ids))
        if self.away:
            raise Away("database", "the fake is away")
        return [self.rows[request_id] for request_id in request_ids if request_id in self.rows]


async def render(record: RequestRecord) -> Snapshot:
    return Snapshot(record, {}, str(record.done).encode())


def request(done: int = 0) -> RequestRecord:
    return RequestRecord(
        id=uuid4(),
        tenant="local",
        state=RequestState.PROCESSING,
        run=1,
        priority=Priority.NORMAL,
        filename="p.csv",
        created_at=datetime(2026, 11, 20, tzinfo=UTC),
        products=1,
        images=10,
        done=done,
    )


def snapshot(record: RequestRecord) -> Snapshot:
    return Snapshot(record, {}, b"first")


async def test_all_watched_requests_are_asked_for_at_once_and_rendered_once() -> None:
    table = Table()
    records = [request() for _ in range(3)]
    watchers = Watchers(table, render, asyncio.Event())
    with (
        watchers.watch(snapshot(records[0])) as one,
        watchers.watch(snapshot(records[0])) as same,
        watchers.watch(snapshot(records[1])) as other,
    ):
        for record in records:
            table.rows[record.id] = replace(record, done=1)
        await watchers._poll()
        assert one is same
        assert (one.latest.rendered, other.latest.rendered) == (b"1", b"1")
    assert [set(ids) for ids in table.asked] == [{records[0].id, records[1].id}]
    await watchers._poll()
    assert len(table.asked) == 1  # nobody listens, nobody is asked


async def test_a_listener_wakes_at_the_next_change_and_only_then() -> None:
    table, record = Table(), request()
    watchers = Watchers(table, render, asyncio.Event())
    with watchers.watch(snapshot(record)) as watch:
        seen = watch.latest
        table.rows[record.id] = record
        await watchers._poll()
        assert watch.latest is seen
        waiting = asyncio.create_task(watch.news(seen, 60))
        await asyncio.sleep(0)
        table.rows[record.id] = replace(record, done=2)
        await watchers._poll()
        async with asyncio.timeout(DEADLINE_SECONDS):
            await waiting
        assert watch.latest.record.done == 2


async def test_a_read_that_comes_late_never_turns_progress_back() -> None:
    table, record = Table(), request(done=5)
    watchers = Watchers(table, render, asyncio.Event())
    with watchers.watch(snapshot(record)) as watch:
        table.rows[record.id] = replace(record, done=4)
        await watchers._poll()
        assert watch.latest.record.done == 5
        with watchers.watch(snapshot(replace(record, done=3))):
            assert watch.latest.record.done == 5


async def test_a_read_that_comes_late_takes_back_no_cancellation() -> None:
    table, record = Table(), request(done=5)
    watchers = Watchers(table, render, asyncio.Event())
    with watchers.watch(snapshot(replace(record, cancelling=True))) as watch:
        table.rows[record.id] = record
        await watchers._poll()
        assert watch.latest.record.cancelling
        ended = replace(record, state=RequestState.CANCELLED, cancelled=5)
        table.rows[record.id] = ended
        await watchers._poll()
        assert watch.latest.record is ended


async def test_a_deleted_or_vanished_request_closes_its_watch() -> None:
    table = Table()
    deleted, vanished = request(), request()
    watchers = Watchers(table, render, asyncio.Event())
    with watchers.watch(snapshot(deleted)) as one, watchers.watch(snapshot(vanished)) as other:
        table.rows[deleted.id] = replace(deleted, deleted=True)
        await watchers._poll()
        assert one.closed
        assert other.closed


async def test_a_request_that_only_the_store_knows_is_waited_for() -> None:
    table, record = Table(), replace(request(), recorded=False)
    watchers = Watchers(table, render, asyncio.Event())
    with watchers.watch(snapshot(record)) as watch:
        await watchers._poll()
        assert not watch.closed
        table.rows[record.id] = replace(record, recorded=True, done=1)
        await watchers._poll()
        assert watch.latest.record.done == 1


async def test_a_database_that_is_away_is_waited_for_and_a_stop_lets_everybody_go() -> None:
    table, record, stopping = Table(away=True), request(), asyncio.Event()
    watchers = Watchers(table, render, asyncio.Event(), poll_seconds=0.001)
    with watchers.watch(snapshot(record)) as watch:
        running = asyncio.create_task(watchers.run(stopping))
        async with asyncio.timeout(DEADLINE_SECONDS):
            while len(table.asked) < 3:
                await asyncio.sleep(0)
        table.away = False
        table.rows[record.id] = replace(record, done=1)
        await watch.news(watch.latest, DEADLINE_SECONDS)
        assert watch.latest.record.done == 1
        stopping.set()
        await running
        assert watch.closed
    with watchers.watch(snapshot(record)) as late:
        assert late.closed


async def test_while_nobody_watches_nobody_is_asked_and_a_stop_ends_it_all_the_same() -> None:
    table, stopping = Table(), asyncio.Event()
    record = request()
    table.rows[record.id] = record
    watchers = Watchers(table, render, asyncio.Event(), poll_seconds=0)
    running = asyncio.create_task(watchers.run(stopping))
    for _ in range(2):
        await _turns(50)
        assert table.asked == []
        with watchers.watch(snapshot(record)):
            async with asyncio.timeout(DEADLINE_SECONDS):
                while not table.asked:
                    await asyncio.sleep(0)
        await _turns(50)
        table.asked.clear()
    stopping.set()
    async with asyncio.timeout(DEADLINE_SECONDS):
        await running


@asynccontextmanager
async def polling(watchers: Watchers) -> AsyncIterator[None]:
    """As in a process, from before the first listener until it stops."""
    stopping = asyncio.Event()
    running = asyncio.create_task(watchers.run(stopping))
    await _turns(50)
    yield
    stopping.set()
    async with asyncio.timeout(DEADLINE_SECONDS):
        await running


async def test_what_ends_is_read_as_soon_as_it_is_heard_of() -> None:
    table, record, ended = Table(), request(), asyncio.Event()
    watchers = Watchers(table, render, ended, poll_seconds=FOR_EVER)
    async with polling(watchers):
        with watchers.watch(snapshot(record)) as watch:
            await _turns(50)
            for done in (1, 2):
                table.rows[record.id] = replace(record, done=done)
                seen = watch.latest
                ended.set()
                async with asyncio.timeout(DEADLINE_SECONDS):
                    await watch.news(seen, FOR_EVER)
                assert watch.latest.record.done == done
            assert len(table.asked) == 2


async def test_what_ended_between_the_first_listeners_read_and_its_watch_is_read_at_once() -> None:
    table, record, ended = Table(), request(), asyncio.Event()
    watchers = Watchers(table, render, ended, poll_seconds=FOR_EVER)
    async with polling(watchers):
        read = snapshot(record)
        table.rows[record.id] = replace(record, done=1)
        ended.set()
        with watchers.watch(read) as watch:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await watch.news(read, FOR_EVER)
            assert watch.latest.record.done == 1


async def test_who_begins_to_watch_while_others_are_told_of_an_end_is_told_of_it_too() -> None:
    ended = asyncio.Event()
    others, newcomer = request(), request()
    joined, read = list[Watch](), snapshot(newcomer)
    with ExitStack() as watches:

        class BusyTable(Table):
            async def requests_by_id(self, request_ids: Sequence[UUID]) -> list[RequestRecord]:
                if not self.asked:
                    self.rows[newcomer.id] = replace(newcomer, done=1)
                    joined.append(watches.enter_context(watchers.watch(read)))
                return await super().requests_by_id(request_ids)

        watchers = Watchers(BusyTable({others.id: others}), render, ended, poll_seconds=FOR_EVER)
        async with polling(watchers):
            watches.enter_context(watchers.watch(snapshot(others)))
            await _turns(50)
            ended.set()
            await until(lambda: joined and joined[0].latest.record.done == 1)


@pytest.mark.parametrize("poll_seconds", [FOR_EVER, 0.02])
async def test_where_requests_end_all_the_time_a_poll_is_followed_by_a_rest(
    poll_seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of ten times as long, and never of more than the time between two polls."""
    ended = asyncio.Event()
    polls = list[tuple[float, float]]()  # from when to when
    waits = list[float]()  # how long at most

    async def noted_wait(event: asyncio.Event, seconds: float) -> None:
        waits.append(seconds)
        await wait_for(event, seconds)

    class SlowTable(Table):
        async def requests_by_id(self, request_ids: Sequence[UUID]) -> list[RequestRecord]:
            began = asyncio.get_running_loop().time()
            await asyncio.sleep(0.01)
            ended.set()
            polls.append((began, asyncio.get_running_loop().time()))
            return await super().requests_by_id(request_ids)

    monkeypatch.setattr(watching, "wait_for", noted_wait)
    record = request()
    watchers = Watchers(SlowTable({record.id: record}), render, ended, poll_seconds)
    async with polling(watchers):
        ended.set()
        with watchers.watch(snapshot(record)):
            await until(lambda: len(polls) >= 2)
    (began, over), (next_began, _) = polls[:2]
    _, rest = waits[:2]  # the first is the wait before the first poll
    assert next_began - over >= min(poll_seconds, 10 * (over - began))
    assert poll_seconds >= rest >= min(poll_seconds, 10 * (over - began))


async def _turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)
