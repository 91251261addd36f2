"""Runs the API's reads in bounded time, also when the server is frozen or a connection is half dead."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import asyncpg

from services.status.postgres.away import away_as_such
from services.status.postgres.pool import Connection, give_back

READ_SECONDS = 1.5  # an API call answers within 2 s, whatever Postgres does

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BoundedReads:
    pool: asyncpg.Pool
    seconds: float = READ_SECONDS

    async def fetch(self, sql: str, *arguments: object) -> Sequence[asyncpg.Record]:
        return await self.run(lambda connection: connection.fetch(sql, *arguments))

    async def run(self, read: Callable[[Connection], Awaitable[T]]) -> T:
        """Some statements of one connection."""
        with away_as_such():
            async with asyncio.timeout(self.seconds):
                return await self._run(read)

    async def _run(self, read: Callable[[Connection], Awaitable[T]]) -> T:
        connection = await self.pool.acquire()
        try:
            return await read(connection)
        except asyncio.CancelledError:
            # Returning it politely would wait for an answer that may never come.
            connection.terminate()
            raise
        finally:
            await give_back(connection, self.seconds)

    async def check(self) -> None:
        """Returns when Postgres answers and holds the tables."""
        await self.fetch("SELECT 1 FROM requests LIMIT 1")
