"""Large CSVs and workbooks are written and sent page by page: memory does not grow with the rows."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from services.status.reading.report_stream import Export, export_rows
from services.status.reading.workbook_stream import sheet_markup
from services.status.rendering.workbook.packing import packed
from shared.store import Writer
from shared.testing.fakes import FakeStore
from tests.worlds.postgres.databases import new_database
from tests.worlds.services.engine_events import accepted
from tests.worlds.services.engine_world import open_engine
from tests.worlds.services.status_world import open_world

PRODUCTS = 60_000  # well over 50 MB as Python objects
MOST_BYTES = 24 * 1024 * 1024
MOST_PIECE_BYTES = 256 * 1024
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_URL = "'https://shop.example/pictures/of/products/in/a/long/folder/' || n"


@dataclass
class CountingStore(FakeStore):
    """Keeps no byte of what is written."""

    rows: int = 0
    resident: list[int] = field(default_factory=list)

    @asynccontextmanager
    async def writer(self, key: str) -> AsyncIterator[Writer]:
        yield self

    async def write(self, data: bytes) -> None:
        self.rows += data.count(b"\r\n")
        self.resident.append(resident_bytes())


async def fill(pool: asyncpg.Pool, request_id: UUID) -> None:
    """All planned; every other image is done, the rest failed."""
    await pool.execute(
        "INSERT INTO products (request_id, number, id, row_number, serial_number, name, cells,"
        " first_ordinal, images)"
        f" SELECT $1, n, gen_random_uuid(), n + 2, n::text, 'p', jsonb_build_array(n::text, 'p', {_URL}),"
        " n, 1 FROM generate_series(0, $2 - 1) n",
        request_id,
        PRODUCTS,
    )
    await pool.execute(
        "INSERT INTO images (request_id, ordinal, id, product_number, product_id, input_url, state,"
        f" output_url, code) SELECT $1, n, gen_random_uuid(), n, gen_random_uuid(), {_URL},"
        f" CASE n % 2 WHEN 0 THEN 'done' ELSE 'failed' END, CASE n % 2 WHEN 0 THEN {_URL} END, 'http_404'"
        " FROM generate_series(0, $2 - 1) n",
        request_id,
        PRODUCTS,
    )
    await pool.execute(
        "UPDATE requests SET planned_at = now(), planned_products = $2, planned_images = $2, done = $2 / 2,"
        " failed = $2 - $2 / 2 WHERE id = $1",
        request_id,
        PRODUCTS,
    )


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


async def test_neither_writing_nor_sending_a_large_csv_takes_memory_by_the_row(postgres: str) -> None:
    """R14"""
    database, store = new_database(postgres), CountingStore()
    async with open_engine(database, store=store) as engine, open_world(database) as world:
        event = accepted(uuid4(), products=PRODUCTS, images=PRODUCTS)
        await engine.handle(event)
        await fill(engine.pool, event.request_id)
        before = resident_bytes()
        await engine.step("completer (any)")
        assert store.rows == PRODUCTS + 1
        assert max(store.resident) - before < MOST_BYTES
        record = await world.deps.lookup.find(event.tenant, str(event.request_id))
        for export, rows in ((Export.EXTENDED, PRODUCTS), (Export.FAILED, PRODUCTS // 2)):
            sent = 0
            async for chunk in export_rows(world.deps.reader, world.store, record, export):
                sent += chunk.count(b"\r\n")
                assert resident_bytes() - before < MOST_BYTES
            assert sent == rows + 1
        markup = sheet_markup(world.deps.reader, world.store, record, Export.OUTPUT)
        packed_bytes = 0
        async for piece in packed(markup):
            packed_bytes += len(piece)
            assert len(piece) < MOST_PIECE_BYTES
            assert resident_bytes() - before < MOST_BYTES
        assert packed_bytes > PRODUCTS
