"""Long streams leave the machine to others for as long as they work: results that come in have no other time
than theirs, and nobody waits for one piece of a long stream.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping

from fastapi import Response
from fastapi.responses import StreamingResponse

PAGED_STREAM_BYTES = 2 * 1024 * 1024
"""What an answer holds for its reader that is made page by page: a page as rows, and as it is sent."""
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


async def nothing() -> AsyncIterator[bytes]:
    """For the answer to HEAD where nobody knows the length before all is made: it names none."""
    for _ in ():
        yield b""


async def streamed(
    chunks: AsyncIterator[bytes], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Begins the answer with the first chunk, so that what is missing or away is told as such."""
    first = await anext(chunks, b"")
    return StreamingResponse(_with_first(first, chunks), status, headers)


async def _with_first(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    del first  # nobody keeps it to the end
    async for chunk in rest:
        yield chunk
