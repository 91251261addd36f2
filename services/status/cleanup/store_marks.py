"""Tells whether this database and this store belong together. Each hour the database notes a new mark and
puts it into the store: a database that was restored from a backup, or is another store's, does not know the
mark that it finds there. It removes nothing itself.
"""

import asyncio
from dataclasses import dataclass
from enum import Enum, auto
from uuid import UUID, uuid4

import asyncpg

from services.status.jobs.job import Step
from services.status.postgres.pool import Connection, connected
from services.status.postgres.statements import SQL
from shared.contract.keys import MARK_KEY
from shared.store import Missing, Refused, Store

NOBODYS = UUID(int=0)
KEPT_MARKS = 500  # a few days of several processes: what a process puts late is known as well


class Standing(Enum):
    NEW = auto()  # neither knows of the other
    SAME = auto()  # the store's latest mark is one of this database's
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class StoreMarks:
    store: Store

    async def standing(self, connection: Connection) -> Standing:
        found = await self._found()  # first: a mark is noted before it is put
        if found is None:
            is_new = not await connection.fetchval(SQL["has_marks"])
            return Standing.NEW if is_new else Standing.OTHER
        return Standing.SAME if await connection.fetchval(SQL["knows_mark"], found) else Standing.OTHER

    async def renew(self, connection: Connection) -> None:
        """From now on the two belong together; whatever the database does not know may be removed."""
        mark = uuid4()
        await connection.execute(SQL["note_mark"], mark)
        await self.store.put(MARK_KEY, str(mark).encode())
        await connection.execute(SQL["forget_marks"], KEPT_MARKS)

    async def _found(self) -> UUID | None:
        try:
            return UUID((await self.store.get(MARK_KEY)).decode())
        except Missing:
            return None
        except (ValueError, Refused):  # whoever wrote it, no database knows it
            return NOBODYS


@dataclass(frozen=True, slots=True)
class OnlyTogether:
    """A step that rests while the database is not the store's."""

    pool: asyncpg.Pool
    marks: StoreMarks
    step: Step

    async def __call__(self, stopping: asyncio.Event) -> bool:
        async with connected(self.pool) as connection:
            standing = await self.marks.standing(connection)
        return standing is Standing.SAME and await self.step(stopping)
