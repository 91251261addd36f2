"""Gives each request that needs a long piece of work to one worker among all processes. It knows not what the
work is.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from services.status.database import Connection, connected
from shared.handling import Away

SET_ASIDE_SECONDS = 30.0

Work = Callable[[Connection, UUID, asyncio.Event], Awaitable[None]]


@dataclass(frozen=True)
class Turns:
    """Finds requests that need this work, smallest first, and does it for the first that nobody else has."""

    pool: asyncpg.Pool
    purpose: str
    find: str  # SQL: ids; $1 are the ids to leave out, $2 the largest number of images
    work: Work
    max_images: int
    _set_aside: dict[UUID, float] = field(default_factory=dict)

    async def step(self, stopping: asyncio.Event) -> bool:
        """Says whether there was anything to do."""
        async with connected(self.pool) as connection:
            request_id = await self._take(connection)
            if request_id is None:
                return False
            try:
                await self.work(connection, request_id, stopping)
            except Away:
                raise
            except Exception:
                # The others must not wait behind a request that fails every time.
                self._set_aside[request_id] = time.monotonic() + SET_ASIDE_SECONDS
                raise
            return True

    async def _take(self, connection: Connection) -> UUID | None:
        for row in await connection.fetch(self.find, self._left_out(), self.max_images):
            # Returning the connection to the pool unlocks, and so does the end of this process.
            name = f"{self.purpose} {row['id']}"
            if await connection.fetchval("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", name):
                return UUID(str(row["id"]))
        return None

    def _left_out(self) -> list[UUID]:
        now = time.monotonic()
        for request_id in [each for each, until in self._set_aside.items() if until <= now]:
            del self._set_aside[request_id]
        return list(self._set_aside)
