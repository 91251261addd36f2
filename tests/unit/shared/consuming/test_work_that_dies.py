"""No task of a consumer ends unheard, and a partition that stands still is told of."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from shared.consuming.broker import NewRecord, Partition
from shared.consuming.handling import Incoming, Outgoing
from shared.consuming.member import group_member, watch
from shared.consuming.work import HANGS_SECONDS, WorkDiedError
from shared.contract.events import Event, ImageRequested
from shared.observing.metrics import CONSUMER_LAG, DEAD_LETTERS, OLDEST_MESSAGE
from shared.outcomes import Away
from shared.testing.broker import FakeBroker, FakeBrokerProducer, FakePauseMemory
from tests.integration.consuming.worlds import request
from tests.worlds.patience import DEADLINE_SECONDS, until
from tests.worlds.services.fake_member import (
    GROUP,
    TOPIC,
    Form,
    each_form,
    in_batches,
    one_by_one,
    running_member,
)


@dataclass
class Broken(FakeBrokerProducer):
    """Takes nothing that is buried."""

    error: BaseException = field(default_factory=lambda: AssertionError("never"))

    async def put_aside(self, letter: NewRecord) -> int:
        raise self.error


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.waits.BEAT_SECONDS", 0.001)
    monkeypatch.setattr(watch, "LAG_CHECK_SECONDS", 0.01)
    monkeypatch.setattr(group_member, "POLL_SECONDS", 0.01)


async def send(broker: FakeBroker, *values: bytes | None) -> None:
    for value in values:
        await broker.put(NewRecord(TOPIC, b"k", value, ()), 0)


async def handle_nothing(_: Sequence[Incoming[Event]]) -> Sequence[Outgoing]:
    return ()


@each_form
async def test_a_task_that_dies_ends_its_member(form: Form) -> None:
    async with running_member(form, handle_nothing, producer=Broken(FakeBroker())) as it:
        await send(it.broker, b"{not json")
        assert (await it.death()).subgroup(WorkDiedError)


async def test_a_guard_that_dies_ends_its_member(monkeypatch: pytest.MonkeyPatch) -> None:
    async def is_paused(_: FakePauseMemory) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(FakePauseMemory, "is_paused", is_paused)
    async with running_member(one_by_one, handle_nothing) as it:
        assert (await it.death()).subgroup(ZeroDivisionError)


async def test_a_watch_of_the_lag_that_dies_ends_its_member(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lag(_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("shared.testing.broker.FakeConsumer.lag", lag)
    async with running_member(one_by_one, handle_nothing) as it:
        assert (await it.death()).subgroup(ZeroDivisionError)


@each_form
async def test_a_handler_that_is_cancelled_from_within_is_a_bug_and_its_message_is_buried(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.consuming.containment.BUG_RETRY_SECONDS", 0.0)

    async def handle(messages: Sequence[Incoming[ImageRequested]]) -> Sequence[Outgoing]:
        if any(message.event.ordinal == 1 for message in messages):
            raise asyncio.CancelledError
        return ()

    async with running_member(form, handle) as it:  # type: ignore[arg-type] # of one topic's events
        await send(it.broker, request(1).value(), request(2).value())
        await until(lambda: it.work.under_way() == 0 and it.broker.records(TOPIC.dead_letters))
        it.clock.now += 1  # it commits now and then
        await until(lambda: it.broker.committed.get((GROUP, Partition(TOPIC, 0))) == 2)
        (letter,) = it.broker.records(TOPIC.dead_letters)
    assert dict(letter.headers)["dlq_error_type"] == b"StrayCancellation"


@each_form
async def test_a_partition_that_does_not_go_on_is_a_fault_unless_what_it_needs_is_away(
    form: Form,
) -> None:
    back, is_tried_again = asyncio.Event(), asyncio.Event()

    async def handle(_: Sequence[Incoming[Event]]) -> Sequence[Outgoing]:
        if not back.is_set():
            raise Away("store", "gone")
        is_tried_again.set()
        await asyncio.sleep(3600)
        return ()

    async with running_member(form, handle) as it:
        await send(it.broker, request(1).value(), request(2).value())
        await until(lambda: "gone" in str(it.health.reasons()))
        for _ in range(100):
            it.clock.now += HANGS_SECONDS / 10
            await turns()
            assert it.work.fault() is None
        back.set()
        await asyncio.wait_for(is_tried_again.wait(), DEADLINE_SECONDS)
        it.clock.now += HANGS_SECONDS + 1
        await until(it.work.fault)


async def turns() -> None:
    """Every task gets its turn, and those that sleep a little."""
    for _ in range(5):
        await asyncio.sleep(0.002)


async def test_a_call_that_never_ends_is_told_by_livez_and_by_two_metrics() -> None:
    async def handle(_: Sequence[Incoming[Event]]) -> Sequence[Outgoing]:
        await asyncio.sleep(3600)
        return ()

    async with running_member(in_batches, handle) as it:
        await send(it.broker, *(request(n).value() for n in range(5)))
        await until(lambda: it.work.under_way() == 5)
        await asyncio.sleep(0.05)
        assert it.health.stalls() == {}
        it.clock.now += HANGS_SECONDS + 1
        await until(lambda: "image.requested 0 has not gone on" in str(it.health.stalls()))
        assert value_of(OLDEST_MESSAGE) > HANGS_SECONDS
        await until(lambda: value_of(CONSUMER_LAG) == 5)


async def test_what_is_buried_is_counted() -> None:
    before = value_of(DEAD_LETTERS)
    async with running_member(in_batches, handle_nothing) as it:
        await send(it.broker, None)
        await until(lambda: value_of(DEAD_LETTERS) == before + 1)


def value_of(metric: object) -> float:
    (family,) = metric.labels(GROUP).collect()  # type: ignore[attr-defined] # every kind has it
    return float(family.samples[0].value)
