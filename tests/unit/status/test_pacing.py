"""A long stream works half of the time at most, and loses nothing by it."""

import time
from collections.abc import AsyncIterator

from services.status.api.answers.streaming import paced

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
