"""The planner: turns rows.ndjson into products and images, in chunks, smallest request first.

Each chunk is one transaction that begins where the last one ended, so that planning resumes and no row is
planned twice.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import ValidationError

from services.status.jobs.wakes import Wakes
from services.status.postgres.pool import Connection
from services.status.postgres.statements import SQL
from services.status.records.rows import (
    HANDFUL,
    BadRowsError,
    ProductRow,
    chunks_of_products,
    image_id,
    lines,
    product_id,
)
from services.status.records.states import ImageState
from shared.contract.codes import FailureCode
from shared.observing.logs import Action, log
from shared.store import Missing, Refused, Store

_PRODUCT_COLUMNS = (
    "request_id", "number", "id", "row_number", "serial_number", "name", "cells", "first_ordinal", "images",
)  # fmt: skip
_IMAGE_COLUMNS = (
    "request_id",
    "ordinal",
    "id",
    "product_number",
    "product_id",
    "input_url",
    "same_as",
    "run",
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """The rows of some products, ready to be copied."""

    products: Sequence[tuple[object, ...]]
    images: Sequence[tuple[object, ...]]
    next_ordinal: int
    repeated: Sequence[int]  # ordinals of first images that this chunk repeats
    repeats: int


@dataclass(frozen=True, slots=True)
class Planner:
    store: Store
    wakes: Wakes

    async def plan(self, connection: Connection, request_id: UUID, stopping: asyncio.Event) -> None:
        """Plans one request from where it stands. Whoever calls holds its turn."""
        try:
            await self._plan(connection, request_id, stopping)
        except (Missing, Refused):
            await self._fail(connection, request_id, FailureCode.SOURCE_MISSING)
        except (BadRowsError, ValidationError, asyncpg.DataError) as error:
            log.error(Action.JOB_FAILED, job="planner", request_id=str(request_id), error=str(error)[:500])
            await self._fail(connection, request_id, FailureCode.INTERNAL)

    async def _plan(self, connection: Connection, request_id: UUID, stopping: asyncio.Event) -> None:
        request = await connection.fetchrow(SQL["planning"], request_id)
        if request is None or request["over"]:
            return
        number, ordinal = request["planned_products"], request["planned_images"]
        if request["products"] == number:
            await self._write(connection, request, request_id, number, Chunk((), (), ordinal, (), 0))
            return
        rows = lines(self.store.stream(request["rows_key"]))
        async for products in chunks_of_products(rows, number, ordinal):
            chunk = await _chunk(request_id, request["run"], products, number, ordinal)
            if not await self._write(connection, request, request_id, number, chunk) or stopping.is_set():
                return
            number, ordinal = number + len(products), ordinal + len(chunk.images)
        if number < request["products"]:
            raise BadRowsError(f"the file ends after {number} of {request['products']} products")

    async def _write(
        self, connection: Connection, request: Any, request_id: UUID, number: int, chunk: Chunk
    ) -> bool:
        """Says whether there is more to plan, as far as this process is concerned."""
        is_last = _is_last(request, number, chunk)
        async with connection.transaction():
            now = await connection.fetchrow(SQL["lock_planning"], request_id)
            if (
                now is None
                or now["over"]
                or now["planned_products"] != number
                or now["run"] != request["run"]
            ):
                return False
            ended = await _copy(connection, request_id, request["run"], chunk)
            counts = (len(chunk.products), len(chunk.images), chunk.repeats)
            ending = await connection.fetchval(
                SQL["advance_planning"],
                request_id,
                *counts,
                ended.count(ImageState.DONE),
                ended.count(ImageState.FAILED),
                is_last,
            )
        if ending:
            self.wakes.complete()
        self.wakes.dispatcher.set()
        if is_last:
            log.info(Action.REQUEST_PLANNED, request_id=str(request_id), images=request["images"])
        return not is_last

    async def _fail(self, connection: Connection, request_id: UUID, code: FailureCode) -> None:
        await connection.execute(SQL["fail_request"], request_id, code)
        self.wakes.complete()


def _is_last(request: Any, number: int, chunk: Chunk) -> bool:
    planned_products = number + len(chunk.products)
    if planned_products > request["products"]:
        raise BadRowsError("the file has more products than were announced")
    if planned_products < request["products"]:
        return False
    if chunk.next_ordinal != request["images"]:
        raise BadRowsError("the file has another number of images than was announced")
    return True


async def _copy(connection: Connection, request_id: UUID, run: int, chunk: Chunk) -> list[str]:
    """Returns how those images ended that repeat one which has ended already."""
    if not chunk.products:
        return []
    await connection.copy_records_to_table("products", records=chunk.products, columns=_PRODUCT_COLUMNS)
    await connection.copy_records_to_table("images", records=chunk.images, columns=_IMAGE_COLUMNS)
    if not chunk.repeated:
        return []
    firsts = list(chunk.repeated)
    ended = await connection.fetch(
        SQL["end_repeats"], [request_id] * len(firsts), firsts, [run] * len(firsts)
    )
    return [row["state"] for row in ended]


async def _chunk(request_id: UUID, run: int, rows: Sequence[ProductRow], number: int, ordinal: int) -> Chunk:
    products: list[tuple[object, ...]] = []
    images: list[tuple[object, ...]] = []
    for offset, row in enumerate(rows):
        if offset % HANDFUL == 0:
            await asyncio.sleep(0)
        product = product_id(request_id, number + offset)
        first = ordinal + len(images)
        products.append(
            (
                request_id,
                number + offset,
                product,
                row.row,
                row.serial_number,
                row.name,
                row.cells,
                first,
                len(row.images),
            )
        )
        images.extend(
            (
                request_id,
                each.ordinal,
                image_id(request_id, each.ordinal),
                number + offset,
                product,
                each.url,
                each.same_as,
                run,
            )
            for each in row.images
        )
    repeats = [each.same_as for row in rows for each in row.images if each.same_as is not None]
    return Chunk(products, images, ordinal + len(images), sorted(set(repeats)), len(repeats))
