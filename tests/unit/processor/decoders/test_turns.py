"""No more images are decoded at once than there are decoders, no more pixels than fit, and nobody waits for
ever.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.processor.decoders.lanes import Lanes
from services.processor.decoders.limits import DecoderLimits
from services.processor.decoders.pool import DecoderPool
from services.processor.decoders.turns import FEW, MOST_AHEAD_SECONDS, TINY_TOGETHER, Turns
from services.processor.handler import ATTEMPT_SECONDS
from shared.contract.picture_formats import PictureFormat
from tests.worlds.files.pictures import photo, saved
from tests.worlds.patience import DEADLINE_SECONDS


async def hold(turn: AbstractAsyncContextManager[int]) -> None:
    async with turn:
        await asyncio.Event().wait()


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@settings(deadline=None)
@given(st.integers(1, 4), st.lists(st.integers(1, 150), min_size=1, max_size=30), st.data())
async def test_nothing_is_given_twice_and_everybody_gets_a_turn(
    decoders: int, wishes: list[int], draw: st.DataObject
) -> None:
    """R22: cancelled ones included; at the end all of it is free again."""
    turns = Turns(range(decoders), pixels=100, small_pixels=50)
    held: dict[int, int] = {}

    async def work(pixels: int) -> None:
        async with turns.turn(pixels) as decoder:
            assert decoder not in held
            held[decoder] = min(pixels, 100)
            assert sum(held.values()) <= 100
            try:
                await asyncio.sleep(0)
            finally:
                del held[decoder]

    tasks = [asyncio.create_task(work(pixels)) for pixels in wishes]
    await some_give_up(tasks, draw)
    await all_is_free(turns, decoders, 100)


async def some_give_up(tasks: Sequence[asyncio.Task[None]], draw: st.DataObject) -> None:
    """At any moment; the others come to their end."""
    await asyncio.sleep(0)
    for task in tasks:
        if draw.draw(st.booleans()):
            task.cancel()
        await asyncio.sleep(0)
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        assert ended is None or isinstance(ended, asyncio.CancelledError)


async def all_is_free(turns: Turns[int], decoders: int, pixels: int) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS), AsyncExitStack() as held:
        free = [await held.enter_async_context(turns.turn(pixels // decoders)) for _ in range(decoders)]
    assert sorted(free) == list(range(decoders))
    async with asyncio.timeout(DEADLINE_SECONDS), turns.turn(pixels):
        assert turns.few_each() is None


async def order_of_turns(decoders: int, pixels: int, *wishes: int, small_pixels: int = 100) -> list[int]:
    """Whose turn came when, while the first one held what it had until all others waited."""
    turns = Turns(range(decoders), pixels=pixels, small_pixels=small_pixels, clock=lambda: 0)
    order: list[int] = []

    async def work(number: int, until: asyncio.Event) -> None:
        async with turns.turn(wishes[number]):
            order.append(number)
            await until.wait()

    first, go = asyncio.Event(), asyncio.Event()
    go.set()
    tasks = []
    for number in range(len(wishes)):
        tasks.append(asyncio.create_task(work(number, go if number else first)))
        await settled()
    assert order[0] == 0
    first.set()
    async with asyncio.timeout(DEADLINE_SECONDS):
        await asyncio.gather(*tasks)
    return order


async def test_a_large_one_is_not_overtaken_for_ever() -> None:
    assert await order_of_turns(9, 10, 4, 10, 1) == [0, 1, 2]


async def test_a_large_one_that_does_not_fit_lets_small_ones_pass_while_it_is_their_share() -> None:
    """The tens wait for the first one's place; all ones together take less time than it."""
    order = await order_of_turns(9, 14, 10, 10, 10, *[1] * 30, small_pixels=4)
    assert order == [0, *range(3, 33), 1, 2]


async def test_where_no_decoder_is_free_whoever_came_first_goes_first() -> None:
    assert await order_of_turns(1, 10, 4, 1, 9, 1) == [0, 1, 2, 3]


