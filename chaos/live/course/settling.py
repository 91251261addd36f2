"""Waits until nothing is left to be done, as tables and broker say."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
from aiokafka.errors import KafkaError

from chaos.live.remains.messages import read_lag

LOOK_SECONDS = 1.0
STANDS_STILL_SECONDS = 420.0  # longer than a message that nobody answered is waited for
_LEFT = """
SELECT (SELECT count(*) FROM requests WHERE completed_at IS NULL) AS "requests that are open",
       (SELECT count(*) FROM requests
        WHERE deleted_at IS NOT NULL AND purged_at IS NULL) AS "requests to purge",
       (SELECT count(*) FROM completions WHERE published_at IS NULL) AS "ends to tell",
       (SELECT count(*) FROM deliveries d JOIN requests r ON r.id = d.request_id
        WHERE d.state IN ('waiting', 'retrying') AND r.deleted_at IS NULL) AS "webhooks that are open",
       (SELECT count(*) FROM batches) AS "batches to mark"
"""
_MOVED = """
SELECT (SELECT sum(done + failed + planned_images + run) FROM requests) AS results,
       (SELECT sum(attempt + refusals) FROM images) AS asked,
       (SELECT count(*) FROM attempts) AS posts
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    dsn: str
    bootstrap: str
    until: float | None = None  # on the monotonic clock; None: as long as anything moves

    async def left(self) -> str | None:
        """Returns when nothing is left; what is left when it stands still or the time is over."""
        going = Going(time.monotonic())
        while True:
            left = await self._look(going)
            if not left:
                return None
            now = time.monotonic()
            if going.stands_still(now):
                return f"it stands still with {left}"
            if self.until is not None and now > self.until:
                return f"the time is over with {left}"
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, going: "Going") -> Mapping[str, int]:
        """What is left by name."""
        try:
            counts, results = await self._tables()
            lags = await read_lag(self.bootstrap)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, KafkaError) as error:
            return {f"no answer ({error!r})": 1}
        left = {name: count for name, count in {**counts, **lags}.items() if count}
        going.seen(left, results, time.monotonic())
        return left

    async def _tables(self) -> tuple[Mapping[str, int], object]:
        connection = await asyncpg.connect(self.dsn, timeout=10)
        try:
            left = await connection.fetchrow(_LEFT)
            moved = await connection.fetchrow(_MOVED)
        finally:
            await connection.close()
        assert left is not None
        assert moved is not None
        return dict(left), tuple(moved)


@dataclass(slots=True)
class Going:
    """Since when nothing has moved: no more results, and never less left than before. What only comes and
    goes again, as a message that is sent for ever and that nobody heeds, is no progress.
    """

    moved_at: float
    _results: object = None
    _least: int | None = None

    def seen(self, left: Mapping[str, int], results: object, now: float) -> None:
        count = sum(left.values())
        if results != self._results or self._least is None or count < self._least:
            self._results, self._least, self.moved_at = results, count, now

    def stands_still(self, now: float) -> bool:
        return now - self.moved_at > STANDS_STILL_SECONDS
