"""One member of a consumer group: decode → handle → publish → mark done → commit, for both forms of handler.

It alone polls. It deals with rebalances, drains and absence; watch.py tells when its consumer must go,
containment.py what a failing message means, and commits.py what is committed when.
"""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from shared.consuming.broker import CommitRefused, Consumer, Membership, Partition
from shared.consuming.containment import Containment
from shared.consuming.member.attendance import Attendance
from shared.consuming.member.commits import COMMIT_EVERY_SECONDS, Commits
from shared.consuming.member.progress import Progress
from shared.consuming.member.watch import Watch
from shared.consuming.work import TakenWork
from shared.observing.contact import Contact
from shared.observing.health import Health
from shared.observing.logs import Action, log
from shared.observing.metrics import (
    CONSUMER_ABSENT,
    CONSUMER_LAG,
    DEAD_LETTERS,
    MESSAGES_HANDLED,
    MESSAGES_UNDER_WAY,
    OLDEST_MESSAGE,
)
from shared.outcomes import Away
from shared.waits import called_when, wait_for, wait_for_beat

POLL_SECONDS = 0.5
FULL_POLL_SECONDS = 0.05  # while a partition is full, which may have room at any moment
IDLE_POLL_SECONDS = 1.0  # with nothing under way: what comes is waited for, or the next commit
REVOKE_DRAIN_SECONDS = 4.0  # shorter than the rebalance time-out
RECONNECT_SECONDS = 1.0
OTHERS_CHECK_SECONDS = 5.0  # each is a connection of its own to the broker


