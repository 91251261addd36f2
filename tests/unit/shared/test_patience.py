"""Patience ends like a time-out of asyncio: by a TimeoutError, and never for another's cancellation."""

import asyncio

import pytest

from shared.observing.loop_lag import LoopLag
from shared.observing.vitals import watch_event_loop
from shared.patience import FairPatience, Patience
from tests.worlds.simulated.jumping_loop import JumpingLoop, in_a_jumping_loop


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


async def stands_still(patience: FairPatience, frozen: tuple[float, ...], *, pauses: bool) -> None:
    """For so many seconds between each two of the other's, and then nothing comes any more."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, JumpingLoop)
    with patience:
        for seconds in frozen:
            await asyncio.sleep(2)
            loop.jump(seconds)
            if pauses:
                patience.pause()
                await asyncio.sleep(100)
                patience.go_on()
        await for_ever()


@pytest.mark.parametrize("pauses", [False, True])
@pytest.mark.parametrize("frozen", [(), (1,), (60,), (60, 60), (9, 60, 1)])
def test_a_fair_one_gives_the_other_its_whole_time_and_no_more(
    frozen: tuple[float, ...], *, pauses: bool
) -> None:
    async def story() -> None:
        loop, stopping = asyncio.get_running_loop(), asyncio.Event()
        lag = LoopLag(loop.time)
        watching = asyncio.create_task(watch_event_loop(stopping, lag))
        await asyncio.sleep(0)
        with pytest.raises(TimeoutError):
            await stands_still(FairPatience(10, lag.late_seconds), frozen, pauses=pauses)
        assert loop.time() - sum(frozen) - 100 * len(frozen) * pauses == pytest.approx(10, abs=2)
        stopping.set()
        await watching

    in_a_jumping_loop(story)
