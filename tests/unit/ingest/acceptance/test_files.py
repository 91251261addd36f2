"""An upload's files reach the store whole, in as few steps as its promises allow."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.ingest.acceptance.accepted_upload import AcceptedUpload
from services.ingest.acceptance.files import CHUNK_BYTES, store_files
from shared.contract.events import CsvAccepted
from shared.contract.keys import request_key, rows_key, source_key
from shared.store import Object
from shared.testing.fakes import FakeStore

ID = UUID(int=5)
SOURCE, ROWS, REQUEST = source_key(ID), rows_key(ID), request_key(ID)


class NotingStore(FakeStore):
    """Notes what is written by each call."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[list[str]] = []

    async def put(self, key: str, data: bytes) -> None:
        self.calls.append([key])
        await super().put(key, data)

    async def put_all(self, objects: Sequence[Object]) -> None:
        self.calls.append([key for key, _ in objects])
        self.objects.update(objects)


def accepted() -> AcceptedUpload:
    event = CsvAccepted(
        request_id=ID,
        tenant="shop",
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
        filename="p.csv",
        source_key=SOURCE,
        source_bytes=3,
        source_sha256="0",
        rows_key=ROWS,
        columns=("A",),
        products=1,
        images=1,
    )
    return AcceptedUpload(
        fingerprint="f", created_at=event.created_at, event=event, event_bytes=event.value()
    )


SMALL, LARGE = CHUNK_BYTES - 1, 2 * CHUNK_BYTES + 1


@pytest.mark.parametrize(
    ("source_bytes", "rows_bytes", "calls"),
    [
        (SMALL, SMALL, [[SOURCE, ROWS], [REQUEST]]),
        (CHUNK_BYTES, SMALL, [[SOURCE], [ROWS], [REQUEST]]),
        (SMALL, LARGE, [[ROWS], [SOURCE], [REQUEST]]),
        (LARGE, LARGE, [[SOURCE], [ROWS], [REQUEST]]),
    ],
)
async def test_small_files_are_waited_for_together_and_request_json_is_written_last(
    source_bytes: int, rows_bytes: int, calls: list[list[str]]
) -> None:
    """In a bucket each wait is a round trip of tens of milliseconds."""
    store, source, rows = NotingStore(), b"s" * source_bytes, b"r" * rows_bytes
    files = io.BytesIO(source), io.BytesIO(rows)
    for file in files:
        file.seek(0, io.SEEK_END)
    await store_files(store, accepted(), *files)
    assert store.calls == calls
    assert store.objects == {SOURCE: source, ROWS: rows, REQUEST: accepted().event_bytes}
