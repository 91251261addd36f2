"""Counts requests that will not go on by themselves, for the person on call. It changes nothing."""

import asyncio
from dataclasses import dataclass

import asyncpg

from services.status.postgres.pool import connected
from services.status.postgres.statements import SQL
from shared.observing.logs import Action, log
from shared.observing.metrics import STUCK_REQUESTS

LOOK_SECONDS = 60.0
STUCK_SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class StuckRequests:
    pool: asyncpg.Pool

    async def step(self, _: asyncio.Event) -> bool:
        async with connected(self.pool) as connection:
            rows = await connection.fetch(SQL["count_stuck"], STUCK_SECONDS)
        counts = {row["why"]: row["requests"] for row in rows}
        for why, count in counts.items():
            STUCK_REQUESTS.labels(why).set(count)
        if any(counts.values()):
            log.warning(Action.REQUESTS_STUCK, **counts)
        return False
