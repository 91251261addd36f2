"""What a runner has taken and not yet finished, in its two forms: one task per message, or one queue per
partition. It neither polls nor commits.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from shared.consuming.broker import Partition, Record
from shared.consuming.containment import Containment
from shared.consuming.offsets import FinishedPrefix

BATCH_MOST = 500
BATCH_SECONDS = 0.02
QUEUE_MOST = 2 * BATCH_MOST  # per partition: polled and not yet handled
HELD_SECONDS = 0.1

Admits = Callable[[], int]  # how many more messages may be taken now; 0 leaves them in the broker


def admit_all() -> int:
    return BATCH_MOST


class TakenWork:
    """What is taken and not yet finished. `changed` wakes the poll loop when there is room or news."""

    def __init__(self, containment: Containment, admits: Admits) -> None:
        self.containment = containment
        self._admits = admits
        self.prefixes: dict[Partition, FinishedPrefix] = {}
        self.changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def room(self) -> int:
        """How many more messages can be taken now."""
        raise NotImplementedError

    def under_way(self) -> int:
        """How many messages are taken and not yet settled."""
        return len(self._tasks)

    def full_partitions(self) -> Sequence[Partition]:
        """The partitions whose own queue is full."""
        return ()

    def take(self, partition: Partition, records: Sequence[Record]) -> None:
        raise NotImplementedError

    def open(self, partitions: Sequence[Partition]) -> None:
        self.prefixes = {partition: FinishedPrefix() for partition in partitions}

    async def drain(self, seconds: float) -> None:
        """Waits so long for begun work to end. The rest is cancelled and comes again elsewhere."""
        tasks = set(self._tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.changed.set()

    async def _settle(self, prefix: FinishedPrefix, records: Sequence[Record]) -> None:
        await self.containment.settle(records)
        for record in records:
            prefix.finish(record.offset)


class EachWork(TakenWork):
    """One task per message, at most `slots` of them."""

    def __init__(self, containment: Containment, slots: int, admits: Admits = admit_all) -> None:
        super().__init__(containment, admits)
        self._slots = slots

    def room(self) -> int:
        return min(self._slots - len(self._tasks), self._admits())

    def take(self, partition: Partition, records: Sequence[Record]) -> None:
        prefix = self.prefixes[partition]
        for record in records:
            prefix.begin(record.offset)
            self._start(self._settle(prefix, [record]))


class BatchWork(TakenWork):
    """One queue and at most one task per partition, so that a partition's messages stay in order."""

    def __init__(self, containment: Containment, admits: Admits = admit_all) -> None:
        super().__init__(containment, admits)
        self._queues: dict[Partition, list[Record]] = {}
        self._draining = False

    def room(self) -> int:
        return BATCH_MOST if self._admits() > 0 else 0

    def under_way(self) -> int:
        return sum(map(len, self._queues.values()))

    def full_partitions(self) -> Sequence[Partition]:
        return [partition for partition, queue in self._queues.items() if len(queue) >= QUEUE_MOST]

    def open(self, partitions: Sequence[Partition]) -> None:
        super().open(partitions)
        self._queues = {partition: [] for partition in partitions}
        self._draining = False

    async def drain(self, seconds: float) -> None:
        self._draining = True
        await super().drain(seconds)

    def take(self, partition: Partition, records: Sequence[Record]) -> None:
        queue = self._queues[partition]
        was_idle = not queue
        queue.extend(records)
        if was_idle:
            self._start(self._work_off(queue, self.prefixes[partition]))

    async def _work_off(self, queue: list[Record], prefix: FinishedPrefix) -> None:
        """A batch stays in the queue until it is settled: an empty queue means an idle partition."""
        if len(queue) < BATCH_MOST:
            await asyncio.sleep(BATCH_SECONDS)
        while queue and not self._draining:
            size = min(self._admits(), BATCH_MOST)
            if size <= 0:
                await asyncio.sleep(HELD_SECONDS)
                continue
            batch = queue[:size]
            for record in batch:
                prefix.begin(record.offset)
            await self._settle(prefix, batch)
            del queue[: len(batch)]
            self.changed.set()
