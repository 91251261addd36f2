"""The CSVs of a request of 1,000,000 rows: how fast status writes and streams them, and in what memory."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Sequence

import aiohttp

from bench.figures import Figure, WrongResult, say
from bench.instruments.status_tables import PATIENCE_SECONDS, StatusTables, open_tables, until
from bench.measures.parts.status_alone import Memory
from bench.world.shop import Shop
from bench.world.stacks import Stacks

ROWS = 1_000_000
FAILED_EVERY = 2
LOOK_EVERY_SECONDS = 0.05
CHUNK_BYTES = 1 << 20

# All at once, so that the service sees a request whose last image has just ended.
_FILL = """
WITH request AS (
    INSERT INTO requests (id, tenant, state, priority, filename, columns, quality, format, source_key,
                          source_bytes, source_sha256, rows_key, created_at, planned_at, products, images,
                          planned_products, planned_images, next_ordinal, done, failed, deadline_at)
    VALUES ($1, 'local', 'processing', 'normal', 'p.csv', '["S. No.", "Product Name", "Input Image Urls"]',
            50, 'keep', '', 0, '', '', now(), now(), $2, $2, $2, $2, $2,
            $2::integer - $2 / $3::integer, $2 / $3, now() + interval '1 day')
    RETURNING id
), filled AS (
    INSERT INTO products (request_id, number, id, row_number, serial_number, name, cells, first_ordinal,
                          images)
    SELECT r.id, n, gen_random_uuid(), n + 2, n::text, 'Product ' || n,
           jsonb_build_array(n::text, 'Product ' || n, 'https://shop.example/' || n || '.jpg'), n, 1
    FROM request r, generate_series(0, $2::integer - 1) AS n
)
INSERT INTO images (request_id, ordinal, id, product_number, product_id, input_url, state, attempt,
                    output_url, code)
SELECT r.id, n, gen_random_uuid(), n, gen_random_uuid(), 'https://shop.example/' || n || '.jpg',
       CASE WHEN n % $3 = 0 THEN 'failed' ELSE 'done' END, 1,
       CASE WHEN n % $3 <> 0 THEN 'https://files.example/' || r.id || '/' || n || '-' || md5(n::text) END,
       CASE WHEN n % $3 = 0 THEN 'http_404' END
FROM request r, generate_series(0, $2::integer - 1) AS n
"""


def exports(_: Stacks, __: Shop) -> Sequence[Figure]:
    return asyncio.run(_exports())


async def _exports() -> Sequence[Figure]:
    request_id = uuid.uuid4()
    timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
    with Stacks(processors=0).open() as stack:
        base = f"{stack.endpoints['url']}/v1/requests/{request_id}"
        async with open_tables(stack) as tables, aiohttp.ClientSession(timeout=timeout) as http:
            say(f"filling in {ROWS} rows")
            await tables.pool.execute(_FILL, request_id, ROWS, FAILED_EVERY, timeout=PATIENCE_SECONDS)
            written = await _figure(tables, "written", ROWS, until(lambda: tables.is_ended(request_id)))
            return [
                written,
                await _streamed(tables, http, "extended", f"{base}/output.csv?columns=extended", ROWS),
                await _streamed(tables, http, "failed", f"{base}/failed.csv", ROWS // FAILED_EVERY),
            ]


async def _streamed(
    tables: StatusTables, http: aiohttp.ClientSession, name: str, url: str, rows: int
) -> Figure:
    return await _figure(tables, name, rows, _download(http, url, rows))


async def _figure(tables: StatusTables, name: str, rows: int, export: Awaitable[None]) -> Figure:
    say(f"{name}: {rows} rows")
    memory, began = Memory(tables.resident_mebibytes()), time.perf_counter()
    task = asyncio.ensure_future(export)
    while not task.done():
        memory.look(tables)
        await asyncio.wait({task}, timeout=LOOK_EVERY_SECONDS)
    await task
    rate = rows / (time.perf_counter() - began)
    about = {"rows": rows, "peak_mib": memory.before_mebibytes + memory.growth, "growth_mib": memory.growth}
    return Figure(f"export_{name}_rows_per_second", rate, "rows/s", about)


async def _download(http: aiohttp.ClientSession, url: str, rows: int) -> None:
    """No cell holds a line end, so there is a line for each row, and one for the header."""
    seen = 0
    async with http.get(url) as response:
        async for chunk in response.content.iter_chunked(CHUNK_BYTES):
            seen += chunk.count(b"\n")
    if (response.status, seen) != (200, rows + 1):
        raise WrongResult(f"{url} answered {response.status} with {seen} lines for {rows} rows")
