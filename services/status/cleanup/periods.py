"""Keeps the periods that images and products lie in: makes them ahead, and drops those whose requests are all
purged, rows and all.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg

from services.status.jobs.job import Step
from services.status.postgres.pool import Connection, connected
from services.status.postgres.statements import SQL
from services.status.records.periods import Period, first_id_of, missing_periods
from shared.clock import utc_now
from shared.observing.logs import Action, log

LOOK_SECONDS = 600.0
STILL_COMING = timedelta(days=1)
"""So long after its end a period stays in any case: uploads wait in Kafka, and clocks differ."""


@dataclass(slots=True, kw_only=True)
class Periods:
    pool: asyncpg.Pool
    retention_days: float
    now: Callable[[], datetime] = utc_now
    are_made: bool = False  # those of today were there, or were made, since this process began
    _making: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def step(self, _: asyncio.Event) -> bool:
        await self.make()
        async with connected(self.pool) as connection:
            for name in await self._past(connection):
                if await connection.fetchval(SQL["drop_period"], name) == "dropped":
                    log.info(Action.PERIOD_DROPPED, period=name)
        return False

    async def make(self) -> None:
        """A period that could not be made costs nothing but time: its rows lie among others', where each is
        removed by itself.
        """
        async with self._making, connected(self.pool) as connection:
            known = [Period(*row) for row in await connection.fetch(SQL["periods"])]
            for period in missing_periods(known, self.now(), self.retention_days):
                became = await connection.fetchval(SQL["make_period"], *period)
                tell = log.info if became == "made" else log.warning
                tell(Action.PERIOD_MADE, period=period.name, became=became)
            self.are_made = True

    async def _past(self, connection: Connection) -> list[str]:
        rows = await connection.fetch(SQL["past_periods"], first_id_of(self.now() - STILL_COMING))
        return [row["name"] for row in rows]


@dataclass(frozen=True, slots=True)
class OncePeriodsAreMade:
    """A step that makes rows: the first rows of a new period must not come before it."""

    periods: Periods
    step: Step

    async def __call__(self, stopping: asyncio.Event) -> bool:
        if not self.periods.are_made:
            await self.periods.make()
        return await self.step(stopping)
