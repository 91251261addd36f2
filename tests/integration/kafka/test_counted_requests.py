"""What our clients ask a real broker for is counted, and an answer with records is told from an empty one:
only after the former does the next fetch rest.
"""

import asyncio
from collections.abc import Sequence

from shared.consuming.broker import NewRecord, Partition
from shared.kafka import KafkaConsumer, open_producer
from shared.kafka.topics import WantedTopic, ensure_topics
from shared.observing.metrics import BROKER_REQUESTS
from tests.worlds.patience import until

TOPIC = "counted.requests"
RESTED_TOPIC = "rested.requests"


class Member:
    async def revoked(self) -> None: ...

    async def assigned(self, partitions: Sequence[Partition]) -> None: ...


def counted(kind: str) -> float:
    return float(BROKER_REQUESTS.labels(kind)._value.get())


async def test_requests_to_the_broker_are_counted_by_what_they_were(kafka: str) -> None:
    await ensure_topics(kafka, [WantedTopic(TOPIC, 1, 3_600_000)], 1)
    kinds = ("produce", "fetch_with_records", "fetch_empty")
    async with open_producer(kafka, "counted") as producer:
        # Until a new topic has its leader a request may be asked again.
        await producer.publish_records([NewRecord(TOPIC, None, b"zero", [])])
        before = {kind: counted(kind) for kind in kinds}
        await producer.publish_records([NewRecord(TOPIC, None, value, []) for value in (b"one", b"two")])
    assert counted("produce") == before["produce"] + 1
    consumer = KafkaConsumer(bootstrap=kafka, group="counted", topics=(TOPIC,))
    await consumer.start(Member())
    try:
        values: list[bytes | None] = []

        async def has_all() -> bool:
            polled = await consumer.poll(0.2, 10)
            values.extend(record.value for records in polled.values() for record in records)
            return len(values) == 3

        await until(has_all)
        assert counted("fetch_with_records") == before["fetch_with_records"] + 1

        async def has_come_back_empty() -> bool:
            await consumer.poll(0.2, 10)
            return counted("fetch_empty") > before["fetch_empty"]

        await until(has_come_back_empty)
        assert counted("fetch_with_records") == before["fetch_with_records"] + 1
    finally:
        await consumer.stop()


async def test_after_records_the_next_fetch_waits_until_its_rest_is_over(kafka: str) -> None:
    await ensure_topics(kafka, [WantedTopic(RESTED_TOPIC, 1, 3_600_000)], 1)
    rests: list[None] = []
    over = asyncio.Event()

    async def rest() -> None:
        rests.append(None)
        await over.wait()

    values: list[bytes | None] = []

    async def polled(consumer: KafkaConsumer) -> Sequence[bytes | None]:
        found = await consumer.poll(0.2, 10)
        values.extend(record.value for records in found.values() for record in records)
        return values

    async with open_producer(kafka, "rested") as producer:
        consumer = KafkaConsumer(bootstrap=kafka, group="rested", topics=(RESTED_TOPIC,), rest=rest)
        await consumer.start(Member())
        try:
            before = counted("fetch_empty")

            async def has_come_back_empty() -> bool:
                await polled(consumer)
                return counted("fetch_empty") > before

            await until(has_come_back_empty)
            assert rests == []
            await producer.publish_records([NewRecord(RESTED_TOPIC, None, b"one", [])])

            async def rests_after_the_first() -> bool:
                return await polled(consumer) == [b"one"] and len(rests) == 1

            await until(rests_after_the_first)
            await producer.publish_records([NewRecord(RESTED_TOPIC, None, b"two", [])])
            assert await polled(consumer) == [b"one"]
            over.set()

            async def has_both() -> bool:
                return await polled(consumer) == [b"one", b"two"]

            await until(has_both)
        finally:
            await consumer.stop()
