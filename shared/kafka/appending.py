"""Hands records to the library's producer: few of them one by one, so that they travel with those of others;
many as whole batches of their own, which costs each of them half as much.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from itertools import zip_longest
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
    if len(records) < MANY_RECORDS:
        return await _put(_one_by_one, client, records)
    return await append_batches(client, records, len(records))


async def append_batches(client: AIOKafkaProducer, records: Sequence[NewRecord], most: int) -> Sent:
    """Of so many records at most, which travel with no others."""
    return await _put(partial(_as_batches, most=most), client, records)


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


async def _as_batches(
    client: AIOKafkaProducer, records: Sequence[NewRecord], sent: Sent, *, most: int
) -> None:
    """Partitions take turns, for each takes its next batch only when the one before has gone out."""
    by_partition = await _by_partition(client, records)
    batches = [
        [(place, *each) for each in _batches(client, its, most)] for place, its in by_partition.items()
    ]
    for turn in zip_longest(*batches):
        for (topic, partition), batch, taken in filter(None, turn):
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


def _batches(
    client: AIOKafkaProducer, records: Sequence[NewRecord], most: int
) -> Sequence[tuple[Any, list[NewRecord]]]:
    """As few as that and the library's size of a batch allow, each with what is in it."""
    batches: list[tuple[Any, list[NewRecord]]] = [(client.create_batch(), [])]
    for record in records:
        if len(batches[-1][1]) == most or not _took(batches[-1][0], record):
            batches.append((client.create_batch(), []))
            _took(batches[-1][0], record)
        batches[-1][1].append(record)
    return batches


def _took(batch: Any, record: NewRecord) -> bool:
    """An empty one takes a record of any size."""
    taken = batch.append(timestamp=None, key=record.key, value=record.value, headers=list(record.headers))
    return taken is not None
