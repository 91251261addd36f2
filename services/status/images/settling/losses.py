"""Takes back images whose answer never came: at once where the broker says that nothing is left to take, else
after minutes.

While no answer comes from anyone it takes back only the former: an outage delays images and never fails them.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from services.status.images.rules import Result
from services.status.images.settling.settle import settle
from services.status.images.window import TAKE_BY_SECONDS
from services.status.jobs.lag import Lag, is_nothing_left
from services.status.jobs.wakes import Wakes, Work
from services.status.postgres.pool import connected, transaction
from services.status.postgres.statements import SQL
from services.status.records.database_row import Row
from services.status.rendering.links import Links

LOOK_SECONDS = 5.0
YOUNG_SECONDS = 10.0  # what was asked for since is on its way
LOST_SECONDS = 180.0  # after take_by
REST_SECONDS = 30.0
BATCH_IMAGES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    pool: asyncpg.Pool
    wakes: Wakes
    links: Links
    processors_lag: Lag  # on image.requested
    own_lag: Lag  # on image.done

    async def step(self, _: asyncio.Event) -> bool:
        async with connected(self.pool) as connection:
            out = await connection.fetch(SQL["find_overdue"], TAKE_BY_SECONDS - YOUNG_SECONDS)
        if out and await is_nothing_left(self.processors_lag, self.own_lag):
            return await self._take_back(out, reached_nobody=True)
        async with connected(self.pool) as connection:
            silence_seconds = await connection.fetchval(SQL["seconds_since_answer"])
            if silence_seconds is None or silence_seconds > REST_SECONDS:
                return False
            lost = await connection.fetch(SQL["find_lost"], LOST_SECONDS)
        return await self._take_back(lost, reached_nobody=False)

    async def _take_back(self, rows: Sequence[Row], *, reached_nobody: bool) -> bool:
        if not rows:
            return False
        # Judged again under the lock: an answer that came meanwhile wins.
        results = [
            Result(
                request_id=row["request_id"],
                ordinal=row["ordinal"],
                run=row["run"],
                attempt=row["attempt"],
                reached_nobody=reached_nobody,
            )
            for row in rows
        ]
        async with transaction(self.pool) as connection:
            settled = await settle(connection, results, self.links)
        self.wakes.call(Work.DISPATCH, *settled.calls())
        return settled.changed and len(rows) == BATCH_IMAGES
