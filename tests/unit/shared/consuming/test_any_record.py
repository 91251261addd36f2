"""Whatever lies in a topic, its partition goes on: it is handled, or a letter carries it."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from shared.consuming import work as consuming_work
from shared.consuming.broker import NewRecord, Partition, Record
from shared.consuming.containment import BUG_RETRIES, Containment
from shared.consuming.handling import Incoming, Outgoing
from shared.consuming.work import BatchWork, EachWork
from shared.contract.events import EVENTS, Event, Topic
from shared.observing.health import Health
from shared.observing.logs import Action
from shared.testing.broker import FakeBroker, FakePauseMemory
from shared.testing.fakes import FakeProducer

HEADER_NAMES = st.sampled_from(["ce_time", "ce_type", "traceparent"]) | st.text(max_size=4)
VALUES = st.none() | st.binary(max_size=20) | st.text(max_size=20).map(str.encode)
TIMES = st.sampled_from([b"9999-12-31T23:59:59-23:59", b"0001-01-01T00:00:00+23:59", b"-1"])
RECORDS = st.builds(
    Record,
    partition=st.builds(Partition, st.sampled_from(list(EVENTS)), st.just(0)),
    offset=st.just(0),
    key=st.none() | st.binary(max_size=8),
    value=VALUES | st.sampled_from([b"{}", b'{"request_id": 1e999}', b"[" * 3_000]),
    headers=st.lists(st.tuples(HEADER_NAMES, VALUES | TIMES), max_size=4),
    timestamp_ms=st.integers(-(2**63), 2**63 - 1),
)


class LikeTheLibrary(FakeProducer):
    """Refuses what the client library refuses to send."""

    async def put_aside(self, letter: NewRecord) -> int:
        assert letter.key is not None or letter.value is not None, "Need at least one: key or value"
        for name, _ in letter.headers:
            name.encode()
        return await super().put_aside(letter)


async def handle(_: Sequence[Incoming[Event]]) -> Sequence[Outgoing]:
    return ()


async def settled(record: Record) -> tuple[int, Sequence[NewRecord]]:
    """By both forms of work: how far they may commit, and the letters."""
    producer = LikeTheLibrary()
    containment = Containment(
        group="group",
        handle_batch=handle,
        producer=producer,
        pause_memory=FakePauseMemory(FakeBroker(), "group"),
        health=Health(),
    )
    containment.pause.gate.set()
    done = 0
    for work in (EachWork(containment, 1), BatchWork(containment)):
        work.open([record.partition])
        work.take(record.partition, [record])
        while work.under_way() > 0:
            work.require_alive()
            await asyncio.sleep(0)
        done += work.taken[record.partition].prefix.committable() or 0
    return done, producer.letters


@pytest.fixture(autouse=True, scope="module")
def at_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(consuming_work, "BATCH_SECONDS", 0.0)
        yield


@given(RECORDS)
def test_any_record_is_handled_or_its_letter_carries_what_came(record: Record) -> None:
    """R09"""
    committable, letters = asyncio.run(settled(record))
    assert committable == 2
    assert len(letters) in (0, 2)
    for letter in letters:
        told = dict(letter.headers)
        assert letter.topic == f"{record.partition.topic}.dlq"
        assert letter.key == record.key
        assert letter.value == record.value or (letter.value, told["dlq_null"]) == (b"", b"value")
        assert list(letter.headers)[: len(record.headers)] == list(record.headers)
        assert (told["dlq_offset"], told["dlq_error_type"]) == (b"0", b"Invalid")


def good_record(offset: int) -> Record:
    return Record(
        partition=Partition(Topic.IMAGE_DONE, 3),
        offset=offset,
        key=None,
        value=b"""{"request_id": "00000000-0000-0000-0000-000000000001", "image_id":
    "00000000-0000-0000-0000-000000000002", "ordinal": 1, "run": 1, "attempt": 1, "outcome": "stale"}""",
        headers=[("x", None)],
        timestamp_ms=0,
    )


def test_a_good_record_is_handled_whatever_its_key_and_foreign_headers_are() -> None:
    assert asyncio.run(settled(good_record(0))) == (2, [])


async def breaks(_: object) -> Sequence[Outgoing]:
    raise RuntimeError("a bug")


async def no_wait(_: float) -> None:
    return


def test_a_message_that_meets_a_bug_is_named_by_each_of_its_lines() -> None:
    """R21: its place, and the request that somebody will ask about."""
    containment = Containment(
        group="group",
        handle_batch=breaks,
        report_dead=breaks,
        producer=FakeProducer(),
        pause_memory=FakePauseMemory(FakeBroker(), "group"),
        health=Health(),
        sleep=no_wait,
    )
    with capture_logs() as lines:
        asyncio.run(containment.settle([good_record(7)]))
    assert [line["event"] for line in lines] == [
        *[Action.MESSAGE_FAILED] * BUG_RETRIES,
        Action.MESSAGE_DEAD_LETTERED,
        Action.MESSAGE_FAILED,
    ]
    places = [(line["topic"], line["partition"], line["offset"], line["request_id"]) for line in lines]
    assert set(places) == {("image.done", 3, 7, "00000000-0000-0000-0000-000000000001")}


def test_a_record_that_nobody_can_read_is_a_line_with_its_reason_and_no_traceback() -> None:
    """R21: a night's dead letters are read one below the other."""
    record = Record(
        partition=Partition(Topic.IMAGE_DONE, 3),
        offset=7,
        key=None,
        value=b"nonsense",
        headers=[],
        timestamp_ms=0,
    )
    with capture_logs() as lines:
        asyncio.run(settled(record))
    told = [line for line in lines if line["event"] == Action.MESSAGE_DEAD_LETTERED]
    assert [(line["partition"], line["offset"], line["exc_info"]) for line in told] == [(3, 7, None)] * 2
    assert all(line["reason"].startswith("Invalid: not a pixmill.image.done.v1: ") for line in told)
