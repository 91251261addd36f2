"""Waiting for an event for a while. Everything that looks now and then sleeps in this way."""

import asyncio
from contextlib import suppress

from shared.patience import Patience


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Returns when the event is set, or after so long."""
    with suppress(TimeoutError), Patience(seconds):
        await event.wait()