async def test_one_that_gives_up_lets_the_next_one_go() -> None:
    turns = Turns(range(9), pixels=10, small_pixels=100)
    async with turns.turn(4):
        large = asyncio.create_task(hold(turns.turn(10)))
        await settled()
        asyncio.get_running_loop().call_later(0.01, large.cancel)
        async with turns.turn(1):
            assert large.cancelled()


def pool_of(decoders: int, pixels_in_flight: int) -> DecoderPool[int]:
    return DecoderPool(
        range(decoders), DecoderLimits(max_pixels=400_000_000, pixels_in_flight=pixels_in_flight)
    )


@pytest.mark.parametrize(("budget", "most"), [(96 * 64, 1), (3 * 96 * 64, 3), (1, 1)])
async def test_images_are_decoded_side_by_side_as_far_as_their_pixels_fit(budget: int, most: int) -> None:
    pool, data = pool_of(9, budget), saved(photo(), "PNG")
    running: set[int] = set()
    seen = 0

    async def work() -> None:
        nonlocal seen
        async with pool.turn(pool.pixels_of(data, PictureFormat.PNG)) as decoder:
            running.add(decoder)
            seen = max(seen, len(running))
            await settled()
            running.remove(decoder)

    await asyncio.gather(*(work() for _ in range(9)))
    assert seen == most


async def test_as_much_begins_as_is_soon_decoded() -> None:
    """R22, R29: what began waits no longer than an attempt lasts, and few begin while the work is unknown."""
    now = 0.0
    turns = Turns(range(2), pixels=100, small_pixels=10, clock=lambda: now)
    for _ in range(50):  # ten seconds for a pixel
        async with turns.turn(100):
            now += 1000
    tasks = [asyncio.create_task(hold(turns.turn(pixels))) for pixels in (100, 11, 2)]
    await settled()
    assert turns.few_each() == FEW
    tasks.append(asyncio.create_task(hold(turns.turn(11))))
    await settled()
    assert turns.few_each() == 1
    assert MOST_AHEAD_SECONDS < ATTEMPT_SECONDS / 2
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert turns.few_each() is None


async def test_many_small_images_that_wait_are_as_much_work_ahead_as_a_few_large_ones() -> None:
    now = 0.0
    turns = Turns(range(1), pixels=100, small_pixels=10, clock=lambda: now)
    for _ in range(50):  # a second for a pixel
        async with turns.turn(10):
            now += 10
    tasks = [asyncio.create_task(hold(turns.turn(10))) for _ in range(3)]
    await settled()
    assert turns.few_each() == FEW  # two of them wait
    tasks += [asyncio.create_task(hold(turns.turn(10))) for _ in range(5)]
    await settled()
    assert turns.few_each() == 1
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert turns.few_each() is None


WISHES = st.lists(st.tuples(st.integers(1, 60), st.booleans()), max_size=60)


@given(WISHES)
def test_neither_lane_gets_more_than_its_share_while_the_other_waits(wishes: list[tuple[int, bool]]) -> None:
    """R29: by one image at most. Whoever gives up costs its lane nothing."""
    lanes: Lanes[tuple[int, bool]] = Lanes(20, float)
    for wish in wishes:
        lanes.add(wish[0], wish)
    while lanes:
        served = {True: 0, False: 0}
        waits = [wish for wish in wishes if not wish[1]]
        while lanes and {pixels <= 20 for pixels, _ in waits} == {True, False}:
            first = lanes.first()
            if first[1]:
                lanes.drop()
                continue
            lanes.serve()
            waits.remove(first)
            served[first[0] <= 20] += first[0]
            assert abs(served[True] - served[False]) <= 60
        while lanes:
            lanes.drop()


def test_a_lane_saves_nothing_up_while_nobody_waits_in_it() -> None:
    lanes: Lanes[str] = Lanes(10, float)
    for _ in range(5):
        lanes.pass_by(100)
    lanes.add(100, "large")
    for _ in range(20):
        lanes.add(10, "small")
    order = []
    while lanes:
        order.append(lanes.first())
        lanes.serve()
    assert order.index("large") == 11


