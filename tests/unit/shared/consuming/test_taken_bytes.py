"""What a consumer takes is bounded in bytes, however many messages that is."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from shared.consuming import work as consuming_work
from shared.consuming.broker import Partition, Record
from shared.consuming.cloud_events import encode
from shared.consuming.containment import Containment
from shared.consuming.handling import Incoming, Outgoing
from shared.consuming.work import BATCH_MOST, BatchWork, EachWork
from shared.contract.events import Event
from shared.observing.health import Health
from shared.testing.broker import FakeBroker, FakePauseMemory
from shared.testing.fakes import FakeProducer
from tests.integration.consuming.worlds import request
from tests.worlds.patience import until

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass
class Held:
    """A handler that holds its messages until it is told to go on."""

    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    batches: list[int] = field(default_factory=list)

    async def __call__(self, messages: Sequence[Incoming[Event]]) -> Sequence[Outgoing]:
        self.batches.append(len(messages))
        await self.go_on.wait()
        return ()


def containment(handle: Held) -> Containment:
    made = Containment(
        group="group",
        handle_batch=handle,
        producer=FakeProducer(),
        pause_memory=FakePauseMemory(FakeBroker(), "group"),
        health=Health(),
    )
    made.pause.gate.set()
    return made


def records(count: int) -> list[Record]:
    return [record(offset) for offset in range(count)]


def record(offset: int) -> Record:
    sent = encode(Outgoing(request(offset), NOW), "status")
    return Record(
        partition=Partition(sent.topic, 0),
        offset=offset,
        key=sent.key,
        value=sent.value,
        headers=sent.headers,
        timestamp_ms=0,
    )


async def test_no_more_is_taken_while_what_is_taken_weighs_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """R29"""
    ours, handle = records(3), Held()
    work = EachWork(containment(handle), slots=5)
    work.open([ours[0].partition])
    monkeypatch.setattr(consuming_work, "EACH_BYTES", sum(each.size_bytes for each in ours))
    work.take(ours[0].partition, ours[:2])
    assert work.room() == 3
    work.take(ours[0].partition, ours[2:])
    assert work.room() == 0
    handle.go_on.set()
    await until(lambda: work.under_way() == 0)
    assert (work.room(), work.held_bytes()) == (5, 0)


async def test_batches_weigh_no_more_than_they_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """R29"""
    ours, handle = records(10), Held()
    work = BatchWork(containment(handle))
    work.open([ours[0].partition])
    monkeypatch.setattr(consuming_work, "BATCH_BYTES", 3 * min(each.size_bytes for each in ours))
    monkeypatch.setattr(consuming_work, "BATCHES_BYTES", sum(each.size_bytes for each in ours))
    assert work.room() == BATCH_MOST
    work.take(ours[0].partition, ours)
    assert work.room() == 0
    handle.go_on.set()
    await until(lambda: work.under_way() == 0)
    assert handle.batches == [3, 3, 3, 1]
    assert work.room() == BATCH_MOST
