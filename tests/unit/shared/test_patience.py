"""Patience ends like a time-out of asyncio: by a TimeoutError, and never for another's cancellation."""

import asyncio

import pytest

from shared.patience import Patience
from tests.worlds.simulated.jumping_loop import in_a_jumping_loop


async def for_ever() -> None:
    await asyncio.Event().wait()


async def test_what_takes_longer_is_ended_by_a_time_out() -> None:
    with pytest.raises(TimeoutError), Patience(0.0) as patience:
        await for_ever()
    assert patience.has_ended
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


def test_what_ends_by_itself_is_left_alone() -> None:
    async def story() -> None:
        with Patience(2, asyncio.get_running_loop()) as patience:
            await asyncio.sleep(1)
        await asyncio.sleep(2)
        assert not patience.has_ended

    in_a_jumping_loop(story)


async def test_a_cancellation_from_outside_stays_one() -> None:
    async def patient() -> None:
        with Patience(3_600):
            await for_ever()

    task = asyncio.create_task(patient())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancellation_beside_the_end_stays_one() -> None:
    async def patient() -> None:
        with Patience(0.0):
            try:
                await for_ever()
            except asyncio.CancelledError:
                await begun.wait()  # the end has come; now somebody cancels us, too
                raise

    begun = asyncio.Event()
    task = asyncio.create_task(patient())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_of_the_block_comes_through() -> None:
    with pytest.raises(KeyError), Patience(3_600):
        raise KeyError


async def test_the_inner_one_ends_before_the_outer_one_and_the_other_way_round() -> None:
    with Patience(3_600) as outer, pytest.raises(TimeoutError), Patience(0.0):
        await for_ever()
    assert not outer.has_ended
    with pytest.raises(TimeoutError), Patience(0.0), Patience(3_600) as inner:
        await for_ever()
    assert not inner.has_ended


async def test_a_pause_takes_none_of_the_time() -> None:
    with Patience(0.0) as patience:
        patience.pause()
        await asyncio.sleep(0.01)
        patience.go_on()
        with pytest.raises(asyncio.CancelledError):
            await for_ever()
        patience._task.uncancel()
        patience.has_ended = False
