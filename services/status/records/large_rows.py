"""Rows that weigh more than a page: few of them at a time are in this process's memory, whoever reads them, a
planner, a completer or an export. Others pass. What a row holds is not known here.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services.status.records.limits import MOST_LARGE_ROWS, PAGE_BYTES


@dataclass(slots=True)
class LargeRowTurn:
    """Of somebody who reads row after row. Give it back when nothing refers to the row any more."""

    _places: asyncio.Semaphore
    _is_held: bool = False

    async def weigh(self, row_bytes: int) -> None:
        """Before so much of a row is read: waits where it is large and others are under way."""
        if row_bytes > PAGE_BYTES:
            await self.take()

    async def take(self) -> None:
        if not self._is_held:
            await self._places.acquire()
            self._is_held = True

    def give_back(self) -> None:
        if self._is_held:
            self._is_held = False
            self._places.release()


@dataclass(frozen=True, slots=True)
class LargeRows:
    """One for each process."""

    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_LARGE_ROWS))

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[LargeRowTurn]:
        """Not taken before a large row comes, and given back at the end of the block at the latest."""
        turn = LargeRowTurn(self._places)
        try:
            yield turn
        finally:
            turn.give_back()
