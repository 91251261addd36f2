"""What a runner has taken and not yet finished, in its two forms: one task per message, or one queue per
partition. It neither polls nor commits.
"""

import asyncio
import math
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from shared.consuming.broker import Partition, Record
from shared.consuming.containment import HANDLER_SECONDS, Containment
from shared.consuming.taken import TakenPartition
from shared.waits import wait_for

BATCH_MOST = 500
BATCH_BYTES = 4 * 1024 * 1024
"""Of the messages that are handled as one batch; one message at least."""
BATCH_SECONDS = 0.02
QUEUE_MOST = 2 * BATCH_MOST  # per partition: polled and not yet handled
EACH_BYTES = 64 * 1024 * 1024
"""Of messages that are handled one by one, taken and not yet settled. What one poll brings comes on top."""
BATCHES_BYTES = 16 * 1024 * 1024
"""The same where they are handled in batches."""
HELD_SECONDS = 0.1
HANGS_SECONDS = HANDLER_SECONDS + 60.0  # no call that a task makes may take so long

Admits = Callable[[], int]  # how many more messages may be taken now; 0 leaves them in the broker
# How much longer the messages of one partition may wait for others, so many seconds after the batch before
# them was begun; 0 or less: they are handled now.
Gathers = Callable[[Sequence[Record], float], float]


def admit_all() -> int:
    return BATCH_MOST


def gather_briefly(_: Sequence[Record], since_last_seconds: float) -> float:
    """What comes after a rest is handled at once."""
    return BATCH_SECONDS - since_last_seconds


class WorkDiedError(RuntimeError):
    """A task ended by an error, though containment lets none through: a bug, or something unforeseen."""


