"""Removes the folders of requests that Postgres never heard of, and idempotency entries whose time is over.
What does not look like Pixmill's own is left alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from services.status.postgres.pool import Connection, connected
from services.status.postgres.statements import SQL
from shared.clock import utc_now
from shared.contract.keys import LEDGER_PREFIX, REQUESTS_PREFIX, made_at, request_of_folder, request_prefix
from shared.observing.logs import Action, log
from shared.observing.metrics import ORPHANS, ORPHANS_REMOVED
from shared.store import Store

LOOK_SECONDS = 3_600.0
KEPT = timedelta(days=8)  # for 7 days csv.accepted may still come, and an idempotency key is remembered
BATCH_IDS = 500
FEW = 10  # unknown folders are removed even if they are most of all


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownFolders:
    pool: asyncpg.Pool
    store: Store
    intake_lag: Callable[[], Awaitable[int]]  # messages of csv.accepted that nobody handled yet
    removes: bool  # else it only counts
    now: Callable[[], datetime] = utc_now

    async def step(self, stopping: asyncio.Event) -> bool:
        """Two processes at once are harmless."""
        async with connected(self.pool) as connection:
            await self._look(connection, stopping)
        return False

    async def _look(self, connection: Connection, stopping: asyncio.Event) -> None:
        old = await self._old_requests()
        unknown = await _unknown(connection, old)
        ORPHANS.labels("folder_without_request").set(len(unknown))
        if await self._may_remove(unknown, old):
            for request_id in unknown:
                await self._remove(connection, request_id)
                if stopping.is_set():
                    return
        await self._forget_keys()

    async def _old_requests(self) -> list[UUID]:
        folders = await self.store.folders(REQUESTS_PREFIX)
        ids = (request_of_folder(folder) for folder in folders)
        return [each for each in ids if each is not None and made_at(each) < self.now() - KEPT]

    async def _may_remove(self, unknown: Sequence[UUID], old: Sequence[UUID]) -> bool:
        if not unknown or not self.removes:
            return False
        if len(unknown) > max(FEW, len(old) // 2):
            # So many uploads were hardly lost before they were announced: the database is not this store's.
            log.error(Action.FILES_LEFT, unknown=len(unknown), known=len(old) - len(unknown))
            return False
        return await self.intake_lag() == 0

    async def _remove(self, connection: Connection, request_id: UUID) -> None:
        if not await _unknown(connection, [request_id]):
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


async def _unknown(connection: Connection, ids: Sequence[UUID]) -> list[UUID]:
    unknown: list[UUID] = []
    for start in range(0, len(ids), BATCH_IDS):
        batch = ids[start : start + BATCH_IDS]
        known = {row["id"] for row in await connection.fetch(SQL["known_requests"], batch)}
        unknown += [each for each in batch if each not in known]
    return unknown
