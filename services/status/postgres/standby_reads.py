"""Runs the API's reads on a standby. A read shows all that was committed before it began, by whomever: where
the standby is not that far, or is away, the primary reads.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import asyncpg

from services.status.postgres.away import away_as_such
from services.status.postgres.bounded_reads import BoundedReads
from services.status.postgres.pool import Connection
from shared.observing.contact import Contact
from shared.outcomes import Away

STANDBY_SECONDS = 0.5  # of a read's time; what is left is the primary's
CATCH_UP_SECONDS = 0.1
LOOK_AGAIN_SECONDS = 0.005
REST_SECONDS = 5.0  # of a standby that was away, so that not every read waits for it

# Whatever was committed is flushed. A standby that was made a primary still tells what it had replayed.
PRIMARY_IS_AT = "SELECT pg_current_wal_flush_lsn()::text AS position"
HAS_REPLAYED = """
SELECT CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_replay_lsn() >= $1::text::pg_lsn, false) END
"""


class _Behind(Exception):  # noqa: N818 - an outcome
    pass


@dataclass(slots=True)
class StandbyReads:
    primary: BoundedReads
    standby: BoundedReads
    clock: Callable[[], float] = time.monotonic
    _rests_until: float | None = None
    _contact: Contact = field(default_factory=lambda: Contact(dependency="standby"))

    async def fetch(self, sql: str, *arguments: object) -> Sequence[asyncpg.Record]:
        with away_as_such():
            async with asyncio.timeout(self.primary.seconds):
                return await self._fetch(sql, arguments)

    async def _fetch(self, sql: str, arguments: Sequence[object]) -> Sequence[asyncpg.Record]:
        if self._rests_until is None or self.clock() >= self._rests_until:
            (primary,) = await self.primary.fetch(PRIMARY_IS_AT)
            try:
                rows = await self._fetch_behind(primary["position"], sql, arguments)
            except _Behind:
                self._is_back()
            except Away as away:
                self._rest(away)
            else:
                self._is_back()
                return rows
        return await self.primary.fetch(sql, *arguments)

    async def _fetch_behind(
        self, position: str, sql: str, arguments: Sequence[object]
    ) -> Sequence[asyncpg.Record]:
        async def read(connection: Connection) -> Sequence[asyncpg.Record]:
            late_at = self.clock() + CATCH_UP_SECONDS
            while not (has_replayed := await connection.fetchval(HAS_REPLAYED, position)):
                if has_replayed is None:
                    raise Away("standby", "POSTGRES_READ_DSN leads to a server that is no standby")
                if self.clock() >= late_at:
                    raise _Behind
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
            return await connection.fetch(sql, *arguments)

        return await self.standby.run(read)

    def _rest(self, away: Away) -> None:
        self._contact.lost(reason=away.reason)
        self._rests_until = self.clock() + REST_SECONDS

    def _is_back(self) -> None:
        self._contact.found()
        self._rests_until = None
