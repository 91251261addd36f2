"""How many messages of a topic a group has not handled yet, asked from outside the group."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.handling import Away
from shared.kafka.connection import BROKER_AWAY, CONNECT_SECONDS, away, started, stop_quietly, to_its_end
from shared.kafka.consumer import COMMIT_SECONDS


async def group_lag(bootstrap: str, group: str, topic: str) -> int:
    """`Away` without a broker."""
    spans = await to_its_end(_spans(bootstrap, topic))
    handled = await to_its_end(_handled(bootstrap, group, list(spans)))
    return sum(end - max(begin, handled[partition]) for partition, (begin, end) in spans.items())


async def _spans(bootstrap: str, topic: str) -> Mapping[TopicPartition, tuple[int, int]]:
    """Of each partition the first offset it holds and the one after its last."""
    async with _client(bootstrap, None) as client:
        # The library learns of a topic's partitions only when one of them is assigned.
        client.assign([TopicPartition(topic, 0)])
        await client.end_offsets([TopicPartition(topic, 0)])
        numbers = client.partitions_for_topic(topic)
        if not numbers:
            raise Away("broker", f"it does not tell the partitions of {topic}")
        partitions = [TopicPartition(topic, number) for number in numbers]
        begins, ends = await client.beginning_offsets(partitions), await client.end_offsets(partitions)
    return {partition: (begins[partition], ends[partition]) for partition in partitions}


async def _handled(
    bootstrap: str, group: str, partitions: Sequence[TopicPartition]
) -> Mapping[TopicPartition, int]:
    # Nobody joins a group without a subscription; its offsets can be read all the same.
    async with _client(bootstrap, group) as client:
        client.assign(partitions)
        return {partition: await client.committed(partition) or 0 for partition in partitions}


@asynccontextmanager
async def _client(bootstrap: str, group: str | None) -> AsyncIterator[AIOKafkaConsumer]:
    client = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        client_id="lag",
        group_id=group,
        enable_auto_commit=False,
        request_timeout_ms=int(COMMIT_SECONDS * 1000),
    )
    try:
        async with asyncio.timeout(CONNECT_SECONDS + COMMIT_SECONDS):
            await started(client)
            yield client
    except BROKER_AWAY as error:
        raise away(error) from error
    finally:
        await stop_quietly(client)
