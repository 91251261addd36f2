"""Reads rows.ndjson, the products of a request as ingest wrote them (pure). It knows no database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.status.records.large_rows import LargeRowTurn
from services.status.records.limits import PAGE_BYTES
from shared.contract.events import deterministic_id

CHUNK_IMAGES = 1_000
CHUNK_PRODUCTS = 1_000
HANDFUL = 100  # products that are read in one go: meanwhile nothing else runs in this process


class ImageRow(BaseModel):
    model_config = ConfigDict(frozen=True)

    ordinal: int = Field(ge=0)
    url: str
    same_as: int | None = Field(default=None, ge=0)


class ProductRow(BaseModel):
    model_config = ConfigDict(frozen=True)

    row: int
    serial_number: str
    name: str
    cells: tuple[str, ...]
    images: tuple[ImageRow, ...]


class Planned(NamedTuple):
    """How far planning came: the next product's number, and the next image's ordinal."""

    products: int
    images: int


class BadRowsError(ValueError):
    """The file contradicts itself or the event that announced it."""


def image_id(request_id: UUID, ordinal: int) -> UUID:
    return deterministic_id("image", request_id, ordinal)


def product_id(request_id: UUID, number: int) -> UUID:
    return deterministic_id("product", request_id, number)


async def lines(chunks: AsyncIterator[bytes], turn: LargeRowTurn) -> AsyncIterator[bytes]:
    """A large one has this turn until the next is asked for."""
    begun = _Line()
    async for chunk in chunks:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            begun.add(end)
            yield begun.taken()
            turn.give_back()
        begun.add(rest)
        await turn.weigh(begun.size)
    if begun.size:
        yield begun.taken()
        turn.give_back()


@dataclass(slots=True)
class _Line:
    """Put together once: it may come in hundreds of pieces."""

    size: int = 0
    _pieces: list[bytes] = field(default_factory=list)

    def add(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self.size += len(piece)

    def taken(self) -> bytes:
        whole = b"".join(self._pieces)
        self._pieces.clear()
        self.size = 0
        return whole


async def chunks_of_products(rows: AsyncIterator[bytes], planned: Planned) -> AsyncIterator[list[ProductRow]]:
    """The products that are not planned yet, in chunks of bounded size, their ordinals checked. None that was
    given is held here when more is asked for.
    """
    skip_products, next_ordinal = planned
    chunk: list[ProductRow] = []
    images = read_bytes = 0
    async for line in rows:
        if skip_products:
            skip_products -= 1
            continue
        product = ProductRow.model_validate_json(line)
        next_ordinal = _check(product, next_ordinal)
        images += len(product.images)
        read_bytes += len(line)
        chunk.append(product)
        del line, product
        if len(chunk) % HANDFUL == 0:
            await asyncio.sleep(0)
        if images >= CHUNK_IMAGES or len(chunk) >= CHUNK_PRODUCTS or read_bytes >= PAGE_BYTES:
            yield chunk
            chunk, images, read_bytes = [], 0, 0
    if chunk:
        yield chunk


def _check(product: ProductRow, next_ordinal: int) -> int:
    for image in product.images:
        if image.ordinal != next_ordinal:
            raise BadRowsError(f"row {product.row}: image {image.ordinal} stands where {next_ordinal} should")
        if image.same_as is not None and image.same_as >= image.ordinal:
            raise BadRowsError(f"row {product.row}: image {image.ordinal} repeats a later one")
        next_ordinal += 1
    return next_ordinal
