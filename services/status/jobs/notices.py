"""Tells other status processes what there is to do, and hears it from them, by NOTIFY and LISTEN of Postgres.

A notice is a convenience: while none can be heard, and for one that is lost, jobs look by themselves.
"""

import asyncio
import uuid
from dataclasses import dataclass, field

from services.status.jobs.wakes import Wakes, Work
from services.status.postgres.listening import Listening

CHANNEL = "pixmill_work"
TRY_SECONDS = 30.0  # after which a connection that nothing came over is tried
_TELL = "SELECT pg_notify($1, $2)"


@dataclass(slots=True)
class Notices:
    wakes: Wakes
    listening: Listening
    _me: str = field(default_factory=lambda: uuid.uuid4().hex)

    async def step(self, _: asyncio.Event) -> bool:
        """Tells what is new; without news it makes sure that it still hears."""
        self.wakes.are_heard = False
        if await self.listening.connect(CHANNEL, self._hear, self._lost):
            self.wakes.called(Work)
        works = self.wakes.take_untold()
        await self.listening.execute(_TELL, CHANNEL, " ".join([self._me, *sorted(works)]))
        self.wakes.are_heard = True
        return False

    def _lost(self) -> None:
        """Jobs look by themselves from now on."""
        self.wakes.are_heard = False
        self.wakes.called(Work)
        self.wakes.news.set()

    def _hear(self, payload: str) -> None:
        sender, *works = payload.split()
        if sender != self._me:
            self.wakes.called(work for work in Work if work.value in works)
