"""Ends runs whose deadline has passed: nothing else ends a run by the wall clock."""

import asyncio
from dataclasses import dataclass

import asyncpg

from services.status.jobs.wakes import Wakes, Work
from services.status.postgres.pool import connected
from services.status.postgres.statements import SQL
from shared.contract.codes import FailureCode

LOOK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Deadlines:
    pool: asyncpg.Pool
    wakes: Wakes

    async def step(self, _: asyncio.Event) -> bool:
        async with connected(self.pool) as connection:
            expired = await connection.fetch(SQL["pass_deadlines"], FailureCode.EXPIRED)
        if expired:
            self.wakes.call(Work.COMPLETE)
        return False
