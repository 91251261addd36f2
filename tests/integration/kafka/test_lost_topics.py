"""A topic that is deleted while it is read or written is told, and found again once it has been made anew."""

from collections.abc import AsyncIterator, Iterator, Sequence

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.testing import kafka_broker
from shared.consuming.broker import NewRecord, Partition
from shared.kafka import KafkaConsumer, KafkaProducer, producer
from shared.outcomes import Away
from tests.worlds.patience import until

TOPIC = "short.lived"
NEVER_MS = 3_600_000


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker of its own: nobody else's topics go."""
    with kafka_broker(tmp_path_factory.mktemp("lost-topics")) as (broker, _):
        yield broker.bootstrap


@pytest.fixture
async def admin(broker: str) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=broker)
    await client.start()
    yield client
    await client.close()


class Assignments:
    def __init__(self) -> None:
        self.last: Sequence[Partition] | None = None

    async def assigned(self, partitions: Sequence[Partition]) -> None:
        self.last = partitions

    async def revoked(self) -> None:
        self.last = None


async def make(admin: AIOKafkaAdminClient, topic: str) -> None:
    async def is_made() -> bool:
        await admin.create_topics([NewTopic(topic, 2, 1)])
        return topic in await admin.list_topics()

    await until(is_made)  # its deletion may still be under way


async def said_of(asked: KafkaConsumer | KafkaProducer) -> str:
    try:
        await (asked.lag() if isinstance(asked, KafkaConsumer) else asked.check())
    except Away as away:
        return str(away)
    return "nothing is missing"


async def test_a_member_of_whose_topics_one_is_deleted_says_so_and_has_it_again_once_it_is_there(
    broker: str, admin: AIOKafkaAdminClient
) -> None:
    """It had no partitions and was ready, for as long as the topic was away and up to a minute longer."""
    await make(admin, "kept")
    await make(admin, TOPIC)
    assignments = Assignments()
    consumer = KafkaConsumer(bootstrap=broker, group="readers", topics=("kept", TOPIC))
    await consumer.start(assignments)
    client = consumer._require()._client
    client._metadata_max_age_ms = NEVER_MS  # else the library would find it in a minute by itself

    async def has(partitions: int) -> bool:
        await consumer.poll(0, 1)
        return len(assignments.last or ()) == partitions

    async def says(words: str) -> bool:
        await consumer.poll(0, 1)
        return words in await said_of(consumer)

    await until(lambda: has(4))
    await until(lambda: says("nothing is missing"))
    await admin.delete_topics([TOPIC])
    await until(lambda: says(f"no topic {TOPIC}, or no right to read it"))
    await make(admin, TOPIC)
    await until(lambda: says("nothing is missing"))
    await until(lambda: has(4))
    await consumer.stop()


async def test_a_producer_whose_topic_is_not_there_says_so_until_it_is(
    broker: str, admin: AIOKafkaAdminClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Uploads were answered 503 while ingest was ready, and its log spoke of a time-out."""
    told = f"broker is away: no topic {TOPIC}.late, or no right to write to it"
    record = NewRecord(topic=f"{TOPIC}.late", key=b"1", value=b"one", headers=())
    writer = KafkaProducer(bootstrap=broker, client_id="writer")
    await until(lambda: _is("nothing is missing", writer))
    with monkeypatch.context() as patch:
        patch.setattr(producer, "PUBLISH_SECONDS", 0.5)
        await until(lambda: _fails_with(told, record, writer))
    await until(lambda: _is(told, writer))
    await make(admin, record.topic)
    await until(lambda: _is("nothing is missing", writer))
    await until(lambda: _takes(record, writer))
    await admin.delete_topics([record.topic])
    await until(lambda: _is("nothing is missing", writer))  # what came through last is beyond doubt
    await writer.close()


async def _fails_with(words: str, record: NewRecord, writer: KafkaProducer) -> bool:
    with pytest.raises(Away) as failed:
        await writer.publish_records([record])
    return str(failed.value) == words


async def _takes(record: NewRecord, writer: KafkaProducer) -> bool:
    try:
        await writer.publish_records([record])
    except Away:
        return False
    return True


async def _is(words: str, writer: KafkaProducer) -> bool:
    return await said_of(writer) == words
