"""The topics command against a real broker: it creates, it tells what differs, it alters nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import cast

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.testing import kafka_broker
from shared.consuming.broker import Rebalance
from shared.contract.events import Topic
from shared.kafka import KafkaConsumer
from shared.outcomes import Away
from shared.topics import main


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker of its own: other tests create topics as they need them."""
    with kafka_broker(tmp_path_factory.mktemp("topics")) as (broker, _):
        yield broker.bootstrap


@asynccontextmanager
async def admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def create_by_hand(bootstrap: str) -> None:
    options = {"retention.ms": "1", "cleanup.policy": "compact", "max.message.bytes": "4194304"}
    async with admin(bootstrap) as client:
        await client.create_topics([NewTopic(Topic.CSV_ACCEPTED.value, 2, 1, topic_configs=options)])


async def described(bootstrap: str) -> dict[str, int]:
    async with admin(bootstrap) as client:
        return {topic["topic"]: len(topic["partitions"]) for topic in await client.describe_topics()}


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_topics_are_created_as_declared_and_what_differs_is_told_and_left_alone(
    broker: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """R26."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP", broker)
    asyncio.run(create_by_hand(broker))
    drift = [
        "warning: csv.accepted has 2 partitions, declared are 6",
        "warning: csv.accepted has cleanup.policy=compact, declared is delete",
        "warning: csv.accepted has retention.ms=1, declared is 604800000",
        "warning: csv.accepted has segment.ms=604800000, declared is 43200000",
        "warning: csv.accepted has compression.type=producer, declared is uncompressed",
        "warning: csv.accepted has message.timestamp.type=CreateTime, declared is LogAppendTime",
    ]
    assert main(["check"]) == 1
    told = lines(capsys)
    assert [line for line in told if not line.endswith("is missing")] == drift
    assert len(told) == len(drift) + 2 * len(Topic) - 1
    assert asyncio.run(described(broker)) == {"csv.accepted": 2}

    for arguments, code in (([], 0), ([], 0), (["check"], 1)):
        assert main(arguments) == code
        assert lines(capsys) == drift
    assert asyncio.run(described(broker)) == {
        **{topic.value: 6 for topic in Topic},
        **{topic.dead_letters: 1 for topic in Topic},
        Topic.IMAGE_REQUESTED.value: 24,
        Topic.CSV_ACCEPTED.value: 2,
    }
    monkeypatch.setenv("IMAGE_REQUESTED_PARTITIONS", "12")
    monkeypatch.setenv("TOPIC_REPLICATION", "3")
    main(["check"])
    told = lines(capsys)
    assert "warning: image.requested has 24 partitions, declared are 12" in told
    assert "warning: image.done has 1 replicas, wanted are 3" in told


async def test_a_consumer_of_a_topic_that_is_not_there_says_so(kafka: str) -> None:
    """A group would form without a word, and the service would look ready."""
    consumer = KafkaConsumer(bootstrap=kafka, group="early", topics=("not.there",))
    with pytest.raises(Away, match=r"no topic not\.there"):
        await consumer.start(cast("Rebalance", None))


def test_a_broker_that_is_away_is_one_line_and_a_failing_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "127.0.0.1:1")
    assert main([]) == 1
    assert len(lines(capsys)) == 1
