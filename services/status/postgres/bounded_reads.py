"""Runs the API's reads in bounded time, also when the server is frozen or a connection is half dead."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from services.status.postgres.pool import away_as_such

READ_SECONDS = 1.5  # an API call answers within 2 s, whatever Postgres does


@dataclass(frozen=True, slots=True)
class BoundedReads:
    pool: asyncpg.Pool

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Any]:
        with away_as_such():
            async with asyncio.timeout(READ_SECONDS):
                return await self._fetch(sql, arguments)

    async def _fetch(self, sql: str, arguments: Sequence[object]) -> Sequence[Any]:
        connection = await self.pool.acquire()
        try:
            return await connection.fetch(sql, *arguments)
        except asyncio.CancelledError:
            # Returning it politely would wait for an answer that may never come.
            connection.terminate()
            raise
        finally:
            await self.pool.release(connection, timeout=READ_SECONDS)

    async def check(self) -> None:
        """Returns when Postgres answers and holds the tables."""
        await self.fetch("SELECT 1 FROM requests LIMIT 1")
