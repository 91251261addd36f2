"""How far a group is behind, asked from outside of it."""

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.consuming.member import commits
from shared.kafka import KafkaGroupLag, open_producer
from tests.integration.consuming.worlds import (
    PARTITIONS,
    TOPIC,
    KafkaWorld,
    Member,
    empty_topics,
    send,
    until_committed,
)
from tests.worlds.patience import until


async def test_the_lag_of_a_group_is_what_it_has_not_committed(kafka: str, group: str) -> None:
    await empty_topics(kafka)
    lag = KafkaGroupLag(bootstrap=kafka, group=group, topic=TOPIC.value)
    async with open_producer(kafka, "test") as producer:
        world = KafkaWorld(kafka, producer)
        assert await lag.read() == 0
        await send(world, 7)
        assert await lag.read() == 7
        member = Member(world.membership(group), producer).batches(_ignore)
        await until_committed(world, group, 7)
        assert await lag.read() == 0
        await member.stop()
    await lag.close()


async def test_what_was_committed_beyond_the_end_of_a_log_makes_up_for_nothing(
    kafka: str, group: str
) -> None:
    """R29: after a power cut a log may be shorter than what was read of it. The lag was less than nothing, so
    that the images that were lost were never asked for again.
    """
    await empty_topics(kafka)
    lag = KafkaGroupLag(bootstrap=kafka, group=group, topic=TOPIC.value)
    async with AIOKafkaConsumer(bootstrap_servers=kafka, group_id=group, enable_auto_commit=False) as reader:
        reader.assign([TopicPartition(TOPIC.value, number) for number in range(PARTITIONS)])
        await reader.commit({TopicPartition(TOPIC.value, 0): 5})
    assert await lag.read() == 0
    await _put(kafka, 1)
    assert await lag.read() == 1
    await lag.close()


async def test_a_member_says_again_where_it_stands_though_nothing_comes(
    kafka: str, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R29: a broker that lost the end of its log has forgotten it, and took what was read for work to do."""
    monkeypatch.setattr(commits, "COMMIT_AGAIN_SECONDS", 0.1)
    await empty_topics(kafka)
    async with open_producer(kafka, "test") as producer:
        member = Member(KafkaWorld(kafka, producer).membership(group), producer).batches(_ignore)
        await until(lambda: _is_told_of_all(kafka, group))
        await member.stop()


async def _is_told_of_all(kafka: str, group: str) -> bool:
    """Also of those from which nothing was ever read."""
    async with AIOKafkaConsumer(bootstrap_servers=kafka, group_id=group, enable_auto_commit=False) as reader:
        partitions = [TopicPartition(TOPIC.value, number) for number in range(PARTITIONS)]
        reader.assign(partitions)
        return None not in [await reader.committed(partition) for partition in partitions]


async def _put(kafka: str, partition: int) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka) as client:
        await client.send_and_wait(TOPIC.value, b"{}", partition=partition)


async def _ignore(_: object) -> tuple[()]:
    return ()
