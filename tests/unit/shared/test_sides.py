"""A side of a service that ends by itself is heard, in whatever way it ends."""

import asyncio

import pytest

from shared.serving import Side, SideEndedError, _run_side


async def cancelled_from_within(_: asyncio.Event) -> None:
    """As a library does that awaits a task which it has cancelled."""
    task = asyncio.create_task(asyncio.Event().wait())
    task.cancel()
    await task


async def returns(_: asyncio.Event) -> None:
    return


async def waits(stopping: asyncio.Event) -> None:
    await stopping.wait()


@pytest.mark.parametrize("side", [cancelled_from_within, returns])
async def test_a_side_that_ends_by_itself_ends_its_service(side: Side) -> None:
    with pytest.raises(SideEndedError):
        await asyncio.create_task(_run_side(side, asyncio.Event()))


async def test_a_side_that_is_cancelled_by_its_owner_just_ends() -> None:
    task = asyncio.create_task(_run_side(waits, asyncio.Event()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_side_that_is_told_to_stop_may_return() -> None:
    stopping = asyncio.Event()
    stopping.set()
    await _run_side(waits, stopping)
