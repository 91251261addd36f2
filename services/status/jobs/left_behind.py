"""Looks for all called jobs at once for work that nobody told of: what somebody left who has died, or who was
not heard. What the work is, the jobs know.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import asyncpg

from services.status.jobs.wakes import Wakes, Work
from services.status.postgres.pool import connected
from services.status.postgres.statements import SQL

LOOK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class LeftBehind:
    pool: asyncpg.Pool
    wakes: Wakes
    leads_dispatch: Callable[[], bool]  # who does sees all that is open anyway

    async def step(self, _: asyncio.Event) -> bool:
        async with connected(self.pool) as connection:
            (found,) = await connection.fetch(SQL["left_behind"], LOOK_SECONDS)
        works = {work for work in Work if found[work.value]}
        if self.leads_dispatch():
            works.discard(Work.DISPATCH)
        self.wakes.called(works)
        return False
