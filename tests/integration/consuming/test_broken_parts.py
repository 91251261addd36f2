"""The runner against what really breaks: a member killed with -9, a broker restarted, a broker frozen."""

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from deploy.local.testing import RunningServer
from shared.consuming.handling import Incoming, Outgoing
from shared.contract.events import ImageRequested
from shared.kafka import consumer as kafka_consumer
from shared.kafka import open_producer
from shared.kafka import producer as kafka_producer
from shared.outcomes import Away
from tests.integration.consuming.worlds import (
    PARTITIONS,
    KafkaWorld,
    Member,
    Recorded,
    empty_topics,
    send,
    until_committed,
)
from tests.worlds.patience import until
from tests.worlds.processes.child_process import running
from tests.worlds.processes.freezing import freeze, thaw
from tests.worlds.services.ingest_service import Broker

SHORTEST_SESSION_MS = 6_000  # that a broker lets a member have
PUBLISH_SECONDS = 5.0
OUTAGE_SECONDS = 7.0  # longer than the producer waits for an ack, and than a member's session lasts
Outage = Callable[[RunningServer], Awaitable[None]]
KILLED_WORK = 2_000  # a member process of its own needs 100 s for these


@pytest.fixture
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The outage must outlast it."""
    monkeypatch.setattr(kafka_consumer, "SESSION_MS", SHORTEST_SESSION_MS)
    monkeypatch.setattr(kafka_producer, "PUBLISH_SECONDS", PUBLISH_SECONDS)


@asynccontextmanager
async def sending_all_the_time(world: KafkaWorld, sent: list[int]) -> AsyncIterator[None]:
    """Ten messages now and then, each batch repeated until the broker has taken it."""
    done = asyncio.Event()

    async def keep_sending() -> None:
        while not done.is_set():
            try:
                await send(world, 10, len(sent))
            except Away:
                continue
            sent.extend(range(len(sent), len(sent) + 10))
            await asyncio.sleep(0.2)

    sender = asyncio.create_task(keep_sending())
    try:
        yield
    finally:
        done.set()
        await sender


async def survives(broker: Broker, group: str, outage: Outage) -> None:
    bootstrap = broker.bootstrap
    await empty_topics(bootstrap)
    seen: Counter[int] = Counter()
    sent: list[int] = []

    async def handle(message: Incoming[ImageRequested]) -> Sequence[Outgoing]:
        seen[message.event.ordinal] += 1
        return ()

    async with open_producer(bootstrap, "test") as producer, open_producer(bootstrap, "member") as publishing:
        world = KafkaWorld(bootstrap, producer)
        members = [Member(world.membership(group), publishing).each(handle) for _ in range(2)]
        async with sending_all_the_time(world, sent):
            await until(lambda: len(seen) >= 50)
            await outage(broker.server)
            before = len(seen)
            await until(lambda: len(seen) >= before + 50)
        await until(lambda: set(sent) <= set(seen))
        await until_committed(world, group, len(sent))
        await until(lambda: not any(member.health.reasons() for member in members))
        for member in members:
            assert member.health.stalls() == {}
            await member.stop()


@pytest.mark.usefixtures("little_patience")
async def test_a_restart_of_the_broker_loses_nothing_and_needs_no_hand(
    breakable_kafka: Broker, group: str
) -> None:
    async def restart(running: RunningServer) -> None:
        await asyncio.to_thread(running.stop)
        await asyncio.sleep(OUTAGE_SECONDS)
        running.start()
        await asyncio.to_thread(running.wait_until_ready)

    await survives(breakable_kafka, group, restart)


@pytest.mark.usefixtures("little_patience")
async def test_a_frozen_broker_loses_nothing_and_needs_no_hand(breakable_kafka: Broker, group: str) -> None:
    async def stand_still(running: RunningServer) -> None:
        freeze(running.child.pid)
        await asyncio.sleep(OUTAGE_SECONDS)
        thaw(running.child.pid)

    await survives(breakable_kafka, group, stand_still)


def member_process(
    kafka: str, group: str, notes: Path
) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
    return running(sys.executable, "-m", "tests.integration.consuming.member_process", kafka, group, notes)


async def test_a_killed_member_s_work_is_done_by_the_other(kafka: str, group: str, tmp_path: Path) -> None:
    """R23"""
    await empty_topics(kafka)
    notes = tmp_path / "notes"
    seen: set[int] = set()

    async def handle(message: Incoming[ImageRequested]) -> Sequence[Outgoing]:
        seen.add(message.event.ordinal)
        return ()

    async with open_producer(kafka, "test") as producer, member_process(kafka, group, notes) as victim:
        world = KafkaWorld(kafka, producer)
        await send(world, KILLED_WORK)
        await until(lambda: notes.exists() and len(notes.read_text().splitlines()) > 40)
        membership = Recorded(world.membership(group))
        survivor = Member(membership, producer).each(handle)
        await until(lambda: seen)  # both are members now
        assert 0 < len(membership.assigned()) < PARTITIONS
        victim.send_signal(signal.SIGKILL)
        await victim.wait()
        await until(lambda: len(membership.assigned()) == PARTITIONS)
        await until(lambda: len(seen | {int(line) for line in notes.read_text().splitlines()}) == KILLED_WORK)
        await until_committed(world, group, KILLED_WORK)
        await survivor.stop()
