"""Takes back images whose answer never came.

While no answer comes from anyone it takes back nothing: an outage delays images and never fails them.
"""

import asyncio
from dataclasses import dataclass

import asyncpg

from services.status.images.rules import Result
from services.status.images.settling import settle
from services.status.jobs.wakes import Wakes
from services.status.postgres.pool import connected, transaction
from services.status.postgres.statements import SQL
from services.status.rendering.links import Links

LOOK_SECONDS = 5.0
LOST_SECONDS = 180.0  # after take_by
REST_SECONDS = 30.0
BATCH_IMAGES = 500


@dataclass(frozen=True, slots=True)
class Losses:
    pool: asyncpg.Pool
    wakes: Wakes
    links: Links

    async def step(self, _: asyncio.Event) -> bool:
        async with connected(self.pool) as connection:
            silence_seconds = await connection.fetchval(SQL["seconds_since_answer"])
            if silence_seconds is None or silence_seconds > REST_SECONDS:
                return False
            lost = await connection.fetch(SQL["find_lost"], LOST_SECONDS)
        if not lost:
            return False
        # Judged again under the lock: an answer that came meanwhile wins.
        results = [Result(**row) for row in lost]
        async with transaction(self.pool) as connection:
            settled = await settle(connection, results, self.links)
        self.wakes.dispatcher.set()
        if settled.ending:
            self.wakes.complete()
        return settled.changed and len(lost) == BATCH_IMAGES
