"""Streams the CSVs that are made on demand, page by page from Postgres, and what was never planned from the
store. A stream that can no longer be told truthfully breaks off: nobody may take half of it for the whole.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.status.reading.reader import Reader
from services.status.records.request import EndedImage, RequestRecord, UploadedProduct
from services.status.records.rows import Planned, ProductRow
from services.status.records.states import ImageState
from services.status.records.unplanned import unplanned_products
from services.status.rendering.output_csv import Guard, rendered
from services.status.rendering.output_csv import header as output_header
from services.status.rendering.output_csv import row as output_row
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


class Export(StrEnum):
    OUTPUT = "output"  # as it lies in the store for a run that was not cancelled
    EXTENDED = "extended"  # every row, with what happened to each of its images
    FAILED = "failed"  # the rows of failed images, to be uploaded again


class ChangedMeanwhile(Exception):  # noqa: N818 - an answer of the database
    """The next run began, or the request was deleted, in the middle of an export."""


@dataclass(frozen=True, slots=True)
class _Shape:
    header: Callable[[Sequence[str]], bytes]
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
    shape = _SHAPES[export]
    columns = await reader.columns(record.id)
    yield shape.header(columns)
    reader = reader.patient()
    async for groups in whole_products(reader.ended_images(record, shape.state)):
        async for products in _with_cells(reader, record, groups):
            yield rendered((shape.row(columns, *product) for product in products), shape.guard)
    async for unplanned in _unplanned(store, record, shape.state):
        await _require_unchanged(reader, record)
        rows = (shape.row(columns, product, images) for product, images in unplanned)
        yield rendered(rows, shape.guard)


async def _with_cells(
    reader: Reader, record: RequestRecord, groups: Sequence[Sequence[EndedImage]]
) -> AsyncIterator[Sequence[tuple[UploadedProduct, Sequence[EndedImage]]]]:
    """The products of these images, as many at a time as may be read."""
    at = 0
    while at < len(groups):
        products = await reader.products(record.id, [images[0].product_number for images in groups[at:]])
        await _require_unchanged(reader, record)
        if not products:
            raise ChangedMeanwhile(f"request {record.id} has no rows any more")
        part = groups[at : at + len(products)]
        yield [(products[images[0].product_number], images) for images in part]
        at += len(part)


async def _unplanned(
    store: Store, record: RequestRecord, state: ImageState | None
) -> AsyncIterator[Sequence[tuple[UploadedProduct, Sequence[EndedImage]]]]:
    ended = ImageState.CANCELLED if record.failure_code is None else ImageState.FAILED
    if record.planned_products == record.products or state not in (None, ended):
        return
    planned = Planned(record.planned_products, record.planned_images)
    async for products in unplanned_products(store, rows_key(record.id), planned):
        yield [_as_ended(record, ended, number, product) for number, product in products if product.images]


def _as_ended(
    record: RequestRecord, state: ImageState, number: int, product: ProductRow
) -> tuple[UploadedProduct, Sequence[EndedImage]]:
    uploaded = UploadedProduct(product.cells, product.images[0].ordinal, len(product.images))
    images = [EndedImage(each.ordinal, number, state, code=record.failure_code) for each in product.images]
    return uploaded, images


async def _require_unchanged(reader: Reader, record: RequestRecord) -> None:
    now = await reader.request(record.id)
    if now is None or now.deleted or now.run != record.run:
        raise ChangedMeanwhile(f"request {record.id} is no longer at the end of run {record.run}")
