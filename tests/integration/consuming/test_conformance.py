"""What the runner promises, on the broker in memory and on the real one."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.consuming.broker import NewRecord, Record
from shared.consuming.handling import Incoming, Outgoing
from shared.consuming.member.watch import Watch
from shared.contract.codes import FailureCode
from shared.contract.events import ImageDone, ImageOutcome, ImageRequested
from shared.observing.metrics import MESSAGES_UNDER_WAY
from shared.outcomes import Away, Invalid
from shared.waits import BEAT_SECONDS
from tests.integration.consuming.seen import Seen
from tests.integration.consuming.worlds import (
    PARTITIONS,
    TOPIC,
    Member,
    World,
    request,
    send,
    send_garbage,
    until_committed,
    value_of,
)
from tests.integration.consuming.worst_records import WORST
from tests.worlds.patience import DEADLINE_SECONDS, until


async def dead_report(message: Incoming[ImageRequested]) -> Sequence[Outgoing]:
    event = message.event
    failed = ImageDone(
        request_id=event.request_id,
        image_id=event.image_id,
        ordinal=event.ordinal,
        run=event.run,
        attempt=event.attempt,
        outcome=ImageOutcome.FAILED,
        code=FailureCode.INTERNAL,
    )
    return [Outgoing(failed, datetime.now(UTC))]


async def test_every_message_is_handled_once_and_committed(world: World, group: str) -> None:
    """R05"""
    seen = Seen()
    member = Member(world.membership(group), world.producer).each(seen.handle)
    await send(world, 200)
    await until(lambda: len(seen.ended) == 200)
    await until_committed(world, group, 200)
    await member.stop()
    assert set(seen.calls.values()) == {1}


async def test_messages_sent_before_the_first_member_came_are_not_lost(world: World, group: str) -> None:
    await send(world, 20)
    seen = Seen()
    member = Member(world.membership(group), world.producer).each(seen.handle)
    await until(lambda: len(seen.ended) == 20)
    await member.stop()


async def test_concurrency_is_used_and_bounded(world: World, group: str) -> None:
    seen = Seen()
    release = asyncio.Event()
    seen.holding = dict.fromkeys(range(50), release)
    member = Member(world.membership(group), world.producer).each(seen.handle, concurrency=5)
    await send(world, 50)
    await until(lambda: seen.running == 5)
    release.set()
    await until(lambda: len(seen.ended) == 50)
    await member.stop()
    assert seen.most_running == 5


async def test_only_the_finished_prefix_is_committed(world: World, group: str) -> None:
    seen = Seen()
    seen.holding[0] = asyncio.Event()
    first = Member(world.membership(group), world.producer).each(seen.handle, drain_seconds=0.1)
    await send(world, 60)
    await until(lambda: len(seen.ended) == 59)
    await first.stop()
    assert await world.committed(group) < 60
    seen.holding.clear()
    second = Member(world.membership(group), world.producer).each(seen.handle)
    await until_committed(world, group, 60)
    await second.stop()
    assert seen.ended[0] == 1
    assert len(seen.ended) == 60


async def test_stopping_drains_what_was_begun(world: World, group: str) -> None:
    seen = Seen()
    seen.holding[0] = asyncio.Event()
    member = Member(world.membership(group), world.producer).each(seen.handle)
    await send(world, 1)
    await until(lambda: seen.calls[0] == 1)
    member.stopping.set()
    seen.holding[0].set()
    await member.stop()
    assert seen.ended[0] == 1
    assert await world.committed(group) == 1


async def test_an_invalid_message_is_a_dead_letter_and_the_rest_goes_on(world: World, group: str) -> None:
    """R09"""
    seen = Seen()
    seen.raising[3] = Invalid("never")
    member = Member(world.membership(group), world.producer).each(seen.handle, report_dead=dead_report)
    await send_garbage(world)
    await send(world, 10)
    letters = await world.letters(2)
    await until_committed(world, group, 11)
    await member.stop()
    assert len(seen.ended) == 9
    assert seen.calls[3] == 1
    headers = [dict(letter.headers) for letter in letters]
    assert {header["dlq_error_type"] for header in headers} == {b"Invalid"}
    assert {header["dlq_topic"] for header in headers} == {b"image.requested"}
    assert any(letter.value == b"{not json" for letter in letters)


async def test_a_bug_is_retried_three_times_then_contained_and_reported(world: World, group: str) -> None:
    seen = Seen()
    seen.raising[4] = ZeroDivisionError("a bug")
    reported: list[int] = []

    async def report(message: Incoming[ImageRequested]) -> Sequence[Outgoing]:
        reported.append(message.event.ordinal)
        return ()

    member = Member(world.membership(group), world.producer).each(seen.handle, report_dead=report)
    await send(world, 8)
    (letter,) = await world.letters(1)
    await until_committed(world, group, 8)
    await member.stop()
    assert seen.calls[4] == 4
    assert reported == [4]
    assert dict(letter.headers)["dlq_error"] == b"a bug"


async def test_a_dependency_that_is_away_delays_and_never_fails(world: World, group: str) -> None:
    seen = Seen()
    seen.raising[2] = Away("store", "unplugged")
    member = Member(world.membership(group), world.producer).each(seen.handle)
    await send(world, 5)
    await until(lambda: seen.calls[2] >= 4)
    assert "unplugged" in str(member.health.reasons())
    assert member.health.stalls() == {}
    seen.raising.clear()
    await until_committed(world, group, 5)
    await until(lambda: not member.health.reasons())
    await member.stop()


async def test_a_second_member_takes_over_without_losing_anything(world: World, group: str) -> None:
    """R23"""
    seen = Seen()
    first = Member(world.membership(group), world.producer).each(seen.handle)
    await send(world, 100)
    await until(lambda: len(seen.ended) == 100)
    second_seen = Seen()
    second = Member(world.membership(group), world.producer).each(second_seen.handle)
    await until(lambda: not second.health.reasons())
    await send(world, 100, first=100)
    await until(lambda: len(seen.ended) + len(second_seen.ended) >= 200)
    await first.stop()
    await send(world, 50, first=200)
    await until_committed(world, group, 250)
    await second.stop()
    assert set(seen.ended) | set(second_seen.ended) == set(range(250))
    assert len(second_seen.ended) >= 50


async def test_a_bad_message_in_a_batch_is_found_by_halving(world: World, group: str) -> None:
    seen = Seen()
    seen.raising[7] = Invalid("never")
    await send(world, 40)
    member = Member(world.membership(group), world.producer).batches(seen.handle_batch)
    await world.letters(1)
    await until_committed(world, group, 40)
    await member.stop()
    assert set(seen.ended) == set(range(40)) - {7}


async def test_batches_of_a_partition_keep_their_order(world: World, group: str) -> None:
    order: list[tuple[int, int]] = []

    async def note(messages: Sequence[Incoming[ImageRequested]]) -> Sequence[Outgoing]:
        order.extend((message.partition, message.offset) for message in messages)
        await asyncio.sleep(0)
        return ()

    member = Member(world.membership(group), world.producer).batches(note)
    for first in range(0, 300, 10):
        await send(world, 10, first)
    await until_committed(world, group, 300)
    await member.stop()
    for number in range(3):
        offsets = [offset for partition, offset in order if partition == number]
        assert offsets == list(range(len(offsets)))


async def test_too_many_dead_letters_pause_the_group_until_told(world: World, group: str) -> None:
    seen = Seen()
    seen.raising = {n: Invalid("a bad deploy") for n in range(400)}
    membership = world.membership(group)
    first = Member(membership, world.producer).each(seen.handle, concurrency=1)
    await send(world, 400)
    await world.letters(100)
    await until(lambda: group in first.health.held())
    handled = sum(seen.calls.values())
    await first.kill()
    assert handled <= 101

    seen.raising.clear()
    second = Member(membership, world.producer).each(seen.handle, concurrency=1)
    await until(lambda: group in second.health.held())
    assert sum(seen.calls.values()) == handled
    await membership.pause_memory().clear()
    await until_committed(world, group, 400)
    await second.stop()


async def test_dead_letters_of_all_members_pause_their_group(
    world: World, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R09: a bad deploy buries no more of many members than of one."""
    monkeypatch.setattr("shared.consuming.pause.PAUSE_LOOK_SECONDS", 0.1)
    membership, both = world.membership(group), asyncio.Barrier(2)

    class Poisoned(Seen):
        async def handle(self, message: Incoming[ImageRequested]) -> Sequence[Outgoing]:
            self.calls[message.event.ordinal] += 1
            if self.calls.total() == 1:
                await both.wait()
            raise Invalid("a bad deploy")

    each_seen = [Poisoned(), Poisoned()]
    members = [Member(membership, world.producer).each(seen.handle, concurrency=1) for seen in each_seen]
    await until(lambda: not any(member.health.reasons() for member in members))
    await send(world, 120)
    await until(lambda: all(group in member.health.held() for member in members))
    assert max(seen.calls.total() for seen in each_seen) < 100
    for member in members:
        await member.kill()


