"""Images that end together under load, and at once without."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from services.processor.gathering import GATHER_SECONDS, MOST_TOGETHER, Gathering, is_worth_waiting

DECODERS = 2


class World:
    """A gathering whose time passes when the test says so."""

    def __init__(self) -> None:
        self.due: list[tuple[float, Callable[[], None]]] = []
        self.gathering = Gathering(DECODERS, self._later)
        self.images: list[ExitStack] = []
        self.ended: list[asyncio.Task[None]] = []

    def _later(self, seconds: float, then: Callable[[], None]) -> asyncio.TimerHandle:
        self.due.append((seconds, then))
        return asyncio.get_running_loop().call_later(3_600, then)

    def begin(self, count: int) -> None:
        for _ in range(count):
            image = ExitStack()
            image.enter_context(self.gathering.at_work())
            self.images.append(image)

    async def end(self, count: int = 1) -> None:
        self.ended += [asyncio.create_task(self.gathering.wait()) for _ in range(count)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def leave(self) -> None:
        """One of those at work is gone without a word: its host did not answer."""
        self.images.pop().close()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    @property
    def waiting(self) -> int:
        return sum(not task.done() for task in self.ended)


@pytest.mark.parametrize(
    ("waiting", "at_work", "is_worth"),
    [(1, 1, False), (1, 3, False), (1, 4, True), (20, 22, False), (20, 64, True), (MOST_TOGETHER, 64, False)],
)
def test_waiting_is_worth_it_while_more_are_at_work_than_are_decoded(
    waiting: int,
    at_work: int,
    is_worth: bool,  # noqa: FBT001 - a row of the table
) -> None:
    assert is_worth_waiting(waiting=waiting, at_work=at_work, decoders=DECODERS) is is_worth


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
