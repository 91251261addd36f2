"""A member of a consumer group on the broker in memory, in each of the forms in which one works."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from shared.consuming.containment import Containment
from shared.consuming.handling import Incoming, Outgoing
from shared.consuming.member.commits import COMMIT_EVERY_SECONDS
from shared.consuming.member.group_member import GroupMember
from shared.consuming.work import BatchWork, EachWork, TakenWork
from shared.contract.events import Event, Topic
from shared.observing.health import Health
from shared.testing.broker import FakeBroker, FakeBrokerProducer, FakePauseMemory, FakeSubscription
from shared.testing.fakes import FakeClock
from tests.worlds.patience import DEADLINE_SECONDS

GROUP, TOPIC = "group", Topic.IMAGE_REQUESTED
Form = Callable[[Containment], TakenWork]
Handle = Callable[[Sequence[Incoming[Event]]], Awaitable[Sequence[Outgoing]]]


def one_by_one(containment: Containment) -> TakenWork:
    return EachWork(containment, 8)


def in_batches(containment: Containment) -> TakenWork:
    return BatchWork(containment)


each_form = pytest.mark.parametrize("form", [one_by_one, in_batches], ids=["one by one", "in batches"])


@dataclass(kw_only=True)
class FakeMember:
    broker: FakeBroker
    clock: FakeClock
    health: Health
    work: TakenWork
    task: asyncio.Task[None]
    has_died: bool = False

    async def death(self) -> BaseExceptionGroup[BaseException]:
        """What it died of, once it has."""
        self.has_died = True
        with pytest.raises(BaseExceptionGroup) as died:
            await asyncio.wait_for(self.task, DEADLINE_SECONDS)
        return died.value


@asynccontextmanager
async def running_member(
    form: Form,
    handle: Handle,
    *,
    broker: FakeBroker | None = None,
    producer: FakeBrokerProducer | None = None,
    commit_every_seconds: float = COMMIT_EVERY_SECONDS,
) -> AsyncIterator[FakeMember]:
    """It must be alive at the end of the block, unless somebody has asked for its death."""
    broker, clock, health = broker or FakeBroker(partitions=1), FakeClock(), Health()
    producer = producer or FakeBrokerProducer(broker)
    producer.broker = broker
    containment = Containment(
        group=GROUP,
        handle_batch=handle,
        producer=producer,
        pause_memory=FakePauseMemory(broker, GROUP),
        health=health,
        clock=clock,
        sleep=lambda _: asyncio.sleep(0.001),
    )
    work = form(containment)
    member = GroupMember(
        membership=FakeSubscription(broker, GROUP, (TOPIC,)),
        work=work,
        containment=containment,
        health=health,
        drain_seconds=0.1,
        commit_every_seconds=commit_every_seconds,
    )
    stopping = asyncio.Event()
    task = asyncio.create_task(member.run(stopping))
    running = FakeMember(broker=broker, clock=clock, health=health, work=work, task=task)
    yield running
    stopping.set()
    if not running.has_died:
        await asyncio.wait_for(task, DEADLINE_SECONDS)
