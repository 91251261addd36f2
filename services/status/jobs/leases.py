"""The turns that this process has, as locks of one session of Postgres. A process that is frozen or cut off
loses them within seconds, whatever its work waits for; so work must do no harm when it goes on without.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import asyncpg

from services.status.postgres.away import away_as_such
from services.status.postgres.pool import (
    CONNECT_SECONDS,
    TAKE_LOCK,
    TURN_SECONDS,
    Connection,
    end_connection,
    free_of_locks,
)
from shared.outcomes import Away
from shared.waits import wait_for_beat

LEASE_SECONDS = 20  # after the last sign of life
SIGN_OF_LIFE_SECONDS = 5.0
GOODBYE_SECONDS = 5.0  # to a Postgres that may hang, while its service ends

_SIGN_OF_LIFE = "SELECT true"
_GIVE_BACK = "SELECT pg_advisory_unlock(hashtextextended($1, 0))"


class _Session:
    """One connection that shows signs of life for as long as somebody here uses it."""

    def __init__(self, connection: Connection) -> None:
        self.users = 0
        self.is_lost = False
        self._connection = connection
        self._asking = asyncio.Lock()
        self._closing = asyncio.Event()
        self._living = asyncio.create_task(self._live())

    async def ask(self, sql: str, *arguments: object) -> bool:
        try:
            with away_as_such():
                async with self._asking:
                    answer: bool = await self._connection.fetchval(sql, *arguments)
                    return answer
        except Away:
            self.is_lost = True
            raise

    async def close(self, pool: asyncpg.Pool) -> None:
        self._closing.set()
        await asyncio.wait({self._living}, timeout=GOODBYE_SECONDS)
        if not self._living.done():
            self.end()
        await self._living
        with away_as_such():
            try:
                await free_of_locks(self._connection, CONNECT_SECONDS)
            finally:
                await pool.release(self._connection, timeout=CONNECT_SECONDS)

    def end(self) -> None:
        """Its locks go with it."""
        self.is_lost = True
        end_connection(self._connection)

    async def _live(self) -> None:
        with suppress(Away):
            while not self._closing.is_set():
                await self.ask(_SIGN_OF_LIFE)
                await wait_for_beat(self._closing, SIGN_OF_LIFE_SECONDS)


@dataclass(slots=True)
class Leases:
    pool: asyncpg.Pool
    _names: set[str] = field(default_factory=set)  # one session may take the same lock twice
    _session: _Session | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def first_free(self, names: Iterable[str]) -> AsyncIterator[str | None]:
        """Has the first of these turns that nobody has, here or in another process; None if there is none."""
        session = await self._join()
        try:
            name = await self._take(session, names)
            try:
                yield name
            finally:
                if name is not None:
                    await self._give_back(session, name)
        finally:
            await self._leave(session)

    async def _join(self) -> _Session:
        async with self._opening:
            if self._session is None or self._session.is_lost:
                self._session = await self._open()
            self._session.users += 1
            return self._session

    async def _open(self) -> _Session:
        with away_as_such():
            connection = await self.pool.acquire(timeout=TURN_SECONDS)
            try:
                await connection.execute(f"SET idle_session_timeout = '{LEASE_SECONDS}s'")
            except BaseException:
                await self.pool.release(connection)
                raise
        return _Session(connection)

    async def _leave(self, session: _Session) -> None:
        session.users -= 1
        if session.users:
            return
        if self._session is session:
            self._session = None
        await session.close(self.pool)

    async def _take(self, session: _Session, names: Iterable[str]) -> str | None:
        for name in names:
            if name in self._names:
                continue
            self._names.add(name)
            taken = False
            try:
                taken = await session.ask(TAKE_LOCK, name)
            finally:
                if not taken:
                    self._names.discard(name)
            if taken:
                return name
        return None

    async def _give_back(self, session: _Session, name: str) -> None:
        self._names.discard(name)
        try:
            async with asyncio.timeout(GOODBYE_SECONDS):
                await session.ask(_GIVE_BACK, name)
        except (Away, TimeoutError):
            session.end()
