"""A member that lacks what its work needs leaves its share to others, or does not join them, on the broker in
memory and on the real one.
"""

import math

import pytest

from shared.consuming.member.attendance import Attendance
from shared.consuming.member.watch import Watch
from shared.observing.metrics import CONSUMER_ABSENT
from tests.integration.consuming.seen import Seen
from tests.integration.consuming.worlds import Member, World, send, until_committed, value_of
from tests.worlds.patience import DEADLINE_SECONDS, until


@pytest.fixture
def leaves_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.consuming.member.attendance.LEAVE_AFTER_SECONDS", 0.2)
    monkeypatch.setattr("shared.consuming.member.attendance.RETURN_AFTER_SECONDS", 0.2)
    monkeypatch.setattr("shared.consuming.member.watch.LAG_CHECK_SECONDS", 0.1)


@pytest.mark.usefixtures("leaves_soon")
async def test_a_member_that_cannot_work_leaves_its_partitions_to_another_and_comes_back(
    world: World, group: str
) -> None:
    sick, well = Seen(), Seen()
    first = Member(world.membership(group), world.producer).each(sick.handle, needs=("store",))
    second = Member(world.membership(group), world.producer).each(well.handle, needs=("store",))
    await until(lambda: not first.health.reasons() and not second.health.reasons())
    first.health.unready("store", "wrong credentials")
    await until(lambda: "left its partitions" in str(first.health.held()))
    await send(world, 60)
    await until(lambda: len(well.ended) == 60)
    assert not sick.calls
    assert not first.health.stalls()

    first.health.ready("store")
    await until(lambda: not first.health.held())
    sent = 60

    async def some_came() -> bool:
        nonlocal sent
        await send(world, 10, sent)
        sent += 10
        return bool(sick.ended)

    await until(some_came)
    await until_committed(world, group, sent)
    await first.stop()
    await second.stop()
    assert set(sick.ended) | set(well.ended) == set(range(sent))


@pytest.mark.usefixtures("leaves_soon")
async def test_a_member_that_cannot_work_and_is_alone_stays(
    world: World, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where what all need is away, leaving helps nobody."""
    looks = 0
    may_go = Watch._may_go

    async def counted(watch: Watch) -> bool:
        nonlocal looks
        looks += 1
        return await may_go(watch)

    monkeypatch.setattr(Watch, "_may_go", counted)
    seen = Seen()
    member = Member(world.membership(group), world.producer).each(seen.handle, needs=("store",))
    member.health.unready("store", "gone")
    await until(lambda: looks > 2)
    await send(world, 5)
    await until(lambda: len(seen.ended) == 5)
    assert not member.health.held()
    await member.stop()


async def test_a_member_that_cannot_work_does_not_join_others_until_it_can(
    world: World, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its share of the images stood still for 40 s, though it had never made one. Then nobody was told of it,
    and it connected to the broker four times a second.
    """
    asks = looks = 0
    has_others, trouble = Watch.has_others, Attendance.trouble

    async def counted(watch: Watch, *, with_us: bool) -> bool:
        nonlocal asks
        asks += not with_us
        return await has_others(watch, with_us=with_us)

    def looked(attendance: Attendance) -> str | None:
        nonlocal looks
        looks += attendance.needs == ("decoder",)
        return trouble(attendance)

    monkeypatch.setattr(Watch, "has_others", counted)
    monkeypatch.setattr(Attendance, "trouble", looked)
    monkeypatch.setattr("shared.consuming.member.group_member.OTHERS_CHECK_SECONDS", math.inf)
    # Of a broker that does not answer it is taken that nobody else is there.
    monkeypatch.setattr("shared.kafka.members.ANSWER_SECONDS", DEADLINE_SECONDS)
    sick, well = Seen(), Seen()
    second = Member(world.membership(group), world.producer).each(well.handle)
    await until(lambda: not second.health.reasons())
    first = Member(world.membership(group), world.producer)
    first.health.unready("decoder", "does not start")
    first.each(sick.handle, needs=("decoder",))
    await until(lambda: looks > 5)
    await send(world, 60)
    await until(lambda: len(well.ended) == 60)
    assert not sick.calls
    assert not first.health.stalls()
    assert (asks, value_of(CONSUMER_ABSENT, group)) == (1, [1])
    assert await world.membership(group).count_members() == 1
    first.health.ready("decoder")
    await until(lambda: not first.health.reasons())
    assert await world.membership(group).count_members() == 2
    assert value_of(CONSUMER_ABSENT, group) == [0]
    await first.stop()
    await second.stop()
