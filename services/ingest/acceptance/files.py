"""Writes the files of one request to the object store, and removes them again. It knows no form."""

import asyncio
from contextlib import suppress
from typing import BinaryIO

from services.ingest.acceptance.accepted_upload import AcceptedUpload
from services.ingest.acceptance.store_step import store_step
from shared.contract.events import CsvAccepted
from shared.contract.keys import request_key
from shared.outcomes import Away
from shared.store import Object, Refused, Store

FORGET_SECONDS = 1.0  # comes on top of a step that failed: the caller still hears of it within 10 s
CHUNK_BYTES = 1024 * 1024


async def store_files(store: Store, accepted: AcceptedUpload, source: BinaryIO, rows: BinaryIO) -> None:
    """The CSV as it was sent and the rows read from it, small ones together, and request.json last."""
    event = accepted.event
    small: list[Object] = []
    for key, file in ((event.source_key, source), (event.rows_key, rows)):
        file.seek(0)
        first = await asyncio.to_thread(file.read, CHUNK_BYTES)
        if len(first) < CHUNK_BYTES:
            small.append((key, first))
        else:
            await _store_large(store, key, first, file)
    if small:
        async with store_step():
            await store.put_all(small)
    async with store_step():
        await store.put(request_key(event.request_id), accepted.event_bytes)


async def forget_files(store: Store, event: CsvAccepted) -> None:
    """For an id that nobody knows of yet. What cannot be removed now, the status service removes later."""
    with suppress(Away, Refused):
        async with store_step(FORGET_SECONDS):
            await store.delete([request_key(event.request_id), event.rows_key, event.source_key])


async def _store_large(store: Store, key: str, first: bytes, file: BinaryIO) -> None:
    async with store.writer(key) as writer:
        chunk = first
        while chunk:
            async with store_step():
                await writer.write(chunk)
            chunk = await asyncio.to_thread(file.read, CHUNK_BYTES)