async def test_a_pause_binds_every_member_of_its_group_until_told(
    world: World, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.consuming.pause.PAUSE_LOOK_SECONDS", 0.1)
    monkeypatch.setattr("shared.consuming.pause.PAUSE_POLL_SECONDS", 0.1)
    seen, membership = Seen(), world.membership(group)
    members = [Member(membership, world.producer).each(seen.handle) for _ in range(2)]
    await until(lambda: not any(member.health.reasons() for member in members))
    await membership.pause_memory().remember()
    await until(lambda: all(group in member.health.held() for member in members))
    await send(world, 20)
    await until(lambda: sum(value_of(MESSAGES_UNDER_WAY, group)) > 0)
    assert not seen.calls
    assert not any(member.health.reasons() or member.health.stalls() for member in members)
    await membership.pause_memory().clear()
    await until_committed(world, group, 20)
    assert not any(member.health.held() for member in members)
    for member in members:
        await member.stop()


@pytest.mark.parametrize("form", ["each", "batches"])
async def test_a_paused_member_that_is_told_to_stop_waits_for_nothing_that_has_not_begun(
    world: World, group: str, form: str
) -> None:
    """It stood still for its whole time to drain, and so did a rollback."""
    membership, seen = world.membership(group), Seen()
    await membership.pause_memory().remember()
    member = Member(membership, world.producer)
    if form == "each":
        member.each(seen.handle, drain_seconds=10 * DEADLINE_SECONDS)
    else:
        member.batches(seen.handle_batch, drain_seconds=10 * DEADLINE_SECONDS)
    await until(lambda: group in member.health.held() and not member.health.reasons())
    await send(world, 20)
    await until(lambda: sum(value_of(MESSAGES_UNDER_WAY, group)) > 0)
    await member.stop()
    assert not seen.calls
    assert await world.committed(group) == 0


@pytest.mark.parametrize("world", ["fake"], indirect=True)
async def test_a_broker_that_is_away_at_the_start_is_waited_for(world: Any, group: str) -> None:
    world.broker.away = True
    seen = Seen()
    member = Member(world.membership(group), world.producer).each(seen.handle)
    await until(lambda: "away" in str(member.health.reasons()))
    world.broker.away = False
    await send(world, 5)
    await until(lambda: len(seen.ended) == 5)
    await member.stop()


async def test_what_is_not_admitted_waits_in_the_broker_and_goes_on(
    world: World, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R18: an overflow holds the topic; the consumer stays ready and is not taken for a stalled one."""
    monkeypatch.setattr("shared.consuming.member.watch.LAG_CHECK_SECONDS", 0.02)
    seen, room, looks = Seen(), 0, list[tuple[bool, bool]]()
    is_excused = Watch._is_excused

    def noted(watch: Watch, lag: int | None) -> bool:
        excused = is_excused(watch, lag)
        if lag is not None:
            looks.append((lag > 0, excused))
        return excused

    async def some_looks() -> None:
        looks.clear()
        await until(lambda: len(looks) > 3)  # each a beat after the other

    monkeypatch.setattr(Watch, "_is_excused", noted)
    membership = world.membership(group)
    await send(world, 30)
    member = Member(membership, world.producer).batches(
        seen.handle_batch, admits=lambda: 1 if seen.ended.total() < room else 0
    )
    await until(lambda: looks)
    with monkeypatch.context() as patch:
        patch.setattr("shared.consuming.member.progress.STALL_SECONDS", BEAT_SECONDS / 2)
        await some_looks()
    assert set(looks) == {(True, True)}
    assert not member.health.reasons()
    room = 5
    await until(lambda: seen.ended.total() >= room)
    await some_looks()
    assert seen.ended.total() <= room + PARTITIONS
    room = 100
    await until(lambda: seen.ended.total() == 30)
    assert set(seen.calls.values()) == {1}
    await until_committed(world, group, 30)
    await member.stop()


@pytest.mark.parametrize("form", ["each", "batches"])
async def test_whatever_kafka_can_hold_is_handled_or_buried_and_its_partition_goes_on(
    world: World, group: str, form: str
) -> None:
    """R09"""
    seen = Seen()
    for worst in WORST.values():
        await world.put(worst.record)
    await world.put(NewRecord(TOPIC.value, b"k", request(1).value(), ()))
    member = Member(world.membership(group), world.producer)
    if form == "each":
        member.each(seen.handle, concurrency=1)
    else:
        member.batches(seen.handle_batch)
    buried = {at: worst.record for at, worst in enumerate(WORST.values()) if not worst.handled}
    letters = await world.letters(len(buried))
    await until_committed(world, group, len(WORST) + 1)
    await member.stop()
    assert seen.ended == {0: len(WORST) - len(buried), 1: 1}
    assert {int(dict(letter.headers)["dlq_offset"] or b"") for letter in letters} == set(buried)
    for letter in letters:
        carries(letter, buried[int(dict(letter.headers)["dlq_offset"] or b"")])


def carries(letter: Record, record: NewRecord) -> None:
    """What came, or a word on what of it could not be sent."""
    told = dict(letter.headers)
    assert (told["dlq_topic"], told["dlq_partition"]) == (b"image.requested", b"0")
    assert told["dlq_error"]
    if "dlq_left_out" in told:
        assert len(record.value or b"") > 4_000_000
        return
    if record.key is None and record.value is None:
        assert (letter.value, told["dlq_null"]) == (b"", b"value")
    else:
        assert letter.value == record.value
    assert letter.key == record.key
    assert set(record.headers) <= set(letter.headers)
