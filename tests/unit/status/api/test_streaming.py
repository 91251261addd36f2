"""A stream that can no longer be told breaks off, and says why."""

from collections.abc import AsyncIterator

import pytest
from fastapi.responses import StreamingResponse

from services.status.api.answers.streaming import streamed
from services.status.reading.report_stream import ChangedMeanwhile
from shared.outcomes import Away, Refused
from shared.store import Missing
from shared.web.broken_off import BrokenOff

ENDS = [Away("store", "gone"), Missing("a.csv"), Refused("no"), ChangedMeanwhile("run 2")]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: type(end).__name__)
async def test_what_is_missing_once_an_answer_has_begun_breaks_it_off(end: Exception) -> None:
    """R21"""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"half"
        raise end

    answer = await streamed(pieces())
    assert isinstance(answer, StreamingResponse)
    rest = aiter(answer.body_iterator)
    assert await anext(rest) == b"half"
    with pytest.raises(BrokenOff, match=str(end)):
        await anext(rest)


@pytest.mark.parametrize("end", ENDS, ids=lambda end: type(end).__name__)
async def test_what_is_missing_before_an_answer_begins_is_told_as_it_is(end: Exception) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        raise end
        yield b""

    with pytest.raises(type(end)):
        await streamed(pieces())
