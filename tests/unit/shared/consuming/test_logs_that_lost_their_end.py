"""A broker that lost its power: its logs are shorter than what was read of them, and it forgot commits."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from shared.consuming.broker import Partition
from shared.consuming.handling import Incoming, Outgoing
from shared.consuming.member import group_member
from shared.consuming.member.commits import COMMIT_AGAIN_SECONDS
from shared.contract.events import Event
from shared.testing.broker import FakeBroker, FakeBrokerProducer
from tests.integration.consuming.worlds import request
from tests.worlds.patience import until
from tests.worlds.services.fake_member import GROUP, TOPIC, Form, each_form, one_by_one, running_member

PARTITION = Partition(TOPIC, 0)


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


async def send(broker: FakeBroker, *ordinals: int) -> None:
    now = datetime.now(UTC)
    await FakeBrokerProducer(broker).publish([Outgoing(request(n), now) for n in ordinals])


def committed(broker: FakeBroker) -> int | None:
    return broker.committed.get((GROUP, PARTITION))


@pytest.fixture(autouse=True)
def waits_for_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.waits.BEAT_SECONDS", 0.001)
    monkeypatch.setattr(group_member, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(group_member, "IDLE_POLL_SECONDS", 0.01)
    monkeypatch.setattr(group_member, "RECONNECT_SECONDS", 0.01)


@each_form
async def test_what_stands_there_now_is_handled_though_others_that_stood_there_are_under_way(
    form: Form,
) -> None:
    """R29: the process died of it."""
    handler = Handler()
    async with running_member(form, handler.handle, commit_every_seconds=0.0) as it:
        await send(it.broker, 1, 2, 3, 4, 5)
        await until(lambda: it.work.under_way() == 5 and handler.begun)
        del it.broker.logs[PARTITION][2:]
        await send(it.broker, 6)
        await until(lambda: committed(it.broker) == 0)
        await send(it.broker, 7, 8, 9)
        handler.released.set()  # what is under way still ends, and nothing behind it is left out for that
        await until(lambda: committed(it.broker) == 6)
        assert {1, 2, 6, 7, 8, 9} <= set(handler.done)
        assert not it.task.done()


@each_form
async def test_a_log_that_lost_its_end_is_read_again_where_nothing_is_under_way(
    form: Form,
) -> None:
    handler = Handler()
    handler.released.set()
    async with running_member(form, handler.handle, commit_every_seconds=0.0) as it:
        await send(it.broker, 1, 2, 3, 4, 5)
        await until(lambda: committed(it.broker) == 5)
        del it.broker.logs[PARTITION][2:]
        await send(it.broker, 6)
        await until(lambda: committed(it.broker) == 3)
        assert 6 in handler.done


async def test_a_commit_that_the_broker_has_forgotten_is_made_again() -> None:
    """R29: what was read counted as work to do, and nothing that was lost was asked for again."""
    handler = Handler()
    handler.released.set()
    async with running_member(one_by_one, handler.handle, commit_every_seconds=0.0) as it:
        await send(it.broker, 1, 2, 3)
        await until(lambda: committed(it.broker) == 3)
        it.broker.committed.clear()
        it.clock.now += COMMIT_AGAIN_SECONDS
        await until(lambda: committed(it.broker) == 3)
        assert handler.done == [1, 2, 3]


async def test_a_commit_of_a_member_before_is_made_again_too() -> None:
    handler = Handler()
    handler.released.set()
    broker = FakeBroker(partitions=1)
    async with running_member(one_by_one, handler.handle, broker=broker, commit_every_seconds=0.0) as it:
        await send(it.broker, 1, 2, 3)
        await until(lambda: committed(it.broker) == 3)
    async with running_member(one_by_one, handler.handle, broker=broker, commit_every_seconds=0.0) as it:
        await until(lambda: PARTITION in it.work.taken)
        it.broker.committed.clear()
        it.clock.now += COMMIT_AGAIN_SECONDS
        await until(lambda: committed(it.broker) == 3)
        assert handler.done == [1, 2, 3]


async def test_a_message_under_way_is_not_committed_with_what_rests() -> None:
    handler, broker = Handler(), FakeBroker(partitions=2)
    async with running_member(one_by_one, handler.handle, broker=broker, commit_every_seconds=0.0) as it:
        await send(it.broker, 1)
        await until(lambda: handler.begun == [1])
        it.clock.now += COMMIT_AGAIN_SECONDS
        await until(lambda: broker.committed)
        assert list(broker.committed.values()) == [0]  # of the other partition
        handler.released.set()
        await until(lambda: sorted(broker.committed.values()) == [0, 1])
