"""A long stream works half of the time at most, beside others with much work an eleventh,
and loses nothing by it.
"""

import time
from collections.abc import AsyncIterator, Callable

import pytest

from services.status.api.answers.streaming import (
    BUSY_SHARE,
    LONGEST_PAUSE_SECONDS,
    PAUSES_BESIDE_OTHERS,
    paced,
)

PIECES, PIECE_SECONDS = 10, 0.004


async def test_a_stream_pauses_for_as_long_as_it_works() -> None:
    """R05"""

    async def pieces() -> AsyncIterator[bytes]:
        for number in range(PIECES):
            time.sleep(PIECE_SECONDS)  # noqa: ASYNC251 - it works, and nobody else has a turn
            yield str(number).encode()

    began = time.monotonic()
    told = [piece async for piece in paced(pieces())]
    assert told == [str(number).encode() for number in range(PIECES)]
    assert time.monotonic() - began >= 2 * PIECES * PIECE_SECONDS


@pytest.mark.parametrize(
    ("others_share", "pauses"),
    [(0.0, 1), (0.02, 1), (0.1, 4), (BUSY_SHARE, PAUSES_BESIDE_OTHERS), (1.0, PAUSES_BESIDE_OTHERS)],
)
async def test_a_stream_pauses_for_longer_the_more_others_work(others_share: float, pauses: int) -> None:
    """R05"""
    looks = 0

    def worked() -> float:
        """Of a thread that works so much of each pause."""
        nonlocal looks
        looks += 1
        return (looks - 1) * others_share * LONGEST_PAUSE_SECONDS

    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"

    told = [piece async for piece in paced(pieces(), clock=every(1.0), worked=worked)]
    assert told == [b"one"]
    assert looks == 1 + pauses


async def test_a_piece_that_took_no_time_by_the_clock_is_paced_too() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"

    assert [piece async for piece in paced(pieces(), clock=every(0.0), worked=every(1.0))] == [b"one"]


def every(seconds: float) -> Callable[[], float]:
    """A clock that goes on by so much at each look."""
    now = 0.0

    def look() -> float:
        nonlocal now
        now += seconds
        return now

    return look
