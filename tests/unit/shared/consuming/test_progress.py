"""When a consumer is not alive, and when it only waits: a restart helps the first and harms the second."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from shared.consuming.broker import Consumer, Partition, Rebalance, Record
from shared.consuming.containment import Containment
from shared.consuming.handling import Incoming, Outgoing
from shared.consuming.member import group_member, watch
from shared.consuming.member.group_member import GroupMember
from shared.consuming.work import EachWork
from shared.contract.events import Event, Topic
from shared.observing.health import Health
from shared.outcomes import Away
from shared.testing.broker import FakeBroker, FakeBrokerProducer, FakeSubscription
from shared.testing.fakes import FakeClock

PARTITION = Partition(Topic.IMAGE_REQUESTED, 0)


@dataclass
class StillConsumer:
    """Polls without end and without a record."""

    waiting: int = 5  # messages that never come
    broker_away: bool = False
    wedged: bool = False
    cancels: int = 0  # looks at the lag that are cancelled from within
    starts: int = 0
    polls: int = field(default=0)

    async def start(self, listener: Rebalance) -> None:
        self.starts += 1
        await listener.assigned([PARTITION])

    async def poll(
        self, timeout_seconds: float, max_records: int, full: Collection[Partition] = ()
    ) -> Mapping[Partition, Sequence[Record]]:
        self.polls += 1
        await asyncio.sleep(3600 if self.wedged else 0)
        return {}

    def show_presence(self) -> None: ...

    async def commit(self, offsets: Mapping[Partition, int]) -> None: ...

    async def positions(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        return dict.fromkeys(partitions, 0)

    async def lag(self) -> int:
        if self.cancels:
            self.cancels -= 1
            raise asyncio.CancelledError
        if self.broker_away:
            raise Away("broker", "frozen")
        return self.waiting

    async def stop(self) -> None: ...


@dataclass(frozen=True)
class StillMembership(FakeSubscription):
    still: StillConsumer

    def consumer(self) -> Consumer:
        return self.still


async def handle(_: Sequence[Incoming[Event]]) -> Sequence[Outgoing]:
    return ()


@dataclass
class Running:
    consumer: StillConsumer
    clock: FakeClock
    health: Health
    containment: Containment

    async def pass_time(self, seconds: int) -> None:
        """Second by second, and the loop and its watch turn in each."""
        for _ in range(seconds):
            self.clock.now += 1
            for _ in range(20):
                await asyncio.sleep(0)
            await asyncio.sleep(0.002)


@asynccontextmanager
async def running(consumer: StillConsumer, slots: int = 4) -> AsyncIterator[Running]:
    broker, health, clock = FakeBroker(), Health(), FakeClock()
    membership = StillMembership(broker, "group", (Topic.IMAGE_REQUESTED,), consumer)
    containment = Containment(
        group="group",
        handle_batch=handle,
        producer=FakeBrokerProducer(broker),
        pause_memory=membership.pause_memory(),
        health=health,
        clock=clock,
    )
    stopping = asyncio.Event()
    work = EachWork(containment, slots)
    one = GroupMember(
        membership=membership,
        work=work,
        containment=containment,
        health=health,
        drain_seconds=0.1,
    )
    task = asyncio.create_task(one.run(stopping))
    try:
        yield Running(consumer, clock, health, containment)
    finally:
        stopping.set()
        consumer.wedged = False
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of real time; the clock here must not run meanwhile."""
    monkeypatch.setattr("shared.waits.BEAT_SECONDS", 0.001)
    monkeypatch.setattr(watch, "LAG_CHECK_SECONDS", 0.001)
    monkeypatch.setattr(group_member, "POLL_SECONDS", 0.001)


async def test_lag_and_free_slots_and_no_record_first_mean_a_new_connection_and_after_a_minute_the_end() -> (
    None
):
    async with running(StillConsumer()) as it:
        await it.pass_time(55)
        assert it.health.stalls() == {}
        assert it.consumer.starts > 1
        await it.pass_time(20)
        assert "there is lag and nothing has come" in it.health.stalls()["group"]


@pytest.mark.parametrize("consumer", [StillConsumer(waiting=0), StillConsumer(broker_away=True)])
async def test_without_lag_or_without_a_broker_it_stays_alive(consumer: StillConsumer) -> None:
    async with running(consumer) as it:
        await it.pass_time(200)
        assert it.health.stalls() == {}
        assert bool(it.health.reasons()) == consumer.broker_away


async def test_without_a_free_slot_it_stays_alive() -> None:
    async with running(StillConsumer(), slots=0) as it:
        await it.pass_time(200)
        assert it.health.stalls() == {}


async def test_a_paused_group_stays_alive() -> None:
    async with running(StillConsumer()) as it:
        await it.pass_time(1)
        it.containment.pause.gate.clear()
        await it.pass_time(200)
        assert it.health.stalls() == {}


async def test_a_poll_that_never_returns_is_not_alive_after_a_minute() -> None:
    async with running(StillConsumer(wedged=True)) as it:
        await it.pass_time(55)
        assert it.health.stalls() == {}
        await it.pass_time(10)
        assert "the poll loop has not turned" in it.health.stalls()["group"]


async def test_a_watch_that_the_library_cancels_means_a_new_connection_and_no_end() -> None:
    """R29: the cancellation of a client that was given up once went on into the whole service."""
    async with running(StillConsumer(waiting=0, cancels=1)) as it:
        await it.pass_time(5)
        assert it.consumer.starts == 2
        polls = it.consumer.polls
        await it.pass_time(5)
        assert it.consumer.polls > polls
