"""How long streams leave the machine to others: they pause between their pieces, for nobody waits for one of
them. Whatever else this process does, as taking in results, has the time of these pauses alone.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping

from fastapi import Response
from fastapi.responses import StreamingResponse

from services.status.reading.report_stream import ChangedMeanwhile
from shared.outcomes import Away, Refused
from shared.store import Missing
from shared.web.broken_off import BrokenOff

PAGED_STREAM_BYTES = 2 * 1024 * 1024
"""What an answer holds for its reader that is made page by page: a page as rows, and as it is sent."""
LONGEST_PAUSE_SECONDS = 0.02  # a reader that is slow to take a piece makes pauses itself
PAUSES_BESIDE_OTHERS = 10  # after one piece, at most; the fewer, the less work others have
BUSY_SHARE = 0.25  # of the pauses, in which this thread worked for others: they have as much as may be

Clock = Callable[[], float]


async def paced(
    pieces: AsyncIterator[bytes], clock: Clock = time.monotonic, worked: Clock = time.thread_time
) -> AsyncIterator[bytes]:
    """The same pieces. After each comes a pause as long as the piece took to be read, rendered and sent, and
    more of them the more others work meanwhile.
    """
    began = clock()
    async for piece in pieces:
        yield piece
        await _give_way(min(clock() - began, LONGEST_PAUSE_SECONDS), worked)
        began = clock()


async def _give_way(seconds: float, worked: Clock) -> None:
    before = worked()
    for made in range(1, PAUSES_BESIDE_OTHERS + 1):
        await asyncio.sleep(seconds)
        # No division: by a coarse clock the shortest piece takes no time at all.
        if (worked() - before) * PAUSES_BESIDE_OTHERS <= made * seconds * made * BUSY_SHARE:
            return


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
    try:
        async for chunk in rest:
            yield chunk
    except (Away, Missing, Refused, ChangedMeanwhile) as error:
        raise BrokenOff(str(error)) from error
