"""Bounds what one step with the object store may take, so that the caller hears of it in time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.outcomes import Away

STORE_SECONDS = 8.0  # with the broker's limit, the caller hears within 10 s which of them is away


@asynccontextmanager
async def store_step(seconds: float = STORE_SECONDS) -> AsyncIterator[None]:
    """`Away` when the block takes longer."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise Away("store", f"no answer within {seconds:.0f} s") from error
