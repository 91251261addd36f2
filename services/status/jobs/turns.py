"""Gives each request that needs a long piece of work to one worker among all processes: it has its turn. What
the work is, is not known here.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from services.status.jobs.leases import Leases
from services.status.jobs.set_aside import SetAside
from services.status.postgres.pool import Connection, connected
from shared.observing.logs import Action, log
from shared.outcomes import Away
from shared.store import Refused

ANY_SIZE = 2**31 - 1

RequestWork = Callable[[Connection, UUID, asyncio.Event], Awaitable[None]]


@dataclass(slots=True)
class LastTenant:
    """Whose request had the latest turn: the next goes to a tenant behind it, in the order of their names."""

    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Finds requests that need this work and does it for the first that nobody else has."""

    pool: asyncpg.Pool
    leases: Leases  # shared by all work of this process
    set_aside: SetAside  # shared by all who do this work in this process
    find: str  # SQL: ids; $1 are the ids to leave out, $2 the largest number of images, $3 the last tenant
    work: RequestWork
    max_images: int = ANY_SIZE
    last_tenant: LastTenant | None = None  # shared as set_aside is; without it there is no $3

    async def step(self, stopping: asyncio.Event) -> bool:
        """Says whether there was anything to do."""
        async with connected(self.pool) as connection:
            if self.last_tenant is None:
                return await self._serve(connection, stopping)
            behind = self.last_tenant.name
            if await self._serve(connection, stopping, behind):
                return True
            if not behind:
                return False
            if await self._serve(connection, stopping, ""):  # the round begins anew
                return True
            self.last_tenant.name = ""  # nobody waits: the next look need not begin behind anyone
            return False

    async def _serve(self, connection: Connection, stopping: asyncio.Event, *behind: str) -> bool:
        rows = await connection.fetch(self.find, self.set_aside.waiting(), self.max_images, *behind)
        if not rows:
            return False
        waiting = {f"{self.set_aside.work} {row['id']}": row for row in rows}
        async with self.leases.first_free(waiting) as name:
            if name is None:
                return False
            if waiting[name]["id"] in self.set_aside.waiting():
                return True  # another worker of this process had its turn since we looked, and failed
            if self.last_tenant is not None:
                self.last_tenant.name = waiting[name]["tenant"]
            await self._work(connection, waiting[name]["id"], stopping)
            return True

    async def _work(self, connection: Connection, request_id: UUID, stopping: asyncio.Event) -> None:
        try:
            await self.work(connection, request_id, stopping)
        except Away:
            raise
        except Refused as refused:  # not by a mistake of ours, and not for a moment
            self._set_aside(request_id, refused)
        except Exception as error:
            self._set_aside(request_id, error)
            raise
        else:
            self.set_aside.succeeded(request_id)

    def _set_aside(self, request_id: UUID, error: Exception) -> None:
        """The others must not wait behind a request that fails every time."""
        log.error(
            Action.WORK_SET_ASIDE,
            work=self.set_aside.work,
            request_id=str(request_id),
            seconds=self.set_aside.failed(request_id),
            reason=str(error)[:500],
        )
