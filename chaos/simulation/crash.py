"""Ends a step in the middle, as kill -9 would: before or after any statement, publication or write."""

import asyncio
from dataclasses import dataclass
from typing import Any

import asyncpg


class Crash(BaseException):
    """The process is gone. What it had not committed is rolled back, and its locks are free."""


@dataclass(slots=True)
class Trap:
    """Springs at the n-th moment of the task for which it is set."""

    moments_left: int | None = None
    _task: asyncio.Task[Any] | None = None

    def set(self, moments: int) -> None:
        self.moments_left, self._task = moments, asyncio.current_task()

    def take_away(self) -> None:
        self.moments_left = None

    def moment(self) -> None:
        if self.moments_left is None or asyncio.current_task() is not self._task:
            return
        self.moments_left -= 1
        if self.moments_left <= 0:
            self.moments_left = None
            raise Crash


TRAP = Trap()  # one: a simulation makes one step at a time


def _trapped(method: Any) -> Any:
    async def with_moments(*args: Any, **named: Any) -> Any:
        TRAP.moment()
        result = await method(*args, **named)
        if not str(args[1]).startswith("BEGIN"):  # a transaction that nobody has entered yet ends by itself
            TRAP.moment()
        return result

    return with_moments


class TrappedConnection(asyncpg.Connection):
    """Every statement has a moment before it and one behind it; so has every COMMIT."""

    execute = _trapped(asyncpg.Connection.execute)
    executemany = _trapped(asyncpg.Connection.executemany)
    fetch = _trapped(asyncpg.Connection.fetch)
    fetchrow = _trapped(asyncpg.Connection.fetchrow)
    fetchval = _trapped(asyncpg.Connection.fetchval)
    copy_records_to_table = _trapped(asyncpg.Connection.copy_records_to_table)
