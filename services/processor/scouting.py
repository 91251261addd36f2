"""Spares the shops' hosts while the store is away: every image in hand is handled again and again then, and
would be fetched each time. Until one has come through they go ahead one at a time, and only while the store
has room.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.outcomes import Away
from shared.store import Store


class Scouting:
    """One for the process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._missed: Away | None = None  # how the store refused the last image that could not be kept
        self._has_scout = False

    @asynccontextmanager
    async def ahead(self) -> AsyncIterator[None]:
        """While an image is fetched, compressed and kept; raises `Away` where it would be for nothing."""
        if self._missed is None:
            async with self._noted():
                yield
            return
        if self._has_scout:
            raise Away(self._missed.dependency, self._missed.reason)
        self._has_scout = True
        try:
            await self._store.check_room()
            async with self._noted():
                yield
            self._missed = None
        finally:
            self._has_scout = False

    @asynccontextmanager
    async def _noted(self) -> AsyncIterator[None]:
        """A decoder that does not start is no such case: often the next one does."""
        try:
            yield
        except Away as away:
            if away.dependency == "store":
                self._missed = away
            raise
