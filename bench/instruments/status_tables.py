"""The status service's tables, as the bench looks at them: the API would cost what is measured."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from bench.figures import WrongResult
from bench.instruments.process_memory import MEBIBYTE, resident_bytes
from deploy.local.own_stack import OwnStack

PATIENCE_SECONDS = 240.0
POLL_SECONDS = 0.05

Condition = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class StatusTables:
    stack: OwnStack
    pool: asyncpg.Pool

    async def row(self, request_id: UUID) -> Any:
        return await self.pool.fetchrow("SELECT * FROM requests WHERE id = $1", request_id)

    async def is_planned(self, request_id: UUID) -> bool:
        row = await self.row(request_id)
        return row is not None and row["planned_at"] is not None

    async def is_ended(self, request_id: UUID) -> bool:
        row = await self.row(request_id)
        return row is not None and row["completed_at"] is not None

    async def is_flowing(self, request_id: UUID) -> bool:
        row = await self.row(request_id)
        return row is not None and row["done"] > 0

    async def done(self, request_id: UUID | None = None) -> int:
        """Images of one request or of all."""
        query = "SELECT sum(done) FROM requests WHERE $1::uuid IS NULL OR id = $1"
        return int(await self.pool.fetchval(query, request_id))

    async def sum(self, column: str, request_ids: Sequence[UUID]) -> int:
        """Of these requests' rows, as far as there are any."""
        query = f"SELECT coalesce(sum({column}), 0) FROM requests WHERE id = ANY ($1)"
        return int(await self.pool.fetchval(query, request_ids))

    async def rate(self, seconds: float, request_id: UUID | None = None) -> float:
        """Images done a second, of one request or of all."""
        began, before = time.perf_counter(), await self.done(request_id)
        await asyncio.sleep(seconds)
        return (await self.done(request_id) - before) / (time.perf_counter() - began)

    def resident_mebibytes(self) -> float:
        (pid,) = self.stack.endpoints["pids"]["status"]
        return resident_bytes(pid) / MEBIBYTE


@asynccontextmanager
async def open_tables(stack: OwnStack) -> AsyncIterator[StatusTables]:
    async with asyncpg.create_pool(stack.endpoints["postgres_dsn"], min_size=0, max_size=2) as pool:
        yield StatusTables(stack, pool)


async def until(
    condition: Condition,
    each_time: Callable[[], None] = lambda: None,
    patience_seconds: float = PATIENCE_SECONDS,
) -> None:
    try:
        async with asyncio.timeout(patience_seconds):
            while not await condition():
                each_time()
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        raise WrongResult(f"the status service was not done within {patience_seconds:.0f} s") from None
