"""Outcomes for which nobody may wait any more: the event loop tells each error of which nobody hears."""

import asyncio
from typing import Any


def hear(ended: asyncio.Future[Any]) -> None:
    """To be called when it has ended. Whoever waits for it hears of it all the same."""
    if not ended.cancelled():
        ended.exception()
