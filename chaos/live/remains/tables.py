"""The tables, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from chaos.live.checker.evidence import Row

EVERYTHING = ("requests", "products", "images", "completions", "deliveries", "attempts", "batches")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    requests: Sequence[Row]
    images: Sequence[Row]
    completions: Sequence[Row]
    deliveries: Sequence[Row]
    stray_rows: Mapping[str, int]
    texts: Mapping[str, bytes]


async def read_tables(dsn: str) -> Tables:
    connection = await asyncpg.connect(dsn)
    try:
        return Tables(
            requests=await _rows(connection, "SELECT * FROM requests"),
            images=await _rows(connection, "SELECT * FROM images_now ORDER BY request_id, ordinal"),
            completions=await _rows(connection, "SELECT * FROM completions ORDER BY sequence"),
            deliveries=await _rows(connection, "SELECT * FROM deliveries"),
            stray_rows={table: await _strays(connection, table) for table in ("images", "products")},
            texts={f"table {table}": await _text(connection, table) for table in EVERYTHING},
        )
    finally:
        await connection.close()


async def _rows(connection: asyncpg.Connection, query: str) -> list[Row]:
    return [
        {name: _plain(value) for name, value in record.items()} for record in await connection.fetch(query)
    ]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


async def _strays(connection: asyncpg.Connection, table: str) -> int:
    count: int = await connection.fetchval(
        f"""SELECT count(*) FROM {table} t LEFT JOIN requests r ON r.id = t.request_id
            WHERE r.id IS NULL OR r.purged_at IS NOT NULL"""
    )
    return count


async def _text(connection: asyncpg.Connection, table: str) -> bytes:
    return b"\n".join(
        row["line"].encode() for row in await connection.fetch(f"SELECT t::text AS line FROM {table} t")
    )
