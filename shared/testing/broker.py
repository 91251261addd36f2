"""A broker in memory for tests: partitions, consumer groups with eager rebalances, commits, dead letters.

It passes the same conformance suite as the real one.
"""

import asyncio
import zlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from shared.consuming.broker import (
    CommitRefused,
    Consumer,
    NewRecord,
    Partition,
    PauseMemory,
    Rebalance,
    Record,
)
from shared.consuming.cloud_events import encode
from shared.consuming.handling import Outgoing
from shared.contract.events import Topic
from shared.contract.partitions import partition_index
from shared.outcomes import Away


@dataclass
class FakeBroker:
    """Holds every topic and every group. `away` makes all of its clients find nobody there."""

    partitions: int = 3
    away: bool = False
    logs: dict[Partition, list[Record]] = field(default_factory=lambda: defaultdict(list))
    committed: dict[tuple[str, Partition], int] = field(default_factory=dict)
    paused_groups: set[str] = field(default_factory=set)
    _groups: dict[str, "_FakeGroup"] = field(default_factory=dict)
    appended: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def append(self, new: NewRecord) -> None:
        await self.put(new, partition_index(new.key or b"", self.partitions, zlib.crc32))

    async def put(self, new: NewRecord, number: int) -> int:
        """Into this partition, whatever its key; returns the record's place there."""
        self.require()
        log = self.logs[Partition(new.topic, number)]
        offset = len(log)
        log.append(
            Record(
                partition=Partition(new.topic, number),
                offset=offset,
                key=new.key,
                value=new.value,
                headers=new.headers,
                timestamp_ms=0,
            )
        )
        async with self.appended:
            self.appended.notify_all()
        return offset

    def records(self, topic: str) -> list[Record]:
        return [
            record
            for partition, log in sorted(self.logs.items())
            if partition.topic == topic
            for record in log
        ]

    def group(self, name: str) -> "_FakeGroup":
        return self._groups.setdefault(name, _FakeGroup(self, name))

    def require(self) -> None:
        if self.away:
            raise Away("broker", "the fake is away")


@dataclass
class FakeBrokerProducer:
    broker: FakeBroker

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        await self.publish_records([encode(message, "fake") for message in messages])

    async def publish_records(self, records: Sequence[NewRecord]) -> None:
        self.broker.require()
        for record in records:
            await self.broker.append(record)

    async def put_aside(self, letter: NewRecord) -> int:
        return await self.broker.put(letter, 0)


@dataclass
class _FakeGroup:
    broker: FakeBroker
    name: str
    members: list["FakeConsumer"] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def rebalance(self) -> None:
        async with self.lock:
            await asyncio.gather(*(member.lose_all() for member in self.members))
            every = [Partition(topic, n) for topic in self._topics() for n in range(self.broker.partitions)]
            for index, member in enumerate(self.members):
                await member.gain(every[index :: len(self.members)])

    def _topics(self) -> list[str]:
        return sorted({topic.value for member in self.members for topic in member.topics})


@dataclass(eq=False)
class FakeConsumer:
    broker: FakeBroker
    group_name: str
    topics: Sequence[Topic]
    _listener: Rebalance | None = None
    _positions: dict[Partition, int] = field(default_factory=dict)
    _rebalance: asyncio.Task[None] | None = None

    async def start(self, listener: Rebalance) -> None:
        self.broker.require()
        self._listener = listener
        group = self.broker.group(self.group_name)
        group.members.append(self)
        self._rebalance = asyncio.create_task(group.rebalance())

    async def poll(
        self, timeout_seconds: float, max_records: int, full: Collection[Partition] = ()
    ) -> Mapping[Partition, Sequence[Record]]:
        await asyncio.sleep(0)  # as with a real one, others have their turns meanwhile
        polled = self._take(max_records, full)
        if polled or timeout_seconds == 0:
            return polled
        try:
            async with asyncio.timeout(timeout_seconds), self.broker.appended:
                await self.broker.appended.wait()
        except TimeoutError:
            return {}
        return self._take(max_records, full)

    def _take(self, max_records: int, full: Collection[Partition]) -> dict[Partition, Sequence[Record]]:
        polled: dict[Partition, Sequence[Record]] = {}
        for partition, position in self._positions.items():
            if partition in full or self.broker.away or max_records <= 0:
                continue
            log = self.broker.logs[partition]
            start = position if position <= len(log) else 0  # out of range: from the earliest
            records = log[start : start + max_records]
            if records:
                polled[partition] = records
                self._positions[partition] = records[-1].offset + 1
                max_records -= len(records)
        return polled

    def show_presence(self) -> None:
        """Nobody is put out of this group."""

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        self.broker.require()
        if not set(offsets) <= set(self._positions):
            raise CommitRefused("not assigned to this member")
        for partition, offset in offsets.items():
            self.broker.committed[self.group_name, partition] = offset

    async def positions(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        self.broker.require()
        return {each: self._positions[each] for each in partitions if each in self._positions}

    async def lag(self) -> int:
        self.broker.require()
        return sum(len(self.broker.logs[partition]) - at for partition, at in self._positions.items())

    async def stop(self) -> None:
        group = self.broker.group(self.group_name)
        if self._rebalance is not None:
            await self._rebalance
        if self in group.members:
            group.members.remove(self)
            self._positions.clear()
            await group.rebalance()

    async def lose_all(self) -> None:
        if self._listener is not None and self._positions:
            await self._listener.revoked()
        self._positions.clear()

    async def gain(self, partitions: Sequence[Partition]) -> None:
        committed = self.broker.committed
        self._positions = {each: committed.get((self.group_name, each), 0) for each in partitions}
        if self._listener is not None:
            await self._listener.assigned(partitions)


@dataclass
class FakePauseMemory:
    broker: FakeBroker
    group: str

    async def remember(self) -> None:
        self.broker.require()
        self.broker.paused_groups.add(self.group)

    async def is_paused(self) -> bool:
        self.broker.require()
        return self.group in self.broker.paused_groups

    async def clear(self) -> None:
        self.broker.require()
        self.broker.paused_groups.discard(self.group)

    async def close(self) -> None: ...


@dataclass(frozen=True)
class FakeSubscription:
    broker: FakeBroker
    group: str
    topics: tuple[Topic, ...]

    def consumer(self) -> Consumer:
        return FakeConsumer(self.broker, self.group, self.topics)

    def pause_memory(self) -> PauseMemory:
        return FakePauseMemory(self.broker, self.group)

    async def count_members(self) -> int:
        self.broker.require()
        return len(self.broker.group(self.group).members)
