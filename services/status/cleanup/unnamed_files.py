"""Removes files in an ended request's folder that no row names: outputs of attempts whose answer came too
late, files of images that changed at their origin between two attempts, the output CSVs of former runs. A day
after the end, never in an open run.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.status.postgres.pool import Connection, all_or_nothing
from services.status.postgres.statements import SQL
from shared.contract.keys import parse_image_key, request_prefix, run_of_output_csv
from shared.observing.logs import Action, log
from shared.observing.metrics import FILES_MISSING, ORPHANS_REMOVED
from shared.outcomes import Away
from shared.store import Store

SWEEP_SECONDS = 10.0
CLAIM_SECONDS = 60.0  # a run that begins meanwhile dispatches nothing for so long at most
DELETE_SECONDS = 30.0  # well within the claim


class _Found(NamedTuple):
    """Keys of one request that may be in vain."""

    images: dict[str, int]  # to their ordinals
    csvs: dict[str, int]  # to their runs


@dataclass(frozen=True, slots=True)
class UnnamedFiles:
    store: Store
    clock: Callable[[], float] = time.monotonic

    async def sweep(self, connection: Connection, request_id: UUID, stopping: asyncio.Event) -> None:
        """Whoever calls holds the request's turn."""
        removed = present = 0
        async for keys in self.store.list(request_prefix(request_id)):
            found = _found_among(keys)
            if not found.images and not found.csvs:
                continue
            claimed_at = self.clock()
            unnamed = await self._claim_unnamed(connection, request_id, found)
            was_frozen = self.clock() - claimed_at > DELETE_SECONDS
            if unnamed is None or was_frozen or stopping.is_set():
                return  # a run began, or may have begun; this is done again after its end
            await self._remove(connection, request_id, unnamed)
            removed += len(unnamed)
            present += len(found.images.keys() - unnamed)
        named = await connection.fetchval(SQL["count_named_files"], request_id)
        await connection.execute(SQL["mark_swept"], request_id)
        self._tell(request_id, removed, max(named - present, 0))

    async def _claim_unnamed(
        self, connection: Connection, request_id: UUID, found: _Found
    ) -> Sequence[str] | None:
        """The files that may be removed within the claim; None when the request runs again."""
        async with all_or_nothing(connection):
            run = await connection.fetchval(SQL["claim_sweep"], request_id, CLAIM_SECONDS)
            if run is None:
                return None
            rows = await connection.fetch(SQL["named_files"], request_id, sorted(set(found.images.values())))
        named = {key for row in rows for key in (row["original_key"], row["output_key"])}
        former = [key for key, its_run in found.csvs.items() if its_run < run]
        return [*(key for key in found.images if key not in named), *former]

    async def _remove(self, connection: Connection, request_id: UUID, keys: Sequence[str]) -> None:
        try:
            async with asyncio.timeout(DELETE_SECONDS):
                await self.store.delete(keys)
        except TimeoutError as error:
            raise Away("store", "it removes too slowly") from error
        await connection.execute(SQL["release_sweep"], request_id)

    def _tell(self, request_id: UUID, removed: int, missing: int) -> None:
        ORPHANS_REMOVED.labels("file_without_row").inc(removed)
        FILES_MISSING.inc(missing)
        if removed or missing:
            log.info(Action.FILES_SWEPT, request_id=str(request_id), removed=removed, missing=missing)


def _found_among(keys: Sequence[str]) -> _Found:
    return _Found(
        images={key: image.ordinal for key in keys if (image := parse_image_key(key))},
        csvs={key: run for key in keys if (run := run_of_output_csv(key))},
    )
