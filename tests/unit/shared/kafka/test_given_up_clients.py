"""Whatever a client of the broker has under way when it is given up ends, and no error of it goes unheard."""

import asyncio
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.cluster import ClusterMetadata
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import MessageAccumulator

from shared.kafka import connection
from tests.worlds.processes.unheard import nothing_unheard


class Part:
    def __init__(self, task: asyncio.Task[None]) -> None:
        self.task = task


class Hanging:
    """A client that cannot stop, as one whose broker is away, with parts of the library."""

    def __init__(self, **parts: Any) -> None:
        vars(self).update(parts)

    async def stop(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise KafkaError("left in the middle")


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "STOP_SECONDS", 0.0)


async def test_what_was_not_sent_fails_for_whoever_waits_and_for_nobody_else() -> None:
    with nothing_unheard():
        accumulator = MessageAccumulator(ClusterMetadata(), 1_000, 0, 60)
        acks = [
            await accumulator.add_message(TopicPartition("topic", 0), None, b"value", 1.0) for _ in range(2)
        ]
        del acks[0]  # by whom a time-out has reached meanwhile
        await connection.stop_quietly(Hanging(accumulator=accumulator))
        with pytest.raises(KafkaError, match="given up"):
            await acks.pop()
        del accumulator


async def test_a_task_that_ends_with_an_error_because_it_is_cancelled_is_heard() -> None:
    async def fails() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise KafkaError("cancelled in the middle") from None

    with nothing_unheard():
        task = asyncio.create_task(fails())
        await asyncio.sleep(0)
        await connection.stop_quietly(Hanging(part=Part(task)))
        assert task.done()
        del task