@dataclass(slots=True, kw_only=True)
class GroupMember:
    """One member of a group and its work, from the first connection to the last commit."""

    membership: Membership
    work: TakenWork
    containment: Containment
    health: Health
    drain_seconds: float
    needs: Collection[str] = ()
    commit_every_seconds: float = COMMIT_EVERY_SECONDS
    _consumer: Consumer | None = None
    _rebalancing: bool = True
    _contact: Contact = field(init=False)
    _progress: Progress = field(init=False)
    _attendance: Attendance = field(init=False)
    _commits: Commits = field(init=False)
    _watch: Watch = field(init=False)

    def __post_init__(self) -> None:
        self._contact = Contact(group=self.containment.group)
        self._progress = Progress(self.containment.clock)
        self._attendance = Attendance(self.containment.clock, self.health, self.needs)
        self._commits = Commits(
            group=self.containment.group,
            work=self.work,
            progress=self._progress,
            clock=self.containment.clock,
            lost=self._lost,
            every_seconds=self.commit_every_seconds,
        )
        self._watch = Watch(
            membership=self.membership,
            work=self.work,
            progress=self._progress,
            attendance=self._attendance,
            has_partitions=lambda: not self._rebalancing,
            lost=self._lost,
            found=self._found,
        )

    async def run(self, stopping: asyncio.Event) -> None:
        self._progress.begun()
        self.health.watch(self.containment.group, self._fault)
        self._show_metrics()
        self.health.unready(self._part, "not yet connected")
        async with asyncio.TaskGroup() as tasks:  # whichever of the two dies, the other does not outlive it
            guard = tasks.create_task(self.containment.pause.guard())
            try:
                with called_when(stopping, guard.cancel):  # its goodbye to the broker is said beside ours
                    await self._until_able(stopping)
                    while not stopping.is_set():
                        await self._run_consumer(stopping)
                        if self._attendance.is_absent:
                            await self._stay_away(stopping)
            finally:
                if not guard.cancelling():
                    guard.cancel()
                await asyncio.wait({guard})

    async def _until_able(self, stopping: asyncio.Event) -> None:
        """Whoever joined others without what the work needs would hold up his share of it."""
        attendance, clock = self._attendance, self.containment.clock
        while attendance.trouble() is not None and await self._watch.has_others(with_us=False):
            attendance.is_absent = True
            ask_again_at = clock() + OTHERS_CHECK_SECONDS
            while attendance.trouble() is not None and clock() < ask_again_at:
                self._progress.begun()
                await wait_for_beat(stopping, 0)
                if stopping.is_set():
                    return
        attendance.is_absent = False

    def _show_metrics(self) -> None:
        """Shown from the start: a series that began with the first dead letter would hide it."""
        group = self.containment.group
        MESSAGES_UNDER_WAY.labels(group).set_function(self.work.under_way)
        OLDEST_MESSAGE.labels(group).set_function(self.work.oldest_seconds)
        CONSUMER_ABSENT.labels(group).set_function(lambda: self._attendance.is_absent)
        MESSAGES_HANDLED.labels(group)
        DEAD_LETTERS.labels(group)

    def _fault(self) -> str | None:
        return self._progress.fault() or self.work.fault()

    @property
    def _part(self) -> str:
        return f"{self.containment.group} consumer"

    async def _run_consumer(self, stopping: asyncio.Event) -> None:
        """One connection's life: until `stopping`, or until it breaks or sits still."""
        consumer = self.membership.consumer()
        self._rebalancing = True
        try:
            await consumer.start(self)
        except Away as away:
            self._progress.begun()
            self._lost(away)
            await wait_for(stopping, RECONNECT_SECONDS)
            return
        self._consumer = consumer
        self._progress.connected()
        watch = asyncio.create_task(self._watch.until_replaced(consumer))
        try:
            await self._poll_until(stopping, consumer, watch)
        except Away as away:
            self._lost(away)
            await wait_for(stopping, RECONNECT_SECONDS)
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            await self._leave(consumer, self.drain_seconds if stopping.is_set() else REVOKE_DRAIN_SECONDS)

    async def _poll_until(
        self, stopping: asyncio.Event, consumer: Consumer, watch: asyncio.Task[None]
    ) -> None:
        while not stopping.is_set() and not watch.done():
            self._progress.turned()
            self.work.changed.clear()
            self.work.require_alive()
            if self._rebalancing:
                await wait_for_beat(self.work.changed, POLL_SECONDS)
            elif self.work.room() <= 0:
                consumer.show_presence()
                await wait_for_beat(self.work.changed, POLL_SECONDS)
            else:
                await self._poll_some(consumer)
            if not self._rebalancing:
                await self._commits.make_now_and_then(consumer)
        # The library may cancel what waits for a broken client.
        if watch.done() and not watch.cancelled():
            watch.result()  # raises what the watch died of

    async def _poll_some(self, consumer: Consumer) -> None:
        if full := self.work.full_partitions():
            polled = await consumer.poll(0, self.work.room(), full)
        else:
            seconds = POLL_SECONDS if self.work.under_way() else IDLE_POLL_SECONDS
            polled = await consumer.poll(min(seconds, self._commits.due_in_seconds()), self.work.room())
        if self._rebalancing:
            return  # not ours any more: whoever has the partition reads from what is committed
        if full and not polled:
            await wait_for(self.work.changed, FULL_POLL_SECONDS)
        for partition, records in polled.items():
            if self.work.taken[partition].goes_back(records):
                await self._begin_again(consumer, partition, records[0].offset)
            self.work.take(partition, records)
        if polled:
            self._progress.fed()

    async def _begin_again(self, consumer: Consumer, partition: Partition, offset: int) -> None:
        """The log has lost its end, and other messages stand where those stood that are under way. Raises
        `Away`: on the next connection all is read again from here.
        """
        self.work.taken[partition].disown()
        with suppress(CommitRefused):  # then it is read from where somebody else says
            await consumer.commit({partition: offset})
        raise Away("broker", f"{partition.topic} {partition.number} begins again at {offset}")

    async def revoked(self) -> None:
        """Called by the consumer before the group goes on without us."""
        self._rebalancing = True
        await self.work.drain(REVOKE_DRAIN_SECONDS)
        if self._consumer is not None:
            await self._commits.make(self._consumer)
        log.info(Action.PARTITIONS_REVOKED, group=self.containment.group)
        self.work.open(())

    async def assigned(self, partitions: Sequence[Partition]) -> None:
        """Called by the consumer before anything of these partitions is read."""
        self.work.open(partitions)
        self._commits.begin()
        self._rebalancing = False
        self._progress.connected()
        self._found()
        self.work.changed.set()
        log.info(
            Action.PARTITIONS_ASSIGNED,
            group=self.containment.group,
            partitions=[p.number for p in partitions],
        )

    async def _stay_away(self, stopping: asyncio.Event) -> None:
        group = self.containment.group
        log.warning(Action.GROUP_LEFT, group=group, reason=self._attendance.trouble())
        self.health.hold(self._part, "left its partitions to others until it can work again")
        CONSUMER_LAG.labels(group).set(0)
        while not (stopping.is_set() or self._attendance.may_return()):
            self._progress.begun()
            await wait_for_beat(stopping, POLL_SECONDS)
        self._attendance.is_absent = False
        self.health.let_go(self._part)
        if not stopping.is_set():
            log.info(Action.GROUP_JOINED_AGAIN, group=group)

    async def _leave(self, consumer: Consumer, drain_seconds: float) -> None:
        await self.work.drain(drain_seconds)
        await self._commits.make(consumer)
        self._consumer, self._rebalancing = None, True
        self.work.open(())
        await consumer.stop()

    def _lost(self, away: Away) -> None:
        self._contact.lost(reason=str(away))
        self.health.unready(self._part, str(away))

    def _found(self) -> None:
        self._contact.found()
        self.health.ready(self._part)
