"""A member commits now and then; one whose messages may well come twice less often, and sleeps as long."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from shared.consuming.broker import Partition, Record
from shared.consuming.member.commits import COMMIT_EVERY_SECONDS
from shared.consuming.member.group_member import IDLE_POLL_SECONDS, POLL_SECONDS, GroupMember
from shared.consuming.work import EachWork
from shared.contract.events import Topic
from shared.observing.health import Health
from shared.testing.broker import FakeBroker, FakeSubscription
from shared.testing.fakes import FakeClock
from tests.unit.shared.consuming.test_taken_bytes import Held, containment, record

PARTITION = Partition(Topic.IMAGE_REQUESTED.value, 0)
SELDOM_SECONDS = 1.5 * COMMIT_EVERY_SECONDS


@dataclass
class Consumer:
    committed: list[int] = field(default_factory=list)
    polled_for: list[float] = field(default_factory=list)

    async def start(self, _: object) -> None: ...

    async def poll(self, seconds: float, *_: object) -> Mapping[Partition, Sequence[Record]]:
        self.polled_for.append(seconds)
        return {}

    def show_presence(self) -> None: ...

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        self.committed += offsets.values()

    async def positions(self, _: object) -> Mapping[Partition, int]:
        return {}

    async def lag(self) -> int:
        return 0

    async def stop(self) -> None: ...


class World:
    def __init__(self, commit_every_seconds: float = COMMIT_EVERY_SECONDS) -> None:
        self.clock = FakeClock()
        made = containment(Held())
        made.clock = self.clock
        self.work = EachWork(made, slots=10)
        self.work.open([PARTITION])
        self.consumer = Consumer()
        self.member = GroupMember(
            membership=FakeSubscription(FakeBroker(), "group", (Topic.IMAGE_REQUESTED,)),
            work=self.work,
            containment=made,
            health=Health(),
            drain_seconds=0.1,
            commit_every_seconds=commit_every_seconds,
        )
        self.commits = self.member._commits
        self.commits._made_at = self.commits._told_all_at = self.clock.now

    def finish(self, offset: int) -> None:
        self.work.taken[PARTITION].take([record(offset)])
        self.work.taken[PARTITION].settled([record(offset)])

    async def pass_time(self, seconds: float) -> Sequence[int]:
        self.clock.now += seconds
        await self.commits.make_now_and_then(self.consumer)
        return self.consumer.committed

    async def poll(self) -> float:
        """How long the member waits for more."""
        await self.member._poll_some(self.consumer)
        return self.consumer.polled_for[-1]


async def test_what_is_done_is_committed_soon() -> None:
    world = World()
    world.finish(0)
    assert await world.pass_time(COMMIT_EVERY_SECONDS / 2) == []
    assert await world.pass_time(COMMIT_EVERY_SECONDS) == [1]


@pytest.mark.parametrize("under_way", [0, 1])
async def test_what_may_well_come_twice_is_committed_less_often(under_way: int) -> None:
    world = World(SELDOM_SECONDS)
    world.finish(0)
    world.work.taken[PARTITION].take([record(1)] * under_way)
    assert await world.pass_time(COMMIT_EVERY_SECONDS) == []
    assert await world.pass_time(SELDOM_SECONDS - COMMIT_EVERY_SECONDS) == [1]


async def test_a_member_sleeps_until_its_next_commit_and_no_longer() -> None:
    world = World(SELDOM_SECONDS)
    world.member._rebalancing = False
    assert await world.poll() == IDLE_POLL_SECONDS
    world.finish(0)
    world.clock.now += SELDOM_SECONDS / 4
    assert await world.poll() == pytest.approx(SELDOM_SECONDS * 3 / 4)
    world.work.taken[PARTITION].take([record(1)])
    assert await world.poll() == POLL_SECONDS
    await world.pass_time(SELDOM_SECONDS)
    world.work.taken[PARTITION].settled([record(1)])
    await world.pass_time(SELDOM_SECONDS)
    assert await world.poll() == IDLE_POLL_SECONDS