class TakenWork:
    """What is taken and not yet finished. `changed` wakes the poll loop when there is room or news."""

    def __init__(self, containment: Containment, admits: Admits) -> None:
        self.containment = containment
        self._admits = admits
        self.taken: dict[Partition, TakenPartition] = {}
        self.changed = asyncio.Event()
        self._tasks: dict[asyncio.Task[None], Partition] = {}
        self._held: set[asyncio.Task[Any]] = set()  # of these, while the group is paused
        self._draining = False
        self._died: BaseException | None = None

    def room(self) -> int:
        """How many more messages can be taken now."""
        raise NotImplementedError

    def under_way(self) -> int:
        """How many messages are taken and not yet settled."""
        return sum(map(len, self.taken.values()))

    def held_bytes(self) -> int:
        """How much these messages are, as the broker holds them."""
        return sum(taken.held_bytes for taken in self.taken.values())

    def oldest_seconds(self) -> float:
        """How long the oldest of them has been waiting."""
        return max((taken.oldest_seconds for taken in self.taken.values()), default=0.0)

    def full_partitions(self) -> Sequence[Partition]:
        """The partitions whose own queue is full."""
        return ()

    def take(self, partition: Partition, records: Sequence[Record]) -> None:
        raise NotImplementedError

    def open(self, partitions: Sequence[Partition]) -> None:
        self.taken = {partition: TakenPartition(self.containment.clock) for partition in partitions}
        self._draining = False

    def require_alive(self) -> None:
        """Raises what a task died of. Its messages would wait for ever, and nobody would know."""
        if self._died is not None:
            raise WorkDiedError(f"the work on {self.containment.group} died") from self._died

    def fault(self) -> str | None:
        """Which partition has taken messages and does not go on, though nothing it needs is away."""
        if self._draining or not self.containment.pause.gate.is_set():
            return None
        faults = (self._fault_of(partition) for partition, taken in self.taken.items() if len(taken))
        return next((fault for fault in faults if fault is not None), None)

    def _fault_of(self, partition: Partition) -> str | None:
        where = f"{partition.topic} {partition.number}"
        workers = [task for task, its in self._tasks.items() if its == partition]
        if not workers:
            return f"{where} has taken messages and nobody works on them"
        silent = max(map(self.containment.pulses.silent_seconds, workers))
        return f"{where} has not gone on for {silent:.0f} s" if silent > HANGS_SECONDS else None

    async def drain(self, seconds: float) -> None:
        """Waits so long for begun work to end. The rest is cancelled and comes again elsewhere."""
        self._draining = True
        for held in self._held:
            held.cancel()
        tasks = set(self._tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _start(
        self, loop: asyncio.AbstractEventLoop, partition: Partition, work: Coroutine[Any, Any, None]
    ) -> None:
        task = loop.create_task(work)
        self._tasks[task] = partition
        self.containment.pulses.begin(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task]
        self.containment.pulses.end(task)
        if not task.cancelled():
            self._died = self._died or task.exception()
        elif not self._draining:
            self._died = self._died or asyncio.CancelledError()
        self.changed.set()

    async def _settle(self, taken: TakenPartition, records: Sequence[Record]) -> None:
        if not self.containment.pause.gate.is_set():
            await self._until_let_go()
        await self.containment.settle(records)
        taken.settled(records)

    async def _until_let_go(self) -> None:
        """A paused group begins nothing, so its member has nothing to wait for when it leaves."""
        task = asyncio.current_task()
        if task is None or self._draining:
            raise asyncio.CancelledError
        self._held.add(task)
        try:
            await self.containment.pause.gate.wait()
        finally:
            self._held.discard(task)


class EachWork(TakenWork):
    """One task per message, at most `slots` of them."""

    def __init__(self, containment: Containment, slots: int, admits: Admits = admit_all) -> None:
        super().__init__(containment, admits)
        self._slots = slots

    def room(self) -> int:
        if self.held_bytes() >= EACH_BYTES:
            return 0
        return min(self._slots - len(self._tasks), self._admits())

    def take(self, partition: Partition, records: Sequence[Record]) -> None:
        taken = self.taken[partition]
        taken.take(records)
        loop = asyncio.get_running_loop()
        for record in records:
            self._start(loop, partition, self._settle(taken, [record]))


class BatchWork(TakenWork):
    """One queue and at most one task per partition, so that a partition's messages stay in order."""

    def __init__(
        self,
        containment: Containment,
        admits: Admits = admit_all,
        gathers: Gathers = gather_briefly,
    ) -> None:
        super().__init__(containment, admits)
        self._gathers = gathers
        self._queues: dict[Partition, list[Record]] = {}
        self._came = asyncio.Event()  # something, for any partition; or there is no time left
        self._begun_at: dict[Partition, float] = {}  # of each partition's last batch, on the loop's clock

    def room(self) -> int:
        return BATCH_MOST if self._admits() > 0 and self.held_bytes() < BATCHES_BYTES else 0

    def full_partitions(self) -> Sequence[Partition]:
        return [partition for partition, queue in self._queues.items() if len(queue) >= QUEUE_MOST]

    def open(self, partitions: Sequence[Partition]) -> None:
        super().open(partitions)
        self._queues = {partition: [] for partition in partitions}
        self._begun_at = dict.fromkeys(partitions, -math.inf)

    def take(self, partition: Partition, records: Sequence[Record]) -> None:
        queue, taken = self._queues[partition], self.taken[partition]
        was_idle = not queue
        queue.extend(records)
        taken.take(records)
        self._came.set()
        if was_idle:
            loop = asyncio.get_running_loop()
            self._start(loop, partition, self._work_off(loop, partition, queue, taken))

    async def drain(self, seconds: float) -> None:
        self._came.set()
        await super().drain(seconds)

    async def _work_off(
        self,
        loop: asyncio.AbstractEventLoop,
        partition: Partition,
        queue: list[Record],
        taken: TakenPartition,
    ) -> None:
        """A batch stays in the queue until it is settled: an empty queue means an idle partition."""
        while queue and not self._draining:
            await self._gather(loop, queue, self._begun_at[partition])
            if self._draining:
                return
            self._begun_at[partition] = loop.time()
            size = min(self._admits(), BATCH_MOST)
            if size <= 0:
                self.containment.pulses.note()
                await asyncio.sleep(HELD_SECONDS)
                continue
            batch = _first_of(queue, size)
            await self._settle(taken, batch)
            del queue[: len(batch)]
            self.changed.set()

    async def _gather(
        self, loop: asyncio.AbstractEventLoop, queue: Sequence[Record], last_began_at: float
    ) -> None:
        while len(queue) < BATCH_MOST and not self._draining:
            seconds = self._gathers(queue, loop.time() - last_began_at)
            if seconds <= 0:
                return
            self._came.clear()
            await wait_for(self._came, seconds)


def _first_of(queue: Sequence[Record], most: int) -> Sequence[Record]:
    held_bytes = 0
    for count, record in enumerate(queue[:most], 1):
        held_bytes += record.size_bytes
        if held_bytes >= BATCH_BYTES:
            return queue[:count]
    return queue[:most]
