"""Long streams leave the machine to others for as long as they work: results that come in have no other time
than theirs, and nobody waits for one piece of a long stream.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

LONGEST_PAUSE_SECONDS = 0.02  # a reader that is slow to take a piece makes pauses itself


async def paced(
    pieces: AsyncIterator[bytes], clock: Callable[[], float] = time.monotonic
) -> AsyncIterator[bytes]:
    """The same pieces, after each a pause as long as it took to be read, rendered and sent."""
    began = clock()
    async for piece in pieces:
        yield piece
        await asyncio.sleep(min(clock() - began, LONGEST_PAUSE_SECONDS))
        began = clock()
