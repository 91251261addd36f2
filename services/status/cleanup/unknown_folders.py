"""Removes the folders of requests that Postgres never heard of, and idempotency entries whose time is over.
What does not look like Pixmill's own is left alone, and everything where the database is not the store's.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from services.status.cleanup.store_marks import Standing, StoreMarks
from services.status.jobs.lag import Lag
from services.status.postgres.pool import connected
from services.status.postgres.statements import SQL
from shared.clock import utc_now
from shared.contract.keys import LEDGER_PREFIX, REQUESTS_PREFIX, made_at, request_of_folder, request_prefix
from shared.observing.logs import Action, log
from shared.observing.metrics import ORPHANS, ORPHANS_REMOVED, SWEEP_HELD
from shared.store import Store

LOOK_SECONDS = 3_600.0
KEPT = timedelta(days=8)  # for 7 days csv.accepted may still come, and an idempotency key is remembered
BATCH_IDS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownFolders:
    pool: asyncpg.Pool
    store: Store
    marks: StoreMarks
    intake_lag: Lag  # of csv.accepted
    removes: bool  # else it only counts
    now: Callable[[], datetime] = utc_now

    async def step(self, stopping: asyncio.Event) -> bool:
        """Two processes at once are harmless. No connection is held while the store is walked through."""
        async with connected(self.pool) as connection:
            standing = await self.marks.standing(connection)
        old = await self._old_requests()
        unknown = await self._unknown(old)
        ORPHANS.labels("folder_without_request").set(len(unknown))
        if self._belong_together(standing, unknown, old):
            async with connected(self.pool) as connection:
                await self.marks.renew(connection)
            await self._remove_all(unknown, stopping)
        await self._forget_keys()
        return False

    async def _old_requests(self) -> list[UUID]:
        folders = await self.store.folders(REQUESTS_PREFIX)
        ids = (request_of_folder(folder) for folder in folders)
        return [each for each in ids if each is not None and made_at(each) < self.now() - KEPT]

    def _belong_together(self, standing: Standing, unknown: Sequence[UUID], old: Sequence[UUID]) -> bool:
        """Where they do not, it is an operator who says that they do: `adopt-store`."""
        # Two that never met hold nothing against each other while the database knows all that is there.
        together = standing is Standing.SAME or (standing is Standing.NEW and not unknown)
        SWEEP_HELD.set(self.removes and not together)
        if not together:
            log.error(Action.FILES_LEFT, unknown=len(unknown), known=len(old) - len(unknown))
        return together

    async def _remove_all(self, unknown: Sequence[UUID], stopping: asyncio.Event) -> None:
        if not unknown or not self.removes or await self.intake_lag():
            return
        for request_id in unknown:
            await self._remove(request_id)
            if stopping.is_set():
                return

    async def _remove(self, request_id: UUID) -> None:
        if not await self._unknown([request_id]):
            return
        async for keys in self.store.list(request_prefix(request_id)):
            await self.store.delete(keys)
        ORPHANS_REMOVED.labels("folder_without_request").inc()
        log.info(Action.FILES_SWEPT, request_id=str(request_id), known=False)

    async def _forget_keys(self) -> None:
        found = 0
        async for keys in self.store.list(LEDGER_PREFIX, written_before=self.now() - KEPT):
            found += len(keys)
            if self.removes:
                await self.store.delete(keys)
                ORPHANS_REMOVED.labels("idempotency_entry").inc(len(keys))
        ORPHANS.labels("idempotency_entry").set(found)

    async def _unknown(self, ids: Sequence[UUID]) -> list[UUID]:
        unknown: list[UUID] = []
        for start in range(0, len(ids), BATCH_IDS):
            batch = ids[start : start + BATCH_IDS]
            async with connected(self.pool) as connection:
                known = {row["id"] for row in await connection.fetch(SQL["known_requests"], batch)}
            unknown += [each for each in batch if each not in known]
        return unknown
