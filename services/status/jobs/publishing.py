"""Publishes what lies in Postgres: claim, publish, mark. While the broker is away the claim is released.

What was claimed and never marked, since its process died in between, is due again after UNSENT_SECONDS: with
the same ids, so that a reader can tell a repeat from news.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import asyncpg

from services.status.jobs.job import Signal
from services.status.jobs.left_behind import LOOK_SECONDS
from services.status.postgres.pool import Connection, connected
from services.status.postgres.statements import SQL
from shared.consuming.broker import Producer
from shared.consuming.handling import Outgoing
from shared.outcomes import Away

UNSENT_SECONDS = 15.0  # longer than any wait for the broker
BATCH_ROWS = 20

Execute = Callable[..., Awaitable[object]]  # SQL and its parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Messages that nobody else publishes now, and the statements that end the claim."""

    messages: Sequence[Outgoing]
    mark: str  # SQL: they are published
    release: str  # SQL: they are due again at once
    parameters: Sequence[object]  # of both


async def publish_claimed(claimed: Claimed, producer: Producer, execute: Execute) -> None:
    """Raises `Away` when the broker or Postgres is."""
    try:
        await producer.publish(claimed.messages)
    except Away:
        await execute(claimed.release, *claimed.parameters)
        raise
    await execute(claimed.mark, *claimed.parameters)


@dataclass(frozen=True, slots=True)
class NextDue:
    """Calls an outbox when the next of its rows is due."""

    statement: str  # the statement that says in how many seconds that is
    signal: Signal

    async def call(self, connection: Connection) -> None:
        seconds = await connection.fetchval(SQL[self.statement])
        if seconds is not None and seconds < LOOK_SECONDS:  # else it is looked for again before
            self.signal.set_within(max(seconds, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """Rows of one kind, each of which becomes a message."""

    pool: asyncpg.Pool
    producer: Producer
    claim: str  # the statement that finds rows; $1 are UNSENT_SECONDS, $2 is the largest number of rows
    mark: str
    release: str
    keys: Sequence[str]  # the columns that both take
    message: Callable[[asyncpg.Record], Outgoing]
    next_due: NextDue | None = None  # of rows that wait for their time

    async def step(self, _: asyncio.Event) -> bool:
        async with connected(self.pool) as connection:
            rows = await connection.fetch(SQL[self.claim], UNSENT_SECONDS, BATCH_ROWS)
            if not rows and self.next_due is not None:
                await self.next_due.call(connection)
        if not rows:
            return False
        claimed = Claimed(
            messages=[self.message(row) for row in rows],
            mark=SQL[self.mark],
            release=SQL[self.release],
            parameters=[[row[key] for row in rows] for key in self.keys],
        )
        await publish_claimed(claimed, self.producer, self._execute)
        return len(rows) == BATCH_ROWS

    async def _execute(self, sql: str, *parameters: object) -> None:
        async with connected(self.pool) as connection:
            await connection.execute(sql, *parameters)
