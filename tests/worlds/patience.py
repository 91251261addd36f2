"""How long a test waits for what must come."""

import asyncio
from collections.abc import Callable
from inspect import isawaitable

DEADLINE_SECONDS = 100.0  # whoever takes longer hangs, also on a machine that is busy with other things
LOOK_AGAIN_SECONDS = 0.01


async def until(holds: Callable[[], object]) -> None:
    """Looks again and again, also by asking somebody; the deadline is the failure."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not await _now(holds()):
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _now(value: object) -> object:
    return await value if isawaitable(value) else value
