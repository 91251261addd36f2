"""A member whose messages may well come twice commits less often while more are under way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.consuming.broker import Partition, Record
from shared.consuming.member.commits import COMMIT_EVERY_SECONDS
from shared.consuming.member.group_member import GroupMember
from shared.consuming.work import TakenWork, admit_all
from shared.contract.events import Topic
from shared.observing.health import Health
from shared.testing.broker import FakeBroker, FakeSubscription
from shared.testing.fakes import FakeClock
from tests.unit.shared.consuming.test_taken_bytes import Held, containment, record

PARTITION = Partition(Topic.IMAGE_REQUESTED.value, 0)
AT_WORK_SECONDS = 4 * COMMIT_EVERY_SECONDS


@dataclass
class Consumer:
    committed: list[int] = field(default_factory=list)

    async def start(self, _: object) -> None: ...

    async def poll(self, *_: object) -> Mapping[Partition, Sequence[Record]]:
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
    def __init__(self) -> None:
        self.clock = FakeClock()
        made = containment(Held())
        made.clock = self.clock
        self.work = TakenWork(made, admit_all)
        self.work.open([PARTITION])
        self.consumer = Consumer()
        self.member = GroupMember(
            membership=FakeSubscription(FakeBroker(), "group", (Topic.IMAGE_REQUESTED,)),
            work=self.work,
            containment=made,
            health=Health(),
            drain_seconds=0.1,
            commit_seconds_at_work=AT_WORK_SECONDS,
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


async def test_while_nothing_is_under_way_what_is_done_is_committed_soon() -> None:
    world = World()
    world.finish(0)
    assert await world.pass_time(COMMIT_EVERY_SECONDS / 2) == []
    assert await world.pass_time(COMMIT_EVERY_SECONDS) == [1]


async def test_while_more_is_under_way_commits_are_further_apart() -> None:
    world = World()
    world.finish(0)
    world.work.taken[PARTITION].take([record(1)])
    assert await world.pass_time(AT_WORK_SECONDS - COMMIT_EVERY_SECONDS) == []
    assert await world.pass_time(COMMIT_EVERY_SECONDS) == [1]
    world.work.taken[PARTITION].settled([record(1)])
    assert await world.pass_time(COMMIT_EVERY_SECONDS) == [1, 2]
