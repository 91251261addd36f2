"""Requests whose rows weigh much and are few: cells of a megabyte that Postgres keeps in a few KB, names as
long, many long URLs.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from shared.store import Writer
from shared.testing.fakes import FakeStore

URL_CHARACTERS = 500


@dataclass(frozen=True, kw_only=True)
class WideRows:
    products: int = 24
    images: int = 200  # of each product
    name_characters: int = 10
    cell_characters: int = 1_000_000

    @property
    def all_images(self) -> int:
        return self.products * self.images

    def name(self, number: int) -> str:
        return f"{number} ".ljust(self.name_characters, "n")

    def urls(self, number: int) -> list[str]:
        first = number * self.images
        return [url(ordinal) for ordinal in range(first, first + self.images)]

    def cells(self, number: int) -> list[str]:
        return [str(number + 1), self.name(number), ",".join(self.urls(number)), "x" * self.cell_characters]

    def lines(self) -> bytes:
        """rows.ndjson"""
        return b"".join(json.dumps(self._line(number)).encode() + b"\n" for number in range(self.products))

    def _line(self, number: int) -> dict[str, object]:
        first = number * self.images
        return {
            "row": number + 2,
            "serial_number": str(number + 1),
            "name": self.name(number),
            "cells": self.cells(number),
            "images": [{"ordinal": first + n, "url": each} for n, each in enumerate(self.urls(number))],
        }

    async def fill(self, pool: asyncpg.Pool, request_id: UUID) -> None:
        """All planned and all failed: what is left to do is to end the run."""
        for number in range(self.products):
            await self._add(pool, request_id, number)
        await pool.execute(
            "UPDATE requests SET planned_at = now(), planned_products = $2, planned_images = $3, failed = $3,"
            " next_ordinal = $3 WHERE id = $1",
            request_id,
            self.products,
            self.all_images,
        )

    async def _add(self, pool: asyncpg.Pool, request_id: UUID, number: int) -> None:
        await pool.execute(
            "INSERT INTO products (request_id, number, id, row_number, serial_number, name, cells,"
            " first_ordinal, images)"
            " VALUES ($1, $2, gen_random_uuid(), $2 + 2, ($2 + 1)::text, $3, $4, $5, $6)",
            *(request_id, number, self.name(number), self.cells(number)),
            *(number * self.images, self.images),
        )
        await pool.execute(
            "INSERT INTO images (request_id, ordinal, id, product_number, product_id, input_url, state, code)"
            " SELECT $1, $3 + n - 1, gen_random_uuid(), $2, gen_random_uuid(), url, 'failed', 'http_404'"
            " FROM unnest($4::text[]) WITH ORDINALITY AS u (url, n)",
            *(request_id, number, number * self.images, self.urls(number)),
        )


def url(ordinal: int) -> str:
    return f"https://shop.example/{ordinal}/".ljust(URL_CHARACTERS, "p")


@dataclass
class Sink(FakeStore):
    """Keeps no byte of what is written in pieces."""

    lines: int = 0
    pieces: list[int] = field(default_factory=list)

    @asynccontextmanager
    async def writer(self, key: str) -> AsyncIterator[Writer]:
        yield self

    async def write(self, data: bytes) -> None:
        self.lines += data.count(b"\r\n")
        self.pieces.append(len(data))
