"""Days pass: what belongs to nobody by then is removed by status' own hands, so that nothing is left that it
would never find.
"""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from services.status.cleanup.purge import Purge
from services.status.cleanup.store_marks import StoreMarks
from services.status.cleanup.unknown_folders import UnknownFolders
from services.status.cleanup.unnamed_files import UnnamedFiles
from services.status.postgres.pool import Connection, connected, open_pool
from shared.clock import utc_now
from shared.store.folder import open_folder

LATER = timedelta(days=16)  # by then no tombstone is kept, and nothing that was accepted can still come


async def sweep(dsn: str, store: Path) -> None:
    """As many days later. Nobody uploads meanwhile, and nothing is left to take."""
    never = asyncio.Event()
    files = open_folder(store)
    async with open_pool(dsn) as pool:
        async with connected(pool) as connection:
            for request_id in await _ended(connection):
                await UnnamedFiles(files).sweep(connection, request_id, never)
        await pool.execute("UPDATE requests SET deleted_at = deleted_at - $1::interval", LATER)
        await Purge(pool, files).expire(never)
        folders = UnknownFolders(
            pool=pool,
            store=files,
            marks=StoreMarks(files),
            intake_lag=_nothing_left,
            removes=True,
            now=lambda: utc_now() + LATER,
        )
        await folders.step(never)


async def _ended(connection: Connection) -> list[UUID]:
    rows = await connection.fetch(
        "SELECT id FROM requests WHERE completed_at IS NOT NULL AND deleted_at IS NULL"
    )
    return [row["id"] for row in rows]


async def _nothing_left() -> int:
    return 0
