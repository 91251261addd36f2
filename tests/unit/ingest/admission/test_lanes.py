"""Files are read in turn: of all tenants, and small ones beside large ones."""

import asyncio
import gc
import threading

import pytest

from services.ingest.admission.lanes import SMALL_FILE_BYTES, Lanes
from tests.worlds.patience import DEADLINE_SECONDS


async def test_a_tenants_many_files_leave_a_thread_to_another_tenant() -> None:
    """R05, R20: those of the first tenant only end once the second one's was read."""
    lanes, was_read = Lanes(), threading.Event()
    many = [
        asyncio.create_task(lanes.run("greedy", SMALL_FILE_BYTES, was_read.wait, DEADLINE_SECONDS))
        for _ in range(8)
    ]
    await asyncio.sleep(0)
    await lanes.run("shop", SMALL_FILE_BYTES, was_read.set)
    assert await asyncio.gather(*many) == [True] * 8


async def test_a_small_file_does_not_wait_for_large_ones_of_its_own_tenant() -> None:
    """R05"""
    lanes, was_read = Lanes(), threading.Event()
    large = [
        asyncio.create_task(lanes.run("shop", SMALL_FILE_BYTES, was_read.wait, DEADLINE_SECONDS))
        for _ in range(3)
    ]
    await asyncio.sleep(0)
    await lanes.run("shop", SMALL_FILE_BYTES - 1, was_read.set)
    assert await asyncio.gather(*large) == [True] * 3


async def test_a_tenant_is_forgotten_once_its_files_are_read() -> None:
    lanes = Lanes()
    await lanes.run("shop", 1, len, b"")
    assert not lanes._locks


async def test_whoever_gives_up_keeps_the_turn_for_as_long_as_the_thread_works() -> None:
    """R20: else whoever came and went would have all threads work for nothing."""
    lanes, has_begun, may_end = Lanes(), threading.Event(), threading.Event()

    def read() -> bool:
        has_begun.set()
        return may_end.wait(DEADLINE_SECONDS)

    gone = asyncio.create_task(lanes.run("greedy", 1, read))
    await asyncio.to_thread(has_begun.wait, DEADLINE_SECONDS)
    gone.cancel()
    following = asyncio.create_task(lanes.run("greedy", 1, may_end.is_set))
    await lanes.run("shop", 1, len, b"")
    assert not gone.done()
    may_end.set()
    assert await following  # and so it began afterwards
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_what_no_thread_has_begun_is_taken_back() -> None:
    lanes, may_end = Lanes(), threading.Event()
    busy = [asyncio.create_task(lanes.run(each, 1, may_end.wait, DEADLINE_SECONDS)) for each in ("a", "b")]
    read: list[bytes] = []
    waiting = asyncio.create_task(lanes.run("c", 1, read.append, b""))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    may_end.set()
    assert await asyncio.gather(*busy) == [True, True]
    assert not read


async def test_how_the_reading_of_a_file_ends_that_was_given_up_is_no_news() -> None:
    """A service that ends closes the file that a thread still reads."""
    lanes, has_begun, is_closed = Lanes(), threading.Event(), threading.Event()
    news: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: news.append(told))

    def read() -> None:
        has_begun.set()
        is_closed.wait(DEADLINE_SECONDS)
        raise ValueError("I/O operation on closed file.")

    gone = asyncio.create_task(lanes.run("shop", 1, read))
    await asyncio.to_thread(has_begun.wait, DEADLINE_SECONDS)
    gone.cancel()
    await lanes.run("other", 1, len, b"")
    is_closed.set()
    lanes.small.shutdown()  # no thread holds what it told any longer
    with pytest.raises(asyncio.CancelledError):
        await gone
    del gone
    await asyncio.sleep(0)  # the loop holds what woke this test
    gc.collect()
    assert not news
