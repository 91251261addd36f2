"""What our clients ask a real broker for is counted, and an answer with records is told from an empty one."""

from collections.abc import Sequence

from shared.consuming.broker import NewRecord, Partition
from shared.kafka import KafkaConsumer, open_producer
from shared.kafka.topics import WantedTopic, ensure_topics
from shared.observing.metrics import BROKER_REQUESTS
from tests.worlds.patience import until

TOPIC = "counted.requests"


class Member:
    async def revoked(self) -> None: ...

    async def assigned(self, partitions: Sequence[Partition]) -> None: ...


def counted(kind: str) -> float:
    return float(BROKER_REQUESTS.labels(kind)._value.get())


async def test_requests_to_the_broker_are_counted_by_what_they_were(kafka: str) -> None:
    await ensure_topics(kafka, [WantedTopic(TOPIC, 1, 3_600_000)], 1)
    kinds = ("produce", "fetch_with_records", "fetch_empty")
    before = {kind: counted(kind) for kind in kinds}
    async with open_producer(kafka, "counted") as producer:
        await producer.publish_records([NewRecord(TOPIC, None, value, []) for value in (b"one", b"two")])
    assert counted("produce") == before["produce"] + 1
    consumer = KafkaConsumer(bootstrap=kafka, group="counted", topics=(TOPIC,))
    await consumer.start(Member())
    try:
        values: list[bytes | None] = []

        async def has_both() -> bool:
            polled = await consumer.poll(0.2, 10)
            values.extend(record.value for records in polled.values() for record in records)
            return len(values) == 2

        await until(has_both)
        assert counted("fetch_with_records") == before["fetch_with_records"] + 1

        async def has_come_back_empty() -> bool:
            await consumer.poll(0.2, 10)
            return counted("fetch_empty") > before["fetch_empty"]

        await until(has_come_back_empty)
        assert counted("fetch_with_records") == before["fetch_with_records"] + 1
    finally:
        await consumer.stop()
