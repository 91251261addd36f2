"""What a member cannot take yet stays with it: a partition that is full for a while is fetched once."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager

from shared.consuming.broker import NewRecord, Partition
from shared.kafka import KafkaConsumer, open_producer
from shared.kafka.topics import WantedTopic, ensure_topics
from shared.observing.metrics import BROKER_REQUESTS
from tests.worlds.patience import until

RECORDS = 50
POLLS = 20


class Member:
    async def revoked(self) -> None: ...

    async def assigned(self, partitions: Sequence[Partition]) -> None: ...


class Reading:
    """One member, and what it took of each partition."""

    def __init__(self, consumer: KafkaConsumer) -> None:
        self.consumer = consumer
        self.taken: dict[int, int] = {}

    async def poll(self, most: int, full: Collection[Partition] = ()) -> None:
        for partition, records in (await self.consumer.poll(0.2, most, full)).items():
            self.taken[partition.number] = self.taken.get(partition.number, 0) + len(records)

    async def poll_until(self, number: int, count: int, most: int, full: Collection[Partition] = ()) -> None:
        async def has_come() -> bool:
            await self.poll(most, full)
            return self.taken.get(number, 0) >= count

        await until(has_come)


@asynccontextmanager
async def reading(kafka: str, topic: str) -> AsyncIterator[Reading]:
    consumer = KafkaConsumer(bootstrap=kafka, group=topic, topics=(topic,))
    await consumer.start(Member())
    try:
        yield Reading(consumer)
    finally:
        await consumer.stop()


def fetches_with_records() -> float:
    return float(BROKER_REQUESTS.labels("fetch_with_records")._value.get())


async def put(kafka: str, topic: str, *keys: bytes) -> None:
    """As many records with each key."""
    records = [NewRecord(topic, key, b"value", []) for key in keys for _ in range(RECORDS)]
    async with open_producer(kafka, topic) as producer:
        await producer.publish_records(records)


async def test_what_was_fetched_of_a_full_partition_is_not_fetched_again(kafka: str) -> None:
    """R18, R29: a member that was behind fetched each megabyte anew for each batch, and stayed behind."""
    topic = "full.once"
    await ensure_topics(kafka, [WantedTopic(topic, 1, 3_600_000)], 1)
    await put(kafka, topic, b"key")
    async with reading(kafka, topic) as member:
        before = fetches_with_records()
        await member.poll_until(0, 10, most=10)
        for _ in range(POLLS):
            await member.poll(10, full=[Partition(topic, 0)])
        assert member.taken == {0: 10}
        await member.poll_until(0, RECORDS, most=RECORDS)
        assert fetches_with_records() == before + 1


async def test_other_partitions_go_on_beside_a_full_one(kafka: str) -> None:
    topic = "full.beside"
    await ensure_topics(kafka, [WantedTopic(topic, 2, 3_600_000)], 1)
    await put(kafka, topic, b"a", b"b", b"c", b"d")  # of each partition some
    async with reading(kafka, topic) as member:
        await member.poll_until(0, 10, most=10)
        await member.poll_until(1, RECORDS, most=10, full=[Partition(topic, 0)])
        assert member.taken[0] < RECORDS


async def test_where_all_is_full_the_member_stays_in_its_group(kafka: str) -> None:
    topic = "full.all"
    await ensure_topics(kafka, [WantedTopic(topic, 1, 3_600_000)], 1)
    await put(kafka, topic, b"key")
    async with reading(kafka, topic) as member:
        await member.poll_until(0, 10, most=10)
        seen = member.consumer._require()._subscription
        before = seen._last_fetch_ended
        await member.poll(10, full=[Partition(topic, 0)])
        assert seen._last_fetch_ended > before
        await member.poll_until(0, RECORDS, most=RECORDS)
