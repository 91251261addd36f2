"""Requests as they are after a large run, written straight into the tables of a running stack."""

from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from tests.worlds.services.status_world import new_id

TENANT = "local"  # of a stack without keys
REQUEST = """
INSERT INTO requests (id, tenant, state, priority, filename, columns, quality, format, source_key,
                      source_bytes, source_sha256, rows_key, created_at, planned_at, completed_at,
                      expires_at, products, images, planned_products, planned_images, next_ordinal, done,
                      bytes_in, bytes_out, deadline_at)
SELECT id, $2, 'completed', 'normal', $3, '["S. No."]', 50, 'keep', '', 1, '', '', $4, now(), now(),
       now() + interval '1 day', n, n, n, n, n, n, n * 200000::bigint, n * 80000::bigint,
       now() + interval '1 day'
FROM unnest($1::uuid[]) AS id, (SELECT $5::integer AS n) AS counted
"""
PRODUCTS = """
INSERT INTO products (request_id, number, id, row_number, serial_number, name, cells, first_ordinal, images)
SELECT $1, n, gen_random_uuid(), n + 2, n + 1, 'SKU' || n, '[]', n, 1
FROM generate_series(0, $2::integer - 1) AS n
"""
IMAGES = """
INSERT INTO images (request_id, ordinal, id, product_number, product_id, input_url, state, attempt,
                    output_url, bytes_in, bytes_out, width, height, format, ended_at)
SELECT $1, number, gen_random_uuid(), number, id, 'https://shop.example/' || number || '.jpg', 'done', 1,
       $2, 200000, 80000, 1200, 900, 'jpeg', now()
FROM products WHERE request_id = $1
"""


async def many_images(dsn: str, count: int, output_url: str) -> UUID:
    """One request with so many pictures, each of which lies at this address."""
    request_id, now = new_id(datetime.now(UTC)), datetime.now(UTC)
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(REQUEST, [request_id], TENANT, "large.csv", now, count)
        await connection.execute(PRODUCTS, request_id, count)
        await connection.execute(IMAGES, request_id, output_url)
    finally:
        await connection.close()
    return request_id


async def many_requests(dsn: str, count: int, filename: str, images_each: int = 0) -> None:
    """So many requests; of their images no more than the number is there."""
    connection = await asyncpg.connect(dsn)
    try:
        ids = [new_id(datetime.now(UTC)) for _ in range(count)]
        await connection.execute(REQUEST, ids, TENANT, filename, datetime.now(UTC), images_each)
    finally:
        await connection.close()
