"""Removes what deleted and expired requests leave: rows and files in batches, and at last the tombstone."""

import asyncio
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

import asyncpg

from services.status.postgres.pool import Connection, connected
from services.status.postgres.statements import SQL
from services.status.records.database_row import Row
from shared.contract.keys import request_prefix
from shared.store import Store

EXPIRE_SECONDS = 60.0
BATCH_ROWS = 5_000
TOMBSTONE_SECONDS = 15 * 86_400.0
"""Longer than csv.accepted can be replayed: an upload is announced again for 7 days, and its topic keeps that
for 7 days and the 12 hours of a segment.
"""


@dataclass(frozen=True, slots=True)
class Purge:
    pool: asyncpg.Pool
    store: Store

    async def expire(self, stopping: asyncio.Event) -> bool:
        """Makes tombstones of what has expired, and forgets the old ones."""
        async with connected(self.pool) as connection:
            await connection.execute(SQL["bury_expired"])
            for row in await connection.fetch(SQL["old_tombstones"], TOMBSTONE_SECONDS):
                if row["has_rows"] and not await _delete_rows(connection, row["id"], row, stopping):
                    break
                await connection.execute(SQL["forget_tombstone"], row["id"])
        return False

    async def purge(self, connection: Connection, request_id: UUID, stopping: asyncio.Event) -> None:
        """Removes one request's files, and its rows if they do not go with their period. Whoever calls holds
        its turn.
        """
        (planned,) = await connection.fetch(SQL["planned_rows"], request_id)
        leaves_rows = planned["go_with_their_period"]
        if not leaves_rows and not await _delete_rows(connection, request_id, planned, stopping):
            return
        async for keys in self.store.list(request_prefix(request_id)):
            await self.store.delete(keys)
        await connection.execute(SQL["mark_purged"], request_id)


async def _delete_rows(
    connection: Connection, request_id: UUID, planned: Row, stopping: asyncio.Event
) -> bool:
    """Says whether all are gone."""
    images = (("delete_images", start) for start in range(0, planned["images"], BATCH_ROWS))
    products = (("delete_products", start) for start in range(0, planned["products"], BATCH_ROWS))
    for delete, start in chain(images, products):
        await connection.execute(SQL[delete], request_id, start, start + BATCH_ROWS)
        if stopping.is_set():
            return False
    return True
