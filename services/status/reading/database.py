"""What reading needs of a database, and how a long answer waits where a short one is refused."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.status.records.database_row import Row
from shared.outcomes import Away

MOST_TRIES = 10
"""Of one page of an answer that has begun. It cannot be refused any more, only broken off."""
PAUSE_SECONDS = 1.0


class Database(Protocol):
    """Runs one statement in bounded time; raises `Away` when Postgres does not answer."""

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]: ...


@dataclass(frozen=True, slots=True)
class PatientReads:
    """Asks again where an answer did not come in time. Only for what may be read twice."""

    database: Database

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        for _ in range(MOST_TRIES - 1):
            try:
                return await self.database.fetch(sql, *arguments)
            except Away:
                await asyncio.sleep(PAUSE_SECONDS)
        return await self.database.fetch(sql, *arguments)
