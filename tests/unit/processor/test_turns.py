"""No more images are decoded at once than there are decoders, no more pixels than fit, and nobody waits for
ever.
"""

import asyncio
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.processor.decoders.limits import DecoderLimits
from services.processor.decoders.pool import DecoderPool
from services.processor.decoders.turns import MOST_WAITING_PIXELS, Turns
from services.processor.verdicts import NoVerdict
from shared.contract.picture_formats import PictureFormat
from tests.worlds.pictures import photo, png_bomb, saved

PATIENCE_SECONDS = 20


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
    turns = Turns(range(decoders), 100, PATIENCE_SECONDS)
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
    await asyncio.sleep(0)
    for task in tasks:
        if draw.draw(st.booleans()):
            task.cancel()
        await asyncio.sleep(0)
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        assert ended is None or isinstance(ended, asyncio.CancelledError)
    await all_is_free(turns, decoders, 100)


async def all_is_free(turns: Turns[int], decoders: int, pixels: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS), AsyncExitStack() as held:
        free = [await held.enter_async_context(turns.turn(pixels // decoders)) for _ in range(decoders)]
    assert sorted(free) == list(range(decoders))
    async with asyncio.timeout(PATIENCE_SECONDS), turns.turn(pixels):
        assert not turns.is_behind


async def order_of_turns(decoders: int, pixels: int, *wishes: int) -> list[int]:
    """Whose turn came when, while the first one held what it had until all others waited."""
    turns = Turns(range(decoders), pixels, PATIENCE_SECONDS)
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
    assert order == [0]
    first.set()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.gather(*tasks)
    return order


async def test_a_large_one_is_not_overtaken_for_ever() -> None:
    assert await order_of_turns(9, 10, 4, 10, 1) == [0, 1, 2]


async def test_where_no_decoder_is_free_whoever_came_first_goes_first() -> None:
    assert await order_of_turns(1, 10, 4, 1, 9, 1) == [0, 1, 2, 3]


async def test_one_that_gives_up_lets_the_next_one_go() -> None:
    turns = Turns(range(9), 10, PATIENCE_SECONDS)
    async with turns.turn(4):
        large = asyncio.create_task(hold(turns.turn(10)))
        await settled()
        asyncio.get_running_loop().call_later(0.01, large.cancel)
        async with turns.turn(1):
            assert large.cancelled()


def pool_of(decoders: int, pixels_in_flight: int, turn_seconds: float = PATIENCE_SECONDS) -> DecoderPool[int]:
    limits = DecoderLimits(
        max_pixels=400_000_000, pixels_in_flight=pixels_in_flight, turn_seconds=turn_seconds
    )
    return DecoderPool(range(decoders), limits)


@pytest.mark.parametrize(("budget", "most"), [(96 * 64, 1), (3 * 96 * 64, 3), (1, 1)])
async def test_images_are_decoded_side_by_side_as_far_as_their_pixels_fit(budget: int, most: int) -> None:
    pool, data = pool_of(9, budget), saved(photo(), "PNG")
    running: set[int] = set()
    seen = 0

    async def work() -> None:
        nonlocal seen
        async with pool.turn(data, PictureFormat.PNG) as decoder:
            running.add(decoder)
            seen = max(seen, len(running))
            await settled()
            running.remove(decoder)

    await asyncio.gather(*(work() for _ in range(9)))
    assert seen == most


async def test_an_image_whose_turn_does_not_come_is_given_back_and_holds_nothing() -> None:
    """R22: overload is no bug and no failure of the image."""
    pool, data = pool_of(1, 10**9, turn_seconds=0.05), saved(photo(), "PNG")
    async with pool.turn(data, PictureFormat.PNG):
        for _ in range(3):
            with pytest.raises(NoVerdict):
                await hold(pool.turn(data, PictureFormat.PNG))
    async with asyncio.timeout(PATIENCE_SECONDS), pool.turn(data, PictureFormat.PNG):
        assert not pool.is_behind


async def test_decoders_with_much_work_before_them_say_so() -> None:
    pool, bomb = pool_of(1, 10**9), png_bomb(6000, 6000)
    tasks = []
    for _ in range(1 + MOST_WAITING_PIXELS // 36_000_000):
        tasks.append(asyncio.create_task(hold(pool.turn(bomb, PictureFormat.PNG))))
        await settled()
        assert not pool.is_behind
    tasks.append(asyncio.create_task(hold(pool.turn(bomb, PictureFormat.PNG))))
    await settled()
    assert pool.is_behind
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert not pool.is_behind