LARGE, SMALL = 100, 10


async def one_decoder(*, seconds_a_large_one: float) -> Turns[int]:
    now = 0.0
    turns = Turns(range(1), pixels=LARGE, small_pixels=SMALL, clock=lambda: now)
    for _ in range(50):  # what it takes is learned bit by bit
        async with turns.turn(LARGE):
            now += seconds_a_large_one
    return turns


class Order:
    """Whose turn came when."""

    def __init__(self, turns: Turns[int]) -> None:
        self.began: list[int] = []
        self.turns = turns

    async def work(self, pixels: int) -> None:
        async with self.turns.turn(pixels):
            self.began.append(pixels)

    async def wait_behind_a_large_one(self, *wishes: int) -> Sequence[asyncio.Task[None]]:
        async with self.turns.turn(LARGE):
            tasks = [asyncio.create_task(self.work(pixels)) for pixels in wishes]
            await settled()
        await settled()
        return tasks


async def test_a_large_one_holds_back_behind_small_ones_until_the_next_of_them_come() -> None:
    """R29: whoever has small images has few of them at work at a time."""
    order = Order(await one_decoder(seconds_a_large_one=100_000))
    tasks = await order.wait_behind_a_large_one(LARGE, SMALL)
    for _ in range(3):
        await order.work(SMALL)
    assert order.began == [SMALL] * 4
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class Moments:
    """The loop of `Turns`, whose timers end when they are told to."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.create_future = loop.create_future
        self.begun: list[tuple[float, Callable[[], None]]] = []
        self.cancelled = 0

    def call_later(self, seconds: float, call: Callable[[float], None], about: float) -> Mock:
        self.begun.append((seconds, partial(call, about)))
        return Mock(cancel=self._cancel)

    def _cancel(self) -> None:
        self.cancelled += 1


async def test_a_large_one_holds_back_for_a_moment_and_not_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """R22, R29: a fifth of the time that its decoding takes."""
    turns = await one_decoder(seconds_a_large_one=100)
    moments = Moments(asyncio.get_running_loop())
    monkeypatch.setattr(turns, "_loop", moments)
    order = Order(turns)
    tasks = await order.wait_behind_a_large_one(LARGE, LARGE, SMALL)
    assert order.began == [SMALL]
    ((seconds, has_passed),) = moments.begun
    assert seconds == turns.seconds_of(LARGE) / 5
    has_passed()
    async with asyncio.timeout(DEADLINE_SECONDS):
        await asyncio.gather(*tasks)
    assert order.began == [SMALL, LARGE, LARGE]
    assert len(moments.begun) == 1


async def in_its_moment(monkeypatch: pytest.MonkeyPatch) -> tuple[Moments, Order, asyncio.Task[None]]:
    """A large one that holds back behind a small one, with the only decoder free."""
    turns = await one_decoder(seconds_a_large_one=100_000)
    moments, order = Moments(asyncio.get_running_loop()), Order(turns)
    monkeypatch.setattr(turns, "_loop", moments)
    large, _ = await order.wait_behind_a_large_one(LARGE, SMALL)
    assert order.began == [SMALL]
    assert len(moments.begun) == 1
    return moments, order, large


async def test_whoever_else_comes_makes_the_moment_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """R29"""
    moments, order, large = await in_its_moment(monkeypatch)
    another = asyncio.create_task(order.work(LARGE))
    await settled()
    ((_, has_passed),) = moments.begun
    assert moments.cancelled == 0
    has_passed()
    async with asyncio.timeout(DEADLINE_SECONDS):
        await asyncio.gather(large, another)


async def test_a_small_one_that_comes_ends_the_moment_and_behind_it_a_new_one_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R29: one that had still to pass would count as in vain."""
    moments, order, large = await in_its_moment(monkeypatch)
    await order.work(SMALL)
    assert (len(moments.begun), moments.cancelled) == (2, 1)
    assert order.began == [SMALL, SMALL]
    large.cancel()


