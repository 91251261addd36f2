"""A poll ends as soon as a fetch has brought something, and not for one that brought nothing."""

import asyncio
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

from aiokafka import TopicPartition

from shared.consuming.broker import no_rest
from shared.kafka.consumer import KafkaConsumer, _Fetching

FOR_EVER = 3_600.0
FEW_TURNS = 2


class Library:
    """Holds what a fetch has brought until somebody takes it."""

    def __init__(self) -> None:
        self.found: dict[TopicPartition, Sequence[object]] = {}
        self._fetcher = SimpleNamespace(_records={}, _fetch_max_wait_ms=0)

    def assignment(self) -> set[TopicPartition]:
        return set()

    async def getmany(
        self, *_: TopicPartition, max_records: int
    ) -> Mapping[TopicPartition, Sequence[object]]:
        assert max_records > 0
        found, self.found = self.found, {}
        return found


def reading() -> tuple[KafkaConsumer, Library, _Fetching]:
    consumer, library = KafkaConsumer(bootstrap="", group="g", topics=("t",)), Library()
    consumer._client = cast("Any", library)
    return consumer, library, _Fetching(cast("Any", library), no_rest, consumer._came)


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_what_a_fetch_brings_is_there_few_turns_later_and_an_empty_one_wakes_nobody() -> None:
    consumer, library, fetching = reading()
    poll = asyncio.create_task(consumer.poll(FOR_EVER, 10))
    await turns(FEW_TURNS)
    fetching.after(0)
    await turns(10)
    assert not poll.done()
    fetching.after(1)
    library.found = {TopicPartition("t", 0): []}  # the library puts it down in the same turn
    await turns(FEW_TURNS)
    assert poll.done()
    assert [partition.topic for partition in poll.result()] == ["t"]


async def test_what_was_brought_before_is_taken_without_a_wait() -> None:
    consumer, library, fetching = reading()
    fetching.after(1)
    library.found = {TopicPartition("t", 0): []}
    assert len(await consumer.poll(FOR_EVER, 10)) == 1
    poll = asyncio.create_task(consumer.poll(FOR_EVER, 10))
    await turns(10)
    assert not poll.done()  # that one was taken
    poll.cancel()
