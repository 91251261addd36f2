"""Runs a handler as a member of a consumer group: `run_each` on single messages with bounded concurrency,
`run_batches` on a batch of a partition at a time.
"""

import asyncio

from shared.consuming.broker import Membership, Producer
from shared.consuming.containment import Containment
from shared.consuming.group_member import GroupMember
from shared.consuming.handling import E, HandleBatch, HandleEach, ReportDead
from shared.consuming.work import Admits, BatchWork, EachWork, admit_all
from shared.observing.health import Health


async def run_each(
    membership: Membership,
    handle: HandleEach[E],
    *,
    concurrency: int,
    producer: Producer,
    health: Health,
    stopping: asyncio.Event,
    drain_seconds: float,
    report_dead: ReportDead[E] | None = None,
    admits: Admits = admit_all,
) -> None:
    """Handles messages one by one, `concurrency` at a time, until `stopping`. While it `admits` none, they
    wait in the broker.
    """
    containment = Containment(
        membership.group,
        lambda messages: handle(messages[0]),
        producer,
        membership.pause_memory(),
        health,
        report_dead,
    )
    work = EachWork(containment, concurrency, admits)
    await GroupMember(membership.consumer, work, containment, health, drain_seconds).run(stopping)


async def run_batches(
    membership: Membership,
    handle_batch: HandleBatch[E],
    *,
    producer: Producer,
    health: Health,
    stopping: asyncio.Event,
    drain_seconds: float,
    report_dead: ReportDead[E] | None = None,
    admits: Admits = admit_all,
) -> None:
    """Handles each partition's messages in order, in batches, until `stopping`. While it `admits` none, they
    wait in the broker.
    """
    memory = membership.pause_memory()
    containment = Containment(membership.group, handle_batch, producer, memory, health, report_dead)
    work = BatchWork(containment, admits)
    await GroupMember(membership.consumer, work, containment, health, drain_seconds).run(stopping)
