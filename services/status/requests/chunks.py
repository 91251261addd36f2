"""Some products of a request and their images, as the rows that are copied into the tables. It knows no
database.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.status.records.rows import HANDFUL, Planned, ProductRow, image_id, product_id


class PlannedProduct(NamedTuple):
    """A row of the table products."""

    request_id: UUID
    number: int
    id: UUID
    row_number: int
    serial_number: str
    name: str
    cells: Sequence[str]
    first_ordinal: int
    images: int


class PlannedImage(NamedTuple):
    """A row of the table images."""

    request_id: UUID
    ordinal: int
    id: UUID
    product_number: int
    product_id: UUID
    input_url: str
    same_as: int | None
    run: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """What one transaction of planning writes."""

    begins: Planned
    products: Sequence[PlannedProduct] = ()
    images: Sequence[PlannedImage] = ()

    @property
    def ends(self) -> Planned:
        return Planned(self.begins.products + len(self.products), self.begins.images + len(self.images))

    @property
    def repeats(self) -> Sequence[int]:
        """For each image that repeats the URL of an earlier one: the ordinal of the first with that URL."""
        return [image.same_as for image in self.images if image.same_as is not None]


async def chunk_of(request_id: UUID, run: int, rows: Sequence[ProductRow], begins: Planned) -> Chunk:
    """The next products of a request, of which so many are planned already."""
    products: list[PlannedProduct] = []
    images: list[PlannedImage] = []
    for number, row in enumerate(rows, begins.products):
        if len(products) % HANDFUL == 0:
            await asyncio.sleep(0)
        product = _planned_product(request_id, number, row, begins.images + len(images))
        products.append(product)
        images += _planned_images(product, row, run)
    return Chunk(begins=begins, products=products, images=images)


def _planned_product(request_id: UUID, number: int, row: ProductRow, first_ordinal: int) -> PlannedProduct:
    return PlannedProduct(
        request_id=request_id,
        number=number,
        id=product_id(request_id, number),
        row_number=row.row,
        serial_number=row.serial_number,
        name=row.name,
        cells=row.cells,
        first_ordinal=first_ordinal,
        images=len(row.images),
    )


def _planned_images(product: PlannedProduct, row: ProductRow, run: int) -> list[PlannedImage]:
    return [
        PlannedImage(
            request_id=product.request_id,
            ordinal=image.ordinal,
            id=image_id(product.request_id, image.ordinal),
            product_number=product.number,
            product_id=product.id,
            input_url=image.url,
            same_as=image.same_as,
            run=run,
        )
        for image in row.images
    ]
