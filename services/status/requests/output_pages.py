"""Reads the planned products of a run that ends, with their images, for the output CSV and the event."""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple
from uuid import UUID

from services.status.postgres.pool import Connection
from services.status.postgres.statements import SQL
from services.status.records.database_row import Row
from services.status.records.large_rows import LargeRowTurn
from services.status.records.limits import IMAGE_BYTES, PAGE_BYTES
from services.status.records.request import ImageRecord
from services.status.records.states import ImageState

PAGE_PRODUCTS = 500


class EndedProduct(NamedTuple):
    cells: Sequence[str]
    images: Sequence[ImageRecord]


async def ended_products(
    connection: Connection, request_id: UUID, turn: LargeRowTurn
) -> AsyncIterator[list[EndedProduct]]:
    """Page by page along the keys: never one long snapshot. A page is emptied when the next is asked for."""
    number = 0
    while page := await _page(connection, request_id, number, turn):
        number += len(page)
        yield page
        page.clear()
        turn.give_back()


async def _page(
    connection: Connection, request_id: UUID, number: int, turn: LargeRowTurn
) -> list[EndedProduct]:
    bounds = (PAGE_PRODUCTS, PAGE_BYTES, IMAGE_BYTES)
    products = await connection.fetch(SQL["product_page"], request_id, number, *bounds, False)
    if products and products[0]["cells"] is None:
        await turn.take()
        products = await connection.fetch(SQL["product_page"], request_id, number, *bounds, True)
    if not products:
        return []
    first, last = products[0], products[-1]
    span = (first["first_ordinal"], last["first_ordinal"] + last["images"])
    images = await connection.fetch(SQL["ended_image_page"], request_id, *span)
    return [_with_images(product, images, first["first_ordinal"]) for product in products]


def _with_images(product: Row, images: Sequence[Row], offset: int) -> EndedProduct:
    start = product["first_ordinal"] - offset
    own = images[start : start + product["images"]]
    return EndedProduct(product["cells"], [_image_record(product, image) for image in own])


def _image_record(product: Row, image: Row) -> ImageRecord:
    # The run has ended, and with it every image: one that is not done reads failed to everyone.
    is_done = image["state"] == ImageState.DONE
    return ImageRecord(
        ordinal=image["ordinal"],
        id=str(image["id"]),
        input_url=image["input_url"],
        output_url=image["output_url"],
        state=ImageState.DONE if is_done else ImageState.FAILED,
        started=True,
        product_number=product["number"],
        product_id=str(product["id"]),
        serial_number=product["serial_number"],
        product_name=product["name"],
    )
