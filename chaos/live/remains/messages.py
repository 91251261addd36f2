"""Every message of every topic, and how far each group of readers came, as an outsider sees it."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from chaos.live.checker.evidence import Message
from shared.kafka.connection import partitions_of, started, stop_quietly

READ_SECONDS = 120.0
BROKERS_OWN = "__"
MARKERS = ".paused"  # groups that read nothing: their one offset is a mark


async def read_messages(bootstrap: str) -> Sequence[Message]:
    reader = await started(
        AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    )
    try:
        async with asyncio.timeout(READ_SECONDS):
            return [message for each in await _partitions(reader) for message in await _all_of(reader, each)]
    finally:
        await stop_quietly(reader)


async def _partitions(reader: AIOKafkaConsumer) -> list[TopicPartition]:
    topics = sorted(topic for topic in await reader.topics() if not topic.startswith(BROKERS_OWN))
    return [partition for topic in topics for partition in await partitions_of(reader, topic)]


async def _all_of(reader: AIOKafkaConsumer, partition: TopicPartition) -> list[Message]:
    reader.assign([partition])
    end = (await reader.end_offsets([partition]))[partition]
    await reader.seek_to_beginning(partition)
    found: list[Message] = []
    while await reader.position(partition) < end:
        polled = await reader.getmany(partition, timeout_ms=500)
        found += [
            Message(
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                value=record.value,
                headers=tuple(record.headers),
            )
            for record in polled.get(partition, ())
        ]
    return found


async def read_lag(bootstrap: str) -> Mapping[str, int]:
    """By group and topic: messages that are there and not done."""
    async with AsyncExitStack() as held:
        admin = await started(AIOKafkaAdminClient(bootstrap_servers=bootstrap))
        held.push_async_callback(stop_quietly, admin)
        reader = await started(AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False))
        held.push_async_callback(stop_quietly, reader)
        groups = [group for group, *_ in await admin.list_consumer_groups() if not group.endswith(MARKERS)]
        return {
            told: lag
            for group in sorted(groups)
            for told, lag in (await _lag_of(group, admin, reader)).items()
        }


async def _lag_of(group: str, admin: AIOKafkaAdminClient, reader: AIOKafkaConsumer) -> Mapping[str, int]:
    """A partition of which nothing was ever committed is unread as well."""
    committed = await admin.list_consumer_group_offsets(group)
    lags: dict[str, int] = {}
    for topic in {partition.topic for partition in committed}:
        partitions = await partitions_of(reader, topic)
        ends = await reader.end_offsets(partitions)
        done = {each: committed[each].offset if each in committed else 0 for each in partitions}
        lags[f"{group} {topic}"] = sum(max(0, ends[each] - done[each]) for each in partitions)
    return lags
