"""Asks again for deliveries whose answer never came, once the broker says that the notifier has nothing left
to do and that we have read all it said. It counts nothing: no attempt is known to have been made.
"""

import asyncio
from dataclasses import dataclass

import asyncpg

from services.status.jobs.lag import Lag, is_nothing_left
from services.status.jobs.wakes import Wakes, Work
from services.status.postgres.pool import connected
from services.status.postgres.statements import SQL

LOOK_SECONDS = 30.0
YOUNG_SECONDS = 60.0  # what was asked for since is on its way


@dataclass(frozen=True, slots=True, kw_only=True)
class UnansweredDeliveries:
    pool: asyncpg.Pool
    wakes: Wakes
    notifiers_lag: Lag  # on request.completed and webhook.retry
    own_lag: Lag  # on webhook.attempted

    async def step(self, _: asyncio.Event) -> bool:
        async with connected(self.pool) as connection:
            rows = await connection.fetch(SQL["find_unanswered_deliveries"], YOUNG_SECONDS)
        if not rows or not await is_nothing_left(self.notifiers_lag, self.own_lag):
            return False
        async with connected(self.pool) as connection:
            await connection.execute(SQL["ask_unanswered_deliveries"], *zip(*rows, strict=True))
        self.wakes.call(Work.DELIVER)
        return False
