"""Spares the shops' hosts while the store is away: every image in hand is handled again and again then, and
would be fetched each time. Until one has been kept they go ahead one by one, and only while the store has
room.
"""

import time
from collections.abc import Callable

from shared.outcomes import Away, Refused
from shared.store import Store

SCOUT_SECONDS = 2.0  # from one to the next, unless that one has ended: its host may be slow


class Scouting:
    """One for the process."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._missed: Away | None = None  # why the last image that came so far could not be kept
        self._next_at = 0.0

    async def go_ahead(self) -> None:
        """Before an image is fetched; raises `Away` where it would be for nothing."""
        if self._missed is None:
            return
        if self._clock() < self._next_at:
            raise Away(self._missed.dependency, self._missed.reason)
        self._next_at = self._clock() + SCOUT_SECONDS
        try:
            await self._store.check_room()
        except Away as away:
            self.missed(away)
            raise
        except Refused as refused:
            raise Away("store", refused) from refused

    def missed(self, away: Away) -> None:
        """An image could not be kept."""
        self._missed = away

    def kept(self) -> None:
        """An image was kept, whichever: the store is there."""
        self._missed = None

    def ended(self) -> None:
        """An image ended, perhaps without anything to keep: the next need not wait."""
        self._next_at = 0.0
