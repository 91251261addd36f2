"""The two worlds of the conformance suite: the broker in memory and the real one, behind one surface."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from prometheus_client import Gauge

from shared.consuming.broker import Consumer, Membership, NewRecord, PauseMemory, Producer, Record
from shared.consuming.handling import HandleBatch, HandleEach, Outgoing
from shared.consuming.runner import Runner
from shared.contract.events import ImageFormat, ImageRequested, Topic
from shared.kafka import Subscription
from shared.kafka.consumer import KafkaConsumer, as_record
from shared.kafka.producer import MAX_MESSAGE_BYTES
from shared.kafka.topics import WantedTopic
from shared.observing.health import Health
from shared.testing.broker import FakeBroker, FakeSubscription
from tests.worlds.patience import DEADLINE_SECONDS, until
from tests.worlds.servers.topics import make_anew

PARTITIONS = 3
TOPIC = Topic.IMAGE_REQUESTED


class World(Protocol):
    """One broker with empty topics."""

    producer: Producer

    def membership(self, group: str) -> Membership: ...

    async def put(self, record: NewRecord) -> None:
        """Into partition 0, by whatever means: also what no producer of ours sends."""

    async def letters(self, count: int) -> Sequence[Record]:
        """The dead letters, once there are so many."""

    async def committed(self, group: str) -> int:
        """The sum of the group's committed offsets."""


@dataclass
class FakeWorld:
    broker: FakeBroker
    producer: Producer

    def membership(self, group: str) -> Membership:
        return FakeSubscription(self.broker, group, (TOPIC,))

    async def put(self, record: NewRecord) -> None:
        await self.broker.put(record, 0)

    async def letters(self, count: int) -> Sequence[Record]:
        await until(lambda: len(self.broker.records(TOPIC.dead_letters)) >= count)
        return self.broker.records(TOPIC.dead_letters)

    async def committed(self, group: str) -> int:
        return sum(at for (name, _), at in self.broker.committed.items() if name == group)


@dataclass
class KafkaWorld:
    bootstrap: str
    producer: Producer

    def membership(self, group: str) -> Membership:
        return Subscription(group=group, topics=(TOPIC,), bootstrap=self.bootstrap)

    async def put(self, record: NewRecord) -> None:
        async with AIOKafkaProducer(
            bootstrap_servers=self.bootstrap, max_request_size=MAX_MESSAGE_BYTES
        ) as client:
            batch = client.create_batch()
            batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, 0, MAX_MESSAGE_BYTES)
            batch.append(key=record.key, value=record.value, timestamp=None, headers=list(record.headers))
            await (await client.send_batch(batch, record.topic, partition=0))

    async def letters(self, count: int) -> Sequence[Record]:
        found: list[Record] = []
        async with self._reader(None) as reader:
            reader.assign([TopicPartition(TOPIC.dead_letters, 0)])
            await reader.seek_to_beginning()
            async with asyncio.timeout(DEADLINE_SECONDS):
                while len(found) < count:
                    message = await reader.getone()
                    found.append(as_record(message))
        return found

    async def committed(self, group: str) -> int:
        async with self._reader(group) as reader:
            partitions = [TopicPartition(TOPIC.value, number) for number in range(PARTITIONS)]
            reader.assign(partitions)
            return sum([await reader.committed(partition) or 0 for partition in partitions])

    @asynccontextmanager
    async def _reader(self, group: str | None) -> AsyncIterator[AIOKafkaConsumer]:
        reader = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        await reader.start()
        try:
            yield reader
        finally:
            await reader.stop()


async def empty_topics(bootstrap: str) -> None:
    """The suite's topics anew, so that each test counts its own messages only."""
    names = {TOPIC.value: PARTITIONS, TOPIC.dead_letters: 1, Topic.IMAGE_DONE.value: 1}
    await make_anew(
        bootstrap, [WantedTopic(name, partitions, 3_600_000) for name, partitions in names.items()]
    )


@dataclass
class Member:
    """One running consumer of a test."""

    membership: Membership
    producer: Producer
    health: Health = field(default_factory=Health)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    def each(
        self,
        handle: HandleEach[ImageRequested],
        *,
        concurrency: int = 8,
        drain_seconds: float = 10,
        **options: Any,
    ) -> Self:
        self.task = asyncio.create_task(
            self._runner(drain_seconds).each(
                handle, concurrency=concurrency, stopping=self.stopping, **options
            )
        )
        return self

    def batches(
        self, handle_batch: HandleBatch[ImageRequested], *, drain_seconds: float = 10, **options: Any
    ) -> Self:
        self.task = asyncio.create_task(
            self._runner(drain_seconds).batches(handle_batch, stopping=self.stopping, **options)
        )
        return self

    def _runner(self, drain_seconds: float) -> Runner:
        # As from its first step on: whoever waits until it is ready must not be ahead of that.
        self.health.unready(f"{self.membership.group} consumer", "not yet begun")
        return Runner(self.membership, self.producer, self.health, drain_seconds)

    async def kill(self) -> None:
        """Ends at once, as far as that is possible inside one process."""
        assert self.task is not None
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def stop(self) -> None:
        self.stopping.set()
        assert self.task is not None
        await asyncio.wait_for(self.task, DEADLINE_SECONDS)


@dataclass
class Recorded:
    """A membership that shows the consumers it made."""

    membership: Membership
    made: list[KafkaConsumer] = field(default_factory=list)

    @property
    def group(self) -> str:
        return self.membership.group

    def consumer(self) -> Consumer:
        made = self.membership.consumer()
        assert isinstance(made, KafkaConsumer)
        self.made.append(made)
        return made

    def pause_memory(self) -> PauseMemory:
        return self.membership.pause_memory()

    async def count_members(self) -> int:
        return await self.membership.count_members()

    def assigned(self) -> set[TopicPartition]:
        """To the consumer that is there now."""
        client = self.made[-1]._client
        return client.assignment() if client is not None else set()


REQUEST_ID = uuid.UUID(int=1)


def request(ordinal: int, attempt: int = 1) -> ImageRequested:
    return ImageRequested(
        request_id=REQUEST_ID,
        image_id=uuid.uuid5(REQUEST_ID, str(ordinal)),
        ordinal=ordinal,
        run=1,
        attempt=attempt,
        url=f"https://shop.example/{ordinal}.jpg",
        quality=50,
        format=ImageFormat.KEEP,
        take_by=datetime(2030, 1, 1, tzinfo=UTC),
    )


async def send(world: World, count: int, first: int = 0) -> None:
    now = datetime.now(UTC)
    await world.producer.publish([Outgoing(request(n), now) for n in range(first, first + count)])


async def send_garbage(world: World) -> None:
    await world.put(NewRecord(TOPIC.value, b"k", b"{not json", [("ce_id", b"x")]))


async def until_committed(world: World, group: str, count: int) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while await world.committed(group) < count:
            await asyncio.sleep(0.05)


def value_of(metric: Gauge, group: str) -> list[float]:
    (family,) = metric.labels(group).collect()
    return [sample.value for sample in family.samples]
