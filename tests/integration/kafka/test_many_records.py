"""Many records of one publication travel as whole batches, and lie where one by one they would."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic

from shared.broker_access import NO_SECURITY
from shared.consuming.broker import NewRecord, TooLarge
from shared.contract.partitions import attempt_key
from shared.kafka import open_producer
from shared.kafka.admin import admin_client
from shared.kafka.appending import MANY_RECORDS
from shared.kafka.producer import MAX_MESSAGE_BYTES
from shared.kafka.topics import WantedTopic, ensure_topics
from shared.observing.metrics import BROKER_REQUESTS
from tests.worlds.patience import DEADLINE_SECONDS

PARTITIONS = 3
RECORDS = 20 * MANY_RECORDS
HEADERS = (("ce_type", b"test"),)

Laid = Mapping[int, Sequence[tuple[bytes | None, bytes | None]]]


def records_for(topic: str, value: bytes) -> Sequence[NewRecord]:
    keys = [
        attempt_key(uuid.UUID(int=number), 1 + number % 3) if number % 2 else str(uuid.UUID(int=number % 9))
        for number in range(RECORDS)
    ]
    return [
        NewRecord(topic, key.encode(), b"%d %b" % (number, value), HEADERS) for number, key in enumerate(keys)
    ]


async def laid(bootstrap: str, topic: str, count: int) -> Laid:
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest") as client:
        client.assign([TopicPartition(topic, number) for number in range(PARTITIONS)])
        found: dict[int, list[tuple[bytes | None, bytes | None]]] = {n: [] for n in range(PARTITIONS)}
        while sum(map(len, found.values())) < count:
            polled = await client.getmany(timeout_ms=int(DEADLINE_SECONDS * 1_000))
            assert polled
            for partition, records in polled.items():
                assert all(record.headers == HEADERS for record in records)
                found[partition.partition] += [(record.key, record.value) for record in records]
        return found


async def new_topic(bootstrap: str, name: str) -> str:
    await ensure_topics(bootstrap, [WantedTopic(name, PARTITIONS, 3_600_000)], 1)
    return name


async def limited_topic(bootstrap: str, name: str, limit_bytes: int) -> str:
    """From its beginning: a limit that is lowered holds only some time after the broker has answered."""
    limit = {"max.message.bytes": str(limit_bytes)}
    async with admin_client(bootstrap, NO_SECURITY, "test", DEADLINE_SECONDS) as client:
        await client.create_topics([NewTopic(name, PARTITIONS, 1, topic_configs=limit)])
    return name


@pytest.mark.parametrize("value", [b"", b"x" * 4_096], ids=["of one batch", "of several batches"])
async def test_they_lie_in_the_partitions_and_the_order_of_records_sent_one_by_one(
    kafka: str, value: bytes
) -> None:
    one_by_one = await new_topic(kafka, f"many.one.by.one.{len(value)}")
    together = await new_topic(kafka, f"many.together.{len(value)}")
    async with open_producer(kafka, "test") as producer:
        for record in records_for(one_by_one, value):
            await producer.publish_records([record])
        await producer.publish_records(records_for(together, value))
    assert await laid(kafka, together, RECORDS) == await laid(kafka, one_by_one, RECORDS)


async def test_they_ask_the_broker_no_more_often_than_there_are_partitions(kafka: str) -> None:
    topic = await new_topic(kafka, "many.asked")
    produced = BROKER_REQUESTS.labels("produce")
    async with open_producer(kafka, "test") as producer:
        await producer.publish_records(records_for(topic, b""))  # by which each partition has its leader
        before = produced._value.get()
        await producer.publish_records(records_for(topic, b""))
    assert produced._value.get() - before <= PARTITIONS


async def test_one_that_is_too_large_for_the_broker_is_told_of(kafka: str) -> None:
    topic = await new_topic(kafka, "many.too.large")
    too_large = NewRecord(topic, b"key", b"x" * (MAX_MESSAGE_BYTES + 1), HEADERS)
    async with open_producer(kafka, "test") as producer:
        with pytest.raises(TooLarge):
            await producer.publish_records([*records_for(topic, b""), too_large])


@pytest.mark.parametrize(
    ("count", "limit_bytes"),
    [(MANY_RECORDS - 1, 3_000), (RECORDS, 30_000)],
    ids=["one by one", "as batches"],
)
async def test_a_broker_takes_in_parts_what_together_is_too_large_for_it(
    kafka: str, count: int, limit_bytes: int
) -> None:
    """No image was asked for any more where a topic's max.message.bytes had been lowered."""
    topic = await limited_topic(kafka, f"many.small.{count}", limit_bytes)
    records = records_for(topic, b"x" * 800)[:count]
    async with open_producer(kafka, "test") as producer:
        await producer.publish_records(records)
        with pytest.raises(TooLarge):
            await producer.publish_records([NewRecord(topic, b"key", b"x" * limit_bytes, HEADERS)])
        await producer.publish_records(records)  # by which all before lie there
    found = sorted(value or b"" for its in (await laid(kafka, topic, 2 * count)).values() for _, value in its)
    assert found == sorted(2 * [record.value or b"" for record in records])


async def test_a_batch_that_is_too_large_goes_in_halves_and_not_one_by_one(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """500 records took longer than a publication may: it failed, and was made again, for ever."""
    sent = list[object]()

    async def counted(*given: Any, **named: Any) -> Any:
        sent.append(given)
        return await send_batch(*given, **named)

    send_batch = AIOKafkaProducer.send_batch
    monkeypatch.setattr(AIOKafkaProducer, "send_batch", counted)
    topic = await limited_topic(kafka, "many.halves", 100_000)
    async with open_producer(kafka, "test") as producer:
        await producer.publish_records(records_for(topic, b"x" * 800))
    assert len(sent) < RECORDS // 10
