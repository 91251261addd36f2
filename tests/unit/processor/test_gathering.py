"""Images that end together under load, and at once without."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from uuid import UUID

import pytest

from services.processor.gathering import (
    FEW_TOGETHER,
    GATHER_SECONDS,
    LONG_GATHER_SECONDS,
    MANY_OTHERS,
    MOST_BYTES_TOGETHER,
    MOST_TOGETHER,
    Gathering,
    Seen,
    seconds_worth_waiting,
)

DECODERS = 2
LARGE, SMALL = UUID(int=1), UUID(int=2)


class World:
    """A gathering whose time passes when the test says so."""

    def __init__(self) -> None:
        self.due: list[tuple[float, Callable[[], None]]] = []
        self.timers: list[asyncio.TimerHandle] = []
        self.gathering = Gathering(DECODERS, self._later)
        self.images: list[ExitStack] = []
        self.ended: list[asyncio.Task[None]] = []

    def _later(self, seconds: float, then: Callable[[], None]) -> asyncio.TimerHandle:
        self.due.append((seconds, then))
        self.timers.append(asyncio.get_running_loop().call_later(3_600, then))
        return self.timers[-1]

    def begin(self, count: int) -> None:
        for _ in range(count):
            image = ExitStack()
            image.enter_context(self.gathering.at_work())
            self.images.append(image)

    async def end(self, count: int = 1) -> None:
        await self.end_of(SMALL, count)

    async def end_of(self, request_id: UUID, count: int = 1, size_bytes: int = 1) -> None:
        waits = [self.gathering.wait(request_id, size_bytes) for _ in range(count)]
        self.ended += [asyncio.create_task(wait) for wait in waits]
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def fetch(self, request_id: UUID, count: int) -> None:
        """They have places, and are not at work before they are fetched."""
        for _ in range(count):
            image = ExitStack()
            image.enter_context(self.gathering.under_way(request_id))
            self.images.append(image)

    async def leave(self) -> None:
        """One of those at work is gone without a word: its host did not answer."""
        self.images.pop().close()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    @property
    def waiting(self) -> int:
        return sum(not task.done() for task in self.ended)


@pytest.mark.parametrize(
    ("waiting", "at_work", "fewest_others", "seconds"),
    [
        (1, 1, 0, 0),
        (1, 3, 0, 0),
        (1, 4, 0, GATHER_SECONDS),
        (20, 22, 0, 0),
        (20, 64, 0, GATHER_SECONDS),
        (MOST_TOGETHER, 64, 0, 0),
        (1, 1, MANY_OTHERS - 1, 0),
        (1, 1, MANY_OTHERS, LONG_GATHER_SECONDS),
        (20, 22, MANY_OTHERS, LONG_GATHER_SECONDS),
        (FEW_TOGETHER - 1, 64, MANY_OTHERS - 1, GATHER_SECONDS),
        (FEW_TOGETHER - 1, 64, MANY_OTHERS, LONG_GATHER_SECONDS),
        (FEW_TOGETHER, 64, MANY_OTHERS, GATHER_SECONDS),
        (MOST_TOGETHER, MOST_TOGETHER, MANY_OTHERS, 0),
    ],
)
def test_waiting_is_worth_it_while_the_decoders_have_more_before_them_or_the_request_has_many_to_come(
    waiting: int, at_work: int, fewest_others: int, seconds: float
) -> None:
    assert seconds_worth_waiting(seen(waiting, at_work, fewest_others)) == seconds


@pytest.mark.parametrize("at_work", [1, 64])
def test_what_is_large_does_not_wait(at_work: int) -> None:
    large = seen(1, at_work, MANY_OTHERS, MOST_BYTES_TOGETHER)
    assert seconds_worth_waiting(large) == 0
    assert seconds_worth_waiting(replace(large, waiting_bytes=MOST_BYTES_TOGETHER - 1)) > 0


def seen(waiting: int, at_work: int, fewest_others: int, waiting_bytes: int = 0) -> Seen:
    return Seen(
        waiting=waiting,
        waiting_bytes=waiting_bytes,
        at_work=at_work,
        decoders=DECODERS,
        fewest_others=fewest_others,
    )


async def test_a_single_image_ends_at_once() -> None:
    world = World()
    world.begin(1)
    await world.end()
    assert world.waiting == 0


async def test_images_of_many_end_together_when_their_time_has_come() -> None:
    world = World()
    world.begin(64)
    await world.end(5)
    assert world.waiting == 5
    [(seconds, then)] = world.due
    assert seconds == GATHER_SECONDS
    then()
    await world.end(0)
    assert world.waiting == 0
    await world.end()
    assert world.waiting == 1  # the next ones gather anew


async def test_who_comes_after_others_have_ended_waits_as_if_they_had_never_been() -> None:
    world = World()
    world.fetch(LARGE, 40)
    for size_bytes in (MOST_BYTES_TOGETHER // 20, 1):
        await world.end_of(LARGE, 20, size_bytes)
        assert world.waiting == 20
        _, then = world.due.pop()
        then()
        await world.end(0)
        assert world.waiting == 0
        assert all(timer.cancelled() for timer in world.timers)


async def test_the_last_ones_wait_for_nobody() -> None:
    world = World()
    world.begin(8)
    await world.end(5)
    assert world.waiting == 5
    await world.end()  # the other two are with the decoders: nothing is gained any more
    assert world.waiting == 0


async def test_who_waits_for_one_that_never_comes_goes_on_when_that_is_gone() -> None:
    world = World()
    world.begin(4)
    await world.end()
    assert world.waiting == 1
    await world.leave()
    assert world.waiting == 0


async def test_one_that_gives_up_disturbs_nobody() -> None:
    world = World()
    world.begin(64)
    await world.end(2)
    world.ended[0].cancel()
    await asyncio.sleep(0)
    world.due[0][1]()
    await world.end(0)
    assert world.ended[0].cancelled()
    assert world.ended[1].done()


async def test_images_that_come_one_by_one_end_together_while_their_request_has_many_under_way() -> None:
    world = World()
    world.fetch(LARGE, 1 + MANY_OTHERS)
    await world.end_of(LARGE)
    assert world.waiting == 1
    [(seconds, then)] = world.due
    assert seconds == LONG_GATHER_SECONDS
    then()
    await world.end(0)
    assert world.waiting == 0


async def test_an_image_of_a_small_request_waits_for_no_large_one_and_takes_with_it_who_waits() -> None:
    world = World()
    world.fetch(LARGE, 1 + MANY_OTHERS)
    world.fetch(SMALL, MANY_OTHERS)
    await world.end_of(LARGE)
    assert world.waiting == 1
    await world.end_of(SMALL)
    assert world.waiting == 0


async def test_the_last_ones_of_a_large_request_end_at_once() -> None:
    world = World()
    world.fetch(LARGE, 1 + MANY_OTHERS)
    await world.end_of(LARGE)
    assert world.waiting == 1
    await world.leave()
    assert world.waiting == 0
    await world.end_of(LARGE)
    assert world.waiting == 0


async def test_where_some_wait_for_a_decoder_the_wait_of_all_is_short_once_a_few_have_come() -> None:
    """On a slow machine hardly two had come by then."""
    world = World()
    world.fetch(LARGE, 64)
    world.begin(64)
    await world.end_of(LARGE, FEW_TOGETHER - 1)
    await world.end_of(LARGE)
    (long, _), (short, then) = world.due
    assert [timer.cancelled() for timer in world.timers] == [True, False]
    assert long == LONG_GATHER_SECONDS
    assert short <= GATHER_SECONDS
    then()
    await world.end(0)
    assert world.waiting == 0


async def test_a_large_one_takes_with_it_who_waits() -> None:
    world = World()
    world.fetch(LARGE, 64)
    await world.end_of(LARGE, 3)
    assert world.waiting == 3
    await world.end_of(LARGE, size_bytes=MOST_BYTES_TOGETHER)
    assert world.waiting == 0


async def test_those_under_way_count_until_each_has_left_and_a_request_without_any_is_forgotten() -> None:
    """R22: one of each request would stay for as long as the process lives."""
    world = World()
    world.fetch(LARGE, 2 + MANY_OTHERS)
    await world.leave()
    await world.end_of(LARGE)
    assert world.waiting == 1
    while world.images:
        await world.leave()
    assert world.waiting == 0
    assert not world.gathering._under_way