async def test_a_moment_that_passed_when_all_had_given_up_holds_nobody_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R22"""
    moments, order, given_up = await in_its_moment(monkeypatch)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    ((_, has_passed),) = moments.begun
    has_passed()
    async with order.turns.turn(SMALL):
        large = asyncio.create_task(order.work(LARGE))
        await settled()
    _, (_, has_passed) = moments.begun
    has_passed()
    async with asyncio.timeout(DEADLINE_SECONDS):
        await large


def test_a_large_one_gives_way_only_as_long_as_small_ones_had_less() -> None:
    lanes: Lanes[str] = Lanes(10, float)
    lanes.pass_by(100)
    lanes.add(100, "large")
    lanes.add(10, "small")
    assert lanes.first_gives_way() == 0
    lanes.serve()
    assert lanes.first_gives_way() == 20
    lanes.gave_way(20)
    assert lanes.first_gives_way() == 0
    for _ in range(7):
        lanes.pass_by(10)
    assert lanes.first_gives_way() == 0


TINY = 5


@settings(deadline=None)
@given(st.integers(1, 3), st.lists(st.integers(1, 12), min_size=1, max_size=60), st.data())
async def test_tiny_ones_share_a_decoder_among_themselves_and_no_more_than_so_many(
    decoders: int, wishes: list[int], draw: st.DataObject
) -> None:
    """R22: cancelled ones included; at the end all of it is free again."""
    turns = Turns(range(decoders), pixels=100, small_pixels=50, tiny_pixels=TINY)
    held: dict[int, list[int]] = {decoder: [] for decoder in range(decoders)}

    async def work(pixels: int) -> None:
        async with turns.turn(pixels) as decoder:
            assert not held[decoder] or (all(held.values()) or max(*held[decoder], pixels) <= TINY)
            held[decoder].append(pixels)
            assert len(held[decoder]) == 1 or max(held[decoder]) <= TINY
            assert len(held[decoder]) <= TINY_TOGETHER
            try:
                await asyncio.sleep(0)
            finally:
                held[decoder].remove(pixels)

    tasks = [asyncio.create_task(work(pixels)) for pixels in wishes]
    await some_give_up(tasks, draw)
    await all_is_free(turns, decoders, 100)


async def test_tiny_ones_share_no_decoder_while_another_is_free_and_wait_where_all_have_enough() -> None:
    turns = Turns(range(2), pixels=100, small_pixels=50, tiny_pixels=TINY)
    order = Order(turns)
    async with AsyncExitStack() as held:
        given = [await held.enter_async_context(turns.turn(TINY)) for _ in range(2 * TINY_TOGETHER)]
        one_more = asyncio.create_task(order.work(TINY))
        await settled()
        assert order.began == []
    await one_more
    assert set(given[:2]) == {0, 1}
    assert given.count(0) == given.count(1) == TINY_TOGETHER


async def test_a_tiny_one_does_not_overtake_what_waits_for_a_whole_decoder() -> None:
    """R29"""
    turns = Turns(range(1), pixels=100, small_pixels=50, tiny_pixels=TINY)
    order: list[int] = []

    async def work(pixels: int) -> None:
        async with turns.turn(pixels):
            order.append(pixels)

    async with asyncio.timeout(DEADLINE_SECONDS), asyncio.TaskGroup() as tasks, turns.turn(1):
        tasks.create_task(work(20))
        await settled()
        tasks.create_task(work(2))
        await settled()
        assert order == []
    assert order == [20, 2]


async def test_while_tiny_ones_wait_for_each_other_only_one_of_them_takes_time() -> None:
    """What is expected of small images decides how the decoders are shared out."""
    now = 0.0
    turns = Turns(range(1), pixels=100, small_pixels=50, tiny_pixels=TINY, clock=lambda: now)
    for _ in range(50):
        turn = [turns.turn(1) for _ in range(TINY_TOGETHER)]
        for each in turn:
            await each.__aenter__()
        for each in turn:
            now += 3
            await each.__aexit__(None, None, None)
    assert turns.seconds_of(1) == pytest.approx(3, rel=0.01)
