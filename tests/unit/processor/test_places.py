"""However many large images of one request came before, another's small ones begin at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.processor.decoders.turns import FEW
from services.processor.places import LITTLE_SECONDS, Place, Places

LARGE, SMALL = UUID(int=1), UUID(int=2)
MOST = 64


class World:
    """Images that begin, are weighed, and end when they are told to."""

    def __init__(self, most: int = MOST, few: int | None = None) -> None:
        self.few = few
        self.places = Places(most, lambda: self.few)
        self.begun: list[Place] = []
        self.tasks: dict[asyncio.Task[None], Place | None] = {}

    async def come(self, request_id: UUID, count: int) -> None:
        for _ in range(count):
            self.tasks[asyncio.create_task(self._work(request_id))] = None
        await self.settled()

    async def settled(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    def at_work(self, request_id: UUID) -> int:
        return sum(place is not None and place.request_id == request_id for place in self.tasks.values())

    async def weigh(self, request_id: UUID, seconds: float) -> None:
        for place in list(self.tasks.values()):
            if place is not None and place.request_id == request_id and place.seconds is None:
                place.weigh(seconds)
        await self.settled()

    async def end(self, task: "asyncio.Task[None]") -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        self.tasks.pop(task)
        await self.settled()

    async def _work(self, request_id: UUID) -> None:
        task = asyncio.current_task()
        assert task is not None
        async with self.places.place(request_id) as place:
            self.tasks[task] = place
            await asyncio.Event().wait()


@asynccontextmanager
async def opened(most: int = MOST, few: int | None = None) -> AsyncIterator[World]:
    world = World(most, few)
    yield world
    for task in list(world.tasks):
        await world.end(task)
    async with world.places.place(LARGE):  # all is free again
        pass


async def test_one_request_that_nobody_has_weighed_leaves_half_of_the_places() -> None:
    async with opened() as world:
        await world.come(LARGE, 100)
        assert world.at_work(LARGE) == MOST // 2
        await world.weigh(LARGE, 0.01)
        assert world.at_work(LARGE) == MOST


async def test_small_images_begin_at_once_behind_a_hundred_large_ones() -> None:
    """R23, R29"""
    async with opened(few=1) as world:
        await world.come(LARGE, 100)
        await world.weigh(LARGE, 20)
        assert world.at_work(LARGE) == 1
        await world.come(SMALL, 50)
        assert world.at_work(SMALL) == 1  # its size is not known yet
        await world.weigh(SMALL, LITTLE_SECONDS / 100)
        assert world.at_work(SMALL) == 50


async def test_while_some_wait_a_request_of_large_images_has_few_at_work_and_goes_on_as_they_end() -> None:
    async with opened(few=FEW) as world:
        await world.come(LARGE, 10)
        await world.weigh(LARGE, 20)
        assert world.at_work(LARGE) == FEW
        await world.end(next(task for task, place in world.tasks.items() if place is not None))
        assert world.at_work(LARGE) == FEW


async def test_small_ones_of_a_request_do_not_let_more_begin_beside_what_its_large_one_takes() -> None:
    """Each counts by its own size: one that is large holds a request back, whatever came after it."""
    async with opened(few=2) as world:
        await world.come(LARGE, 1)
        await world.weigh(LARGE, 20)
        await world.come(LARGE, 10)
        await world.weigh(LARGE, LITTLE_SECONDS / 100)
        assert world.at_work(LARGE) == 2


async def test_there_are_never_more_at_work_than_there_are_places() -> None:
    async with opened(most=3) as world:
        await world.come(SMALL, 1)
        await world.weigh(SMALL, 0.01)
        await world.come(SMALL, 10)
        assert world.at_work(SMALL) == 3


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["come", "weigh", "end", "few"]), st.sampled_from([LARGE, SMALL]), st.integers(0, 9)
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=50)
@given(STEPS)
async def test_whatever_happens_nobody_is_forgotten_and_no_place_is_lost(
    steps: list[tuple[str, UUID, int]],
) -> None:
    """R22: those cancelled while they wait included."""
    async with opened(most=5) as world:
        for step, request_id, number in steps:
            match step:
                case "come":
                    await world.come(request_id, number)
                case "weigh":
                    await world.weigh(request_id, number / 5)
                case "end" if world.tasks:
                    await world.end(list(world.tasks)[number % len(world.tasks)])
                case "few":
                    world.few = number or None
            at_work = world.at_work(LARGE) + world.at_work(SMALL)
            assert at_work <= 5
            assert at_work or not world.tasks


async def test_a_place_that_was_given_to_one_who_gives_up_in_the_same_moment_is_free_again() -> None:
    """R22: each would have been one less until the processor stood still."""
    async with opened(most=1) as world:
        await world.come(LARGE, 2)
        at_work, waits = world.tasks
        at_work.cancel()
        while not at_work.done():
            await asyncio.sleep(0)
        waits.cancel()  # it was given the place, and has not run since
        await world.settled()
        assert waits.cancelled()
        await world.come(SMALL, 1)
        assert world.at_work(SMALL) == 1


async def test_one_that_gives_up_before_it_has_begun_is_forgotten() -> None:
    """R22"""
    async with opened(most=1) as world:
        await world.come(LARGE, 2)
        _, waits = world.tasks
        await world.end(waits)
        assert not world.places._waiting


async def test_who_gives_up_in_the_moment_in_which_a_place_becomes_free_is_passed_over() -> None:
    """R22"""
    async with opened(most=1) as world:
        await world.come(LARGE, 2)
        at_work, waits = world.tasks
        at_work.cancel()  # it runs first, and finds one who waits no more
        waits.cancel()
        await world.settled()
        assert (at_work.cancelled(), waits.cancelled()) == (True, True)
        await world.come(SMALL, 1)
        assert world.at_work(SMALL) == 1
