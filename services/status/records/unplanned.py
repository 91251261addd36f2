"""The products of a request that ended before they were planned: no table knows them, rows.ndjson does."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from pydantic import ValidationError

from services.status.records.large_rows import LargeRowTurn
from services.status.records.request import ImageRecord
from services.status.records.rows import (
    BadRowsError,
    Planned,
    ProductRow,
    chunks_of_products,
    image_id,
    lines,
    product_id,
)
from services.status.records.states import ImageState
from shared.observing.logs import Action, log
from shared.store import Missing, Refused, Store


async def unplanned_products(
    store: Store, rows_key: str, planned: Planned, turn: LargeRowTurn
) -> AsyncIterator[list[tuple[int, ProductRow]]]:
    """By number, as far as the file can be read: it may be why the request failed. What was given is emptied
    when more is asked for.
    """
    rows, number = lines(store.stream(rows_key), turn), planned.products
    try:
        async for products in chunks_of_products(rows, planned):
            numbered = list(enumerate(products, number))
            number += len(products)
            products.clear()
            yield numbered
            numbered.clear()
    except (Missing, Refused, BadRowsError, ValidationError) as error:
        log.warning(Action.ROWS_LEFT_OUT, rows_key=rows_key, reason=str(error)[:500])


def ended_images(request_id: UUID, number: int, product: ProductRow) -> Sequence[ImageRecord]:
    """What the images read as that no run will ask for."""
    return [
        ImageRecord(
            ordinal=image.ordinal,
            id=str(image_id(request_id, image.ordinal)),
            input_url=image.url,
            output_url=None,
            state=ImageState.FAILED,
            started=False,
            product_number=number,
            product_id=str(product_id(request_id, number)),
            serial_number=product.serial_number,
            product_name=product.name,
        )
        for image in product.images
    ]
