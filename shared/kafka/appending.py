"""Hands records to the library's producer: few of them one by one, so that they travel with those of others;
many as whole batches of their own, which costs each of them half as much; or each in a batch of its own.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2
from aiokafka.structs import RecordMetadata

from shared.consuming.broker import NewRecord
from shared.contract.partitions import partition_index
from shared.hearing import hear

MANY_RECORDS = 32

Ack = asyncio.Future[RecordMetadata]
Sent = dict[Ack, Sequence[NewRecord]]
Put = Callable[[AIOKafkaProducer, Sequence[NewRecord], Sent], Awaitable[None]]


async def append(client: AIOKafkaProducer, records: Sequence[NewRecord]) -> Sent:
    """To what the client sends next. Where it does not take them all, those that it took are left to it."""
    return await _put(_one_by_one if len(records) < MANY_RECORDS else _as_batches, client, records)


async def append_alone(client: AIOKafkaProducer, records: Sequence[NewRecord]) -> Sent:
    """For a broker that takes each, but not so many in one batch."""
    return await _put(_each_alone, client, records)


async def _put(put: Put, client: AIOKafkaProducer, records: Sequence[NewRecord]) -> Sent:
    sent: Sent = {}
    try:
        await put(client, records, sent)
    except BaseException:
        leave(sent)
        raise
    return sent


def leave(acks: Iterable[Ack]) -> None:
    """Nobody waits for them any more. The client goes on, and may fail them later."""
    for ack in acks:
        ack.add_done_callback(hear)


def partition_of(key: bytes | None, partitions: Sequence[int], available: Sequence[int]) -> int:
    if key is None:  # a dead letter may have none
        return random.choice(available or partitions)  # noqa: S311 - any will do
    return sorted(partitions)[partition_index(key, len(partitions), _hashed)]


@lru_cache(maxsize=1024)
def _hashed(key: bytes) -> int:
    """As Kafka's other clients hash a key. All results of a request have one, and Python takes a while."""
    return int(murmur2(key)) & 0x7FFFFFFF


async def _one_by_one(client: AIOKafkaProducer, records: Sequence[NewRecord], sent: Sent) -> None:
    for each in records:
        ack = await client.send(each.topic, value=each.value, key=each.key, headers=list(each.headers))
        sent[ack] = (each,)


async def _as_batches(client: AIOKafkaProducer, records: Sequence[NewRecord], sent: Sent) -> None:
    by_partition = await _by_partition(client, records)
    for (topic, partition), its in by_partition.items():
        for batch, taken in _batches(client, its):
            sent[await client.send_batch(batch, topic, partition=partition)] = taken


async def _each_alone(client: AIOKafkaProducer, records: Sequence[NewRecord], sent: Sent) -> None:
    by_partition = await _by_partition(client, records)
    for (topic, partition), its in by_partition.items():
        for record in its:
            [(batch, taken)] = _batches(client, [record])
            sent[await client.send_batch(batch, topic, partition=partition)] = taken


async def _by_partition(
    client: AIOKafkaProducer, records: Sequence[NewRecord]
) -> Mapping[tuple[str, int], Sequence[NewRecord]]:
    topics = {record.topic for record in records}
    partitions = {topic: list(await client.partitions_for(topic)) for topic in topics}
    found: dict[tuple[str, int], list[NewRecord]] = defaultdict(list)
    for record in records:
        numbers = partitions[record.topic]
        found[record.topic, partition_of(record.key, numbers, numbers)].append(record)
    return found


def _batches(client: AIOKafkaProducer, records: Sequence[NewRecord]) -> Sequence[tuple[Any, list[NewRecord]]]:
    """As few as the library's size of a batch allows, each with what is in it."""
    batches: list[tuple[Any, list[NewRecord]]] = [(client.create_batch(), [])]
    for record in records:
        if not _took(batches[-1][0], record):
            batches.append((client.create_batch(), []))
            _took(batches[-1][0], record)
        batches[-1][1].append(record)
    return batches


def _took(batch: Any, record: NewRecord) -> bool:
    """An empty one takes a record of any size."""
    taken = batch.append(timestamp=None, key=record.key, value=record.value, headers=list(record.headers))
    return taken is not None
