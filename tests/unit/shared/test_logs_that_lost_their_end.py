"""A broker that lost its power: its logs are shorter than what was read of them, and it forgot commits."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from shared.consuming import group_member
from shared.consuming.broker import Partition
from shared.consuming.containment import Containment
from shared.consuming.group_member import COMMIT_AGAIN_SECONDS, GroupMember
from shared.consuming.handling import Incoming, Outgoing
from shared.consuming.work import BatchWork, EachWork, TakenWork
from shared.contract.events import Event, Topic
from shared.observing.health import Health
from shared.testing.broker import FakeBroker, FakeBrokerProducer, FakePauseMemory, FakeSubscription
from shared.testing.fakes import FakeClock
from tests.integration.consuming.worlds import request
from tests.worlds.patience import until

TOPIC = Topic.IMAGE_REQUESTED
PARTITION = Partition(TOPIC, 0)
FORMS: list[Callable[[Containment], TakenWork]] = [lambda it: EachWork(it, 8), BatchWork]
each_form = pytest.mark.parametrize("form", FORMS, ids=["one by one", "in batches"])


@dataclass
class Handler:
    """Holds everybody while it is not released."""

    released: asyncio.Event = field(default_factory=asyncio.Event)
    begun: list[int] = field(default_factory=list)
    done: list[int] = field(default_factory=list)

    async def handle(self, messages: Sequence[Incoming[Event]]) -> Sequence[Outgoing]:
        ordinals = [message.event.ordinal for message in messages]  # type: ignore[attr-defined]
        self.begun += ordinals
        await self.released.wait()
        self.done += ordinals
        return ()


@dataclass
class Running:
    broker: FakeBroker
    clock: FakeClock
    work: TakenWork
    task: asyncio.Task[None]

    async def send(self, *ordinals: int) -> None:
        now = datetime.now(UTC)
        await FakeBrokerProducer(self.broker).publish([Outgoing(request(n), now) for n in ordinals])

    def committed(self) -> int | None:
        return self.broker.committed.get(("group", PARTITION))


@asynccontextmanager
async def running(
    form: Callable[[Containment], TakenWork],
    handle: Callable[[Sequence[Incoming[Event]]], Awaitable[Sequence[Outgoing]]],
    broker: FakeBroker | None = None,
) -> AsyncIterator[Running]:
    broker, clock, health = broker or FakeBroker(partitions=1), FakeClock(), Health()
    containment = Containment(
        group="group",
        handle_batch=handle,
        producer=FakeBrokerProducer(broker),
        pause_memory=FakePauseMemory(broker, "group"),
        health=health,
        clock=clock,
    )
    work = form(containment)
    member = GroupMember(
        membership=FakeSubscription(broker, "group", (TOPIC,)),
        work=work,
        containment=containment,
        health=health,
        drain_seconds=0.1,
    )
    stopping = asyncio.Event()
    task = asyncio.create_task(member.run(stopping))
    yield Running(broker, clock, work, task)
    stopping.set()
    await asyncio.wait_for(task, 20)


@pytest.fixture(autouse=True)
def waits_for_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_member, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(group_member, "IDLE_POLL_SECONDS", 0.01)
    monkeypatch.setattr(group_member, "COMMIT_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(group_member, "RECONNECT_SECONDS", 0.01)


@each_form
async def test_what_stands_there_now_is_handled_though_others_that_stood_there_are_under_way(
    form: Callable[[Containment], TakenWork],
) -> None:
    """R29: the process died of it."""
    handler = Handler()
    async with running(form, handler.handle) as it:
        await it.send(1, 2, 3, 4, 5)
        await until(lambda: it.work.under_way() == 5 and handler.begun)
        del it.broker.logs[PARTITION][2:]
        await it.send(6)
        await until(lambda: it.committed() == 0)
        await it.send(7, 8, 9)
        handler.released.set()  # what is under way still ends, and nothing behind it is left out for that
        await until(lambda: it.committed() == 6)
        assert {1, 2, 6, 7, 8, 9} <= set(handler.done)
        assert not it.task.done()


@each_form
async def test_a_log_that_lost_its_end_is_read_again_where_nothing_is_under_way(
    form: Callable[[Containment], TakenWork],
) -> None:
    handler = Handler()
    handler.released.set()
    async with running(form, handler.handle) as it:
        await it.send(1, 2, 3, 4, 5)
        await until(lambda: it.committed() == 5)
        del it.broker.logs[PARTITION][2:]
        await it.send(6)
        await until(lambda: it.committed() == 3)
        assert 6 in handler.done


async def test_a_commit_that_the_broker_has_forgotten_is_made_again() -> None:
    """R29: what was read counted as work to do, and nothing that was lost was asked for again."""
    handler = Handler()
    handler.released.set()
    async with running(FORMS[0], handler.handle) as it:
        await it.send(1, 2, 3)
        await until(lambda: it.committed() == 3)
        it.broker.committed.clear()
        it.clock.now += COMMIT_AGAIN_SECONDS
        await until(lambda: it.committed() == 3)
        assert handler.done == [1, 2, 3]


async def test_a_commit_of_a_member_before_is_made_again_too() -> None:
    handler = Handler()
    handler.released.set()
    broker = FakeBroker(partitions=1)
    async with running(FORMS[0], handler.handle, broker) as it:
        await it.send(1, 2, 3)
        await until(lambda: it.committed() == 3)
    async with running(FORMS[0], handler.handle, broker) as it:
        await until(lambda: PARTITION in it.work.taken)
        it.broker.committed.clear()
        it.clock.now += COMMIT_AGAIN_SECONDS
        await until(lambda: it.committed() == 3)
        assert handler.done == [1, 2, 3]


async def test_a_message_under_way_is_not_committed_with_what_rests() -> None:
    handler, broker = Handler(), FakeBroker(partitions=2)
    async with running(FORMS[0], handler.handle, broker) as it:
        await it.send(1)
        await until(lambda: handler.begun == [1])
        it.clock.now += COMMIT_AGAIN_SECONDS
        await until(lambda: broker.committed)
        assert list(broker.committed.values()) == [0]  # of the other partition
        handler.released.set()
        await until(lambda: sorted(broker.committed.values()) == [0, 1])
