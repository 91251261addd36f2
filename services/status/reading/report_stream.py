"""Streams what is made on demand of a request's rows, page by page from Postgres, and what was never planned
from the store. A stream that can no longer be told truthfully breaks off: nobody may take half of it for the
whole.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from services.status.reading.reader import Reader
from services.status.records.large_rows import LargeRowTurn
from services.status.records.request import EndedImage, RequestRecord, UploadedProduct
from services.status.records.rows import Planned, ProductRow
from services.status.records.states import ImageState
from services.status.records.unplanned import unplanned_products
from services.status.rendering.output_csv import Guard, csv_bytes, output_header, output_row
from services.status.rendering.report_csvs import (
    extended_header,
    extended_row,
    failed_header,
    failed_row,
)
from services.status.rendering.whole_products import whole_products
from shared.contract.csv_files import apostrophed, spaced
from shared.contract.keys import rows_key
from shared.store import Store

PART_ROWS = 1_000
Images = Sequence[EndedImage]
Product = tuple[UploadedProduct, Images]


class Export(StrEnum):
    OUTPUT = "output"  # as it lies in the store for a run that was not cancelled
    EXTENDED = "extended"  # every row, with what happened to each of its images
    FAILED = "failed"  # the rows of failed images, to be uploaded again


class ChangedMeanwhile(Exception):  # noqa: N818 - an answer of the database
    """The next run began, or the request was deleted, in the middle of an export."""


@dataclass(frozen=True, slots=True)
class _Shape:
    header: Callable[[Sequence[str]], list[str]]
    row: Callable[[Sequence[str], UploadedProduct, Sequence[EndedImage]], list[str]]
    guard: Guard
    state: ImageState | None  # of the images that are told


def _output_row(columns: Sequence[str], product: UploadedProduct, images: Sequence[EndedImage]) -> list[str]:
    return output_row(columns, product.cells, [image.output_url for image in images])


_SHAPES = {
    Export.OUTPUT: _Shape(output_header, _output_row, apostrophed, None),
    Export.EXTENDED: _Shape(extended_header, extended_row, apostrophed, None),
    Export.FAILED: _Shape(failed_header, failed_row, spaced, ImageState.FAILED),
}


async def export_rows(
    reader: Reader, store: Store, record: RequestRecord, export: Export
) -> AsyncIterator[bytes]:
    """The CSV of a request whose run has ended."""
    async for rows in table_rows(reader, store, record, export):
        yield csv_bytes(rows, _SHAPES[export].guard)


async def table_rows(
    reader: Reader, store: Store, record: RequestRecord, export: Export
) -> AsyncIterator[Iterator[list[str]]]:
    """The same as cells: the header first, then so many rows at a time, which are made as they are taken.
    Take them at once: until then other large ones may wait.
    """
    shape = _SHAPES[export]
    columns = await reader.columns(record.id)
    yield iter([shape.header(columns)])
    reader = reader.patient()
    pages = whole_products(reader.ended_images(record, shape.state))
    async with reader.large_rows.turn() as turn:
        async for numbered in _numbered(pages) if shape.state else _all_rows(pages, record):
            async for products in _with_cells(reader, record, numbered, turn):
                yield (shape.row(columns, *product) for product in _taken_from(products, turn))
        async for products in _unplanned(store, record, shape.state, turn):
            await require_unchanged(reader, record)
            yield (shape.row(columns, *product) for product in _taken_from(products, turn))


def _taken_from(products: list[Product], turn: LargeRowTurn) -> Iterator[Product]:
    """One after the other, and none of them is kept: whoever reads the answer may take long for a piece."""
    products.reverse()
    while products:
        product = products.pop()
        if not products:
            turn.give_back()
        yield product
        del product


async def _numbered(pages: AsyncIterator[Sequence[Images]]) -> AsyncIterator[Sequence[tuple[int, Images]]]:
    async for page in pages:
        yield [(images[0].product_number, images) for images in page]


async def _all_rows(
    pages: AsyncIterator[Sequence[Images]], record: RequestRecord
) -> AsyncIterator[Sequence[tuple[int, Images]]]:
    """Rows without an image too: the numbers between those of the images, and behind the last of them."""
    number = 0
    async for numbered in _numbered(pages):
        for part in _parts(_without_gaps(number, numbered)):
            yield part
        number = numbered[-1][0] + 1 if numbered else number
    for part in _parts((each, ()) for each in range(number, record.planned_products)):
        yield part


def _without_gaps(number: int, numbered: Sequence[tuple[int, Images]]) -> Iterator[tuple[int, Images]]:
    for each, images in numbered:
        yield from ((left_out, ()) for left_out in range(number, each))
        yield each, images
        number = each + 1


def _parts(rows: Iterator[tuple[int, Images]]) -> Iterator[Sequence[tuple[int, Images]]]:
    while part := list(islice(rows, PART_ROWS)):
        yield part


async def _with_cells(
    reader: Reader, record: RequestRecord, numbered: Sequence[tuple[int, Images]], turn: LargeRowTurn
) -> AsyncIterator[list[Product]]:
    """The products of these numbers, as many at a time as may be read."""
    at = 0
    while at < len(numbered):
        products = await reader.products(record.id, [number for number, _ in numbered[at:]], turn)
        await require_unchanged(reader, record)
        if not products:
            raise ChangedMeanwhile(f"request {record.id} has no rows any more")
        part = numbered[at : at + len(products)]
        at += len(part)
        yield [(products.pop(number), images) for number, images in part]


async def _unplanned(
    store: Store, record: RequestRecord, state: ImageState | None, turn: LargeRowTurn
) -> AsyncIterator[list[Product]]:
    ended = ImageState.CANCELLED if record.failure_code is None else ImageState.FAILED
    if record.planned_products == record.products or state not in (None, ended):
        return
    planned = Planned(record.planned_products, record.planned_images)
    async for products in unplanned_products(store, rows_key(record.id), planned, turn):
        told = [
            _as_ended(record, ended, number, product)
            for number, product in products
            if product.images or state is None
        ]
        products.clear()
        yield told


def _as_ended(record: RequestRecord, state: ImageState, number: int, product: ProductRow) -> Product:
    first_ordinal = product.images[0].ordinal if product.images else 0
    uploaded = UploadedProduct(product.cells, first_ordinal, len(product.images))
    images = [EndedImage(each.ordinal, number, state, code=record.failure_code) for each in product.images]
    return uploaded, images


async def require_unchanged(reader: Reader, record: RequestRecord) -> None:
    now = await reader.request(record.id)
    if now is None or now.deleted or now.run != record.run:
        raise ChangedMeanwhile(f"request {record.id} is no longer at the end of run {record.run}")
