"""No more pixels are decoded at once than there are to give, and nobody waits for ever."""

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.processor.decoders.budget import MOST_WAITING_PIXELS, BoundedDecoders, PixelBudget
from services.processor.verdicts import Compressed, Failure, NoTurn
from shared.contract.codes import FailureCode
from shared.contract.picture_formats import PictureFormat
from tests.worlds.pictures import photo, png_bomb, saved


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@settings(deadline=None)
@given(st.lists(st.integers(1, 150), min_size=1, max_size=30), st.data())
async def test_the_budget_is_never_overdrawn_and_everybody_gets_a_turn(
    wishes: list[int], draw: st.DataObject
) -> None:
    """R22: cancelled ones included; at the end all of it is free again."""
    budget, held, most = PixelBudget(100), 0, 0

    async def work(pixels: int) -> None:
        nonlocal held, most
        async with budget.taken(pixels):
            held += min(pixels, 100)
            most = max(most, held)
            try:
                await asyncio.sleep(0)
            finally:
                held -= min(pixels, 100)

    tasks = [asyncio.create_task(work(pixels)) for pixels in wishes]
    await asyncio.sleep(0)
    for task in tasks:
        if draw.draw(st.booleans()):
            task.cancel()
        await asyncio.sleep(0)
    await asyncio.gather(*tasks, return_exceptions=True)
    assert most <= 100
    async with asyncio.timeout(20), budget.taken(100):
        assert held == 0


async def test_a_large_one_is_not_overtaken_for_ever() -> None:
    budget, order = PixelBudget(10), []

    async def work(name: str, pixels: int, until: asyncio.Event) -> None:
        async with budget.taken(pixels):
            order.append(name)
            await until.wait()

    first, go = asyncio.Event(), asyncio.Event()
    go.set()
    tasks = [asyncio.create_task(work("small", 4, first))]
    await settled()
    tasks += [asyncio.create_task(work("large", 10, go)), asyncio.create_task(work("late", 1, go))]
    await settled()
    assert order == ["small"]
    first.set()
    await asyncio.gather(*tasks)
    assert order == ["small", "large", "late"]


async def compressed(decoders: BoundedDecoders, png: bytes) -> Compressed | Failure:
    async with decoders.turn(png, PictureFormat.PNG) as free:
        return await free.compress(png, 50, None)


@dataclass
class CountingDecoders:
    running: int = 0
    most: int = 0

    async def compress(self, data: bytes, quality: int, wanted: PictureFormat | None) -> Compressed | Failure:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.001)
        self.running -= 1
        return Failure(FailureCode.DAMAGED)


@pytest.mark.parametrize(("budget", "most"), [(96 * 64, 1), (3 * 96 * 64, 3), (1, 1)])
async def test_images_are_decoded_side_by_side_as_far_as_their_pixels_fit(budget: int, most: int) -> None:
    decoders = CountingDecoders()
    bounded = BoundedDecoders(decoders, asyncio.Semaphore(9), PixelBudget(budget), 1_000_000)
    data = saved(photo(), "PNG")
    await asyncio.gather(*(compressed(bounded, data) for _ in range(9)))
    assert decoders.most == most


class StuckDecoders:
    async def compress(self, data: bytes, quality: int, wanted: PictureFormat | None) -> Compressed | Failure:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")


async def test_an_image_whose_turn_does_not_come_is_given_back_and_holds_nothing() -> None:
    """R22: overload is no bug and no failure of the image."""
    bounded = BoundedDecoders(
        StuckDecoders(), asyncio.Semaphore(1), PixelBudget(10**9), 10**9, turn_seconds=0.05
    )
    data = saved(photo(), "PNG")
    first = asyncio.create_task(compressed(bounded, data))
    await settled()
    for _ in range(3):
        with pytest.raises(NoTurn):
            await compressed(bounded, data)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    async with asyncio.timeout(20), bounded.budget.taken(10**9), bounded.places:
        assert not bounded.is_behind


async def test_decoders_with_much_work_before_them_say_so() -> None:
    bounded = BoundedDecoders(StuckDecoders(), asyncio.Semaphore(1), PixelBudget(10**9), 10**9)
    bomb = png_bomb(6000, 6000)
    tasks = []
    for _ in range(1 + MOST_WAITING_PIXELS // 36_000_000):
        tasks.append(asyncio.create_task(compressed(bounded, bomb)))
        await settled()
        assert not bounded.is_behind
    tasks.append(asyncio.create_task(compressed(bounded, bomb)))
    await settled()
    assert bounded.is_behind
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert not bounded.is_behind
