"""Fills a database as it is after months: a million images, most of them of requests that ended long ago, and
one large request in the middle of its run. They lie in three periods, and there are others beside these.
"""

import hashlib
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from services.status.postgres.statements import SQL
from services.status.records.periods import WEEK, Period, first_id_of

ENDED_REQUESTS, IMAGES_EACH = 20_000, 30
LARGE_IMAGES = 400_000
LARGE_DISPATCHED = 200_000  # behind it nothing was asked for yet
BEGAN = datetime(2100, 1, 4, tzinfo=UTC)  # of the first period
PERIODS = 6
_MINUTE_MS = 60_000


def _id(number: int) -> UUID:
    """As the SQL below makes it: of that minute."""
    digits = hashlib.md5(f"request {number}".encode()).hexdigest()
    return UUID(f"{int(BEGAN.timestamp() * 1000) + number * _MINUTE_MS:012x}7{digits[13:16]}8{digits[17:]}")


LARGE = _id(ENDED_REQUESTS + 1)
ENDED = _id(1)
TENANT = "tenant-1"  # of both

_REQUESTS = """
INSERT INTO requests (id, tenant, state, priority, filename, columns, quality, format, source_key,
                      source_bytes, source_sha256,
                      rows_key, created_at, planned_at, completed_at, expires_at, products, images,
                      planned_products, planned_images, next_ordinal, done, failed, in_flight, deadline_at)
SELECT (lpad(to_hex($3::bigint + n * $4::bigint), 12, '0') || '7' || substr(md5('request ' || n), 14, 3)
        || '8' || substr(md5('request ' || n), 18))::uuid,
       'tenant-' || n % 50, 'completed', 'normal', 'p.csv', '["S. No."]', 50,
       'keep', '', 1, '', '', now() - make_interval(mins => n), now(), now(),
       now() + make_interval(mins => n),
       $1 / 5, $1, $1 / 5, $1, $1, $1 / 10 * 9, $1 / 10, 0, now() + interval '1 day'
FROM generate_series(1, $2::integer) AS n
"""
_LARGE = """
INSERT INTO requests (id, tenant, state, priority, filename, columns, quality, format, source_key,
                      source_bytes, source_sha256,
                      rows_key, created_at, planned_at, products, images, planned_products,
                      planned_images, next_ordinal, done, failed, in_flight, next_due_at, deadline_at)
VALUES ($1, $2, 'processing', 'normal', 'p.csv', '["S. No."]', 50, 'keep', '', 1, '', '', now(), now(),
        $3 / 5, $3,
        $3 / 5, $3, $4, $4 / 10 * 9, $4 / 10, $4 / 500, now(), now() + interval '1 day')
"""
_PRODUCTS = """
INSERT INTO products (request_id, number, id, row_number, serial_number, name, cells, first_ordinal, images)
SELECT r.id, n, md5(r.id::text || n)::uuid, n + 2, n, 'SKU' || n, '[]', 5 * n, 5
FROM requests r CROSS JOIN generate_series(0, r.products - 1) AS n
"""
# Of ten images dispatched one failed; of the rest some wait for a retry and some are in flight.
_IMAGES = """
INSERT INTO images (request_id, ordinal, id, product_number, product_id, input_url, state, attempt, code,
                    output_url, due_at, take_by)
SELECT r.id, n, md5(r.id::text || 'image' || n)::uuid, n / 5, md5(r.id::text || n / 5)::uuid,
       'https://origin.example/' || n || '.jpg', s.state, s.attempt,
       CASE WHEN s.state = 'failed' THEN 'http_404' END,
       CASE WHEN s.state = 'done' THEN 'https://files.example/' || n || '.jpg' END,
       CASE WHEN s.state = 'planned' AND s.attempt > 0 THEN now() END,
       CASE WHEN s.state = 'requested' THEN now() END
FROM requests r
CROSS JOIN generate_series(0, r.images - 1) AS n
CROSS JOIN LATERAL (SELECT CASE WHEN n >= r.next_ordinal THEN 'planned'
                                WHEN n % 10 = 3 THEN 'failed'
                                WHEN r.completed_at IS NULL AND n % 500 = 1 THEN 'planned'
                                WHEN r.completed_at IS NULL AND n % 500 = 2 THEN 'requested'
                                ELSE 'done' END AS state,
                           CASE WHEN n < r.next_ordinal THEN 1 ELSE 0 END AS attempt) AS s
"""
_COMPLETIONS = """
INSERT INTO completions (event_id, request_id, tenant, run, completed_at, body, published_at)
SELECT id, id, tenant, 1, completed_at, '{}', completed_at FROM requests WHERE completed_at IS NOT NULL
"""
_DELIVERIES = """
INSERT INTO deliveries (webhook_id, request_id, run, state, attempts)
SELECT id, id, 1, 'delivered', 1 FROM requests WHERE completed_at IS NOT NULL
"""
_ATTEMPTS = """
INSERT INTO attempts (webhook_id, attempt, outcome, attempted_at, duration_ms)
SELECT webhook_id, n, 'failed', now(), 1 FROM deliveries CROSS JOIN generate_series(1, 3) AS n
"""


async def fill(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for number in range(PERIODS):
            begin = BEGAN + number * WEEK
            period = Period(str(number), first_id_of(begin), first_id_of(begin + WEEK))
            assert await connection.fetchval(SQL["make_period"], *period) == "made"
            for table in (f"products_{number}", f"images_{number}"):
                await connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
        await connection.execute("ALTER TABLE requests SET (autovacuum_enabled = off)")
        began_ms = int(BEGAN.timestamp() * 1000)
        await connection.execute(_REQUESTS, IMAGES_EACH, ENDED_REQUESTS, began_ms, _MINUTE_MS)
        await connection.execute(_LARGE, LARGE, TENANT, LARGE_IMAGES, LARGE_DISPATCHED)
        for statement in (_PRODUCTS, _IMAGES, _COMPLETIONS, _DELIVERIES, _ATTEMPTS):
            await connection.execute(statement, timeout=100)
    finally:
        await connection.close()
