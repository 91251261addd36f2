"""R09: of a real cluster of three brokers one hangs, or is killed: what is published arrives and is committed
by the two others, while it is still away. How long that takes is Kafka's affair and the machine's.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from shared.consuming.handling import Incoming, Outgoing
from shared.contract.events import ImageRequested
from shared.kafka import open_producer
from shared.kafka.lag import KafkaGroupLag
from shared.kafka.topics import WantedTopic, ensure_topics
from shared.outcomes import Away
from tests.integration.consuming.worlds import PARTITIONS, TOPIC, KafkaWorld, Member, Recorded, send
from tests.worlds.patience import until
from tests.worlds.processes.freezing import freeze, thaw
from tests.worlds.servers.three_brokers import BROKERS, Cluster, three_brokers


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with three_brokers(tmp_path_factory.mktemp("three-brokers")) as brokers:
        names = (TOPIC.value, PARTITIONS), (TOPIC.dead_letters, 1)
        wanted = [WantedTopic(name, partitions, 3_600_000) for name, partitions in names]
        asyncio.run(ensure_topics(brokers.bootstrap, wanted, BROKERS))
        yield brokers


@dataclass
class Work:
    """What one publishes and another reads, for as long as the test lasts."""

    world: KafkaWorld
    membership: Recorded
    lag: KafkaGroupLag
    sent: int = 0
    seen: set[int] = field(default_factory=set)

    async def handle(self, message: Incoming[ImageRequested]) -> Sequence[Outgoing]:
        self.seen.add(message.event.ordinal)
        return ()

    async def goes_on(self) -> None:
        """Some more is published, by as many tries as it takes, arrives and is committed."""
        first = self.sent
        self.sent += 30
        await until(lambda: _succeeds(send(self.world, 30, first)))
        await until(lambda: self.seen.issuperset(range(self.sent)))
        await until(self._is_committed)

    async def _is_committed(self) -> bool:
        try:
            return await self.lag.read() == 0
        except Away:
            return False

    async def coordinator(self) -> int:
        """The broker that leads the group. For a moment the member may not know it."""
        await until(lambda: self._known_coordinator() is not None)
        number = self._known_coordinator()
        assert number is not None
        return number

    def _known_coordinator(self) -> int | None:
        client = self.membership.made[-1]._client
        return None if client is None else client._coordinator.coordinator_id


async def _succeeds(publishing: Coroutine[object, object, None]) -> bool:
    try:
        await publishing
    except Away:
        return False
    return True


@asynccontextmanager
async def work(cluster: Cluster, group: str) -> AsyncIterator[Work]:
    async with open_producer(cluster.bootstrap, "test") as publishing:
        world = KafkaWorld(cluster.bootstrap, publishing)
        membership = Recorded(world.membership(group))
        lag = KafkaGroupLag(bootstrap=cluster.bootstrap, group=group, topic=TOPIC)
        under_way = Work(world, membership, lag)
        member = Member(membership, publishing).each(under_way.handle)
        await under_way.goes_on()
        yield under_way
        await until(lambda: not member.health.reasons())
        await member.stop()
        await under_way.lag.close()


async def test_one_that_hangs_is_done_without_although_it_leads_the_group(
    cluster: Cluster, group: str
) -> None:
    async with work(cluster, group) as under_way:
        hanging = cluster.servers[await under_way.coordinator()].child.pid
        freeze(hanging)
        await under_way.goes_on()
        thaw(hanging)
        await under_way.goes_on()


async def test_one_that_is_killed_is_done_without_and_may_come_back(cluster: Cluster, group: str) -> None:
    async with work(cluster, group) as under_way:
        killed = cluster.servers[await under_way.coordinator()]
        killed.child.send(signal.SIGKILL)
        await until(lambda: killed.child.status() is not None)
        await under_way.goes_on()
        killed.start()
        await asyncio.to_thread(killed.wait_until_ready)
        await under_way.goes_on()
