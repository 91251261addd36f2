"""Runs a handler as a member of a consumer group: on single messages with bounded concurrency, or on batches,
each of one partition.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from shared.consuming.broker import Membership, Producer
from shared.consuming.containment import Containment
from shared.consuming.handling import E, HandleBatch, HandleEach, ReportDead
from shared.consuming.member.commits import COMMIT_EVERY_SECONDS
from shared.consuming.member.group_member import GroupMember
from shared.consuming.work import (
    Admits,
    BatchWork,
    EachWork,
    Gathers,
    TakenWork,
    admit_all,
    gather_briefly,
)
from shared.observing.health import Health


@dataclass(frozen=True, slots=True)
class Runner:
    """Both forms run until `stopping`. While `admits` allows none, messages wait in the broker. A member that
    for long lacks one of its `needs`, parts of its health, leaves its partitions to others. Where it costs
    nothing to handle a message twice, commits may be further apart.
    """

    membership: Membership
    producer: Producer
    health: Health
    drain_seconds: float
    commit_every_seconds: float = COMMIT_EVERY_SECONDS

    async def each(
        self,
        handle: HandleEach[E],
        *,
        concurrency: int,
        stopping: asyncio.Event,
        report_dead: ReportDead[E] | None = None,
        admits: Admits = admit_all,
        needs: Collection[str] = (),
    ) -> None:
        """Handles messages one by one, `concurrency` at a time."""
        containment = self._containment(lambda messages: handle(messages[0]), report_dead)
        await self._run(EachWork(containment, concurrency, admits), needs, stopping)

    async def batches(
        self,
        handle_batch: HandleBatch[E],
        *,
        stopping: asyncio.Event,
        report_dead: ReportDead[E] | None = None,
        admits: Admits = admit_all,
        gathers: Gathers = gather_briefly,
        needs: Collection[str] = (),
    ) -> None:
        """Handles each partition's messages in order, in batches."""
        work = BatchWork(self._containment(handle_batch, report_dead), admits, gathers)
        await self._run(work, needs, stopping)

    def _containment(self, handle_batch: HandleBatch[E], report_dead: ReportDead[E] | None) -> Containment:
        return Containment(
            group=self.membership.group,
            handle_batch=handle_batch,
            report_dead=report_dead,
            producer=self.producer,
            pause_memory=self.membership.pause_memory(),
            health=self.health,
        )

    async def _run(self, work: TakenWork, needs: Collection[str], stopping: asyncio.Event) -> None:
        member = GroupMember(
            membership=self.membership,
            needs=needs,
            work=work,
            containment=work.containment,
            health=self.health,
            drain_seconds=self.drain_seconds,
            commit_every_seconds=self.commit_every_seconds,
        )
        await member.run(stopping)
