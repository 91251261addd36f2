"""Counts what one file holds while it is read: products, images, errors, repeats (pure).

Its memory does not grow with the file, but for two sets of bounded size that find repeats.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.ingest.csv_file.image_urls.doubtful import Doubt, doubt_about
from services.ingest.csv_file.image_urls.memory import UrlMemory
from services.ingest.csv_file.image_urls.private import leads_inside
from services.ingest.csv_file.rows.row import Assumption, BadRow, Product
from services.ingest.csv_file.serial_numbers import SerialNumbers
from services.ingest.csv_file.verdicts import CellError
from shared.outbound.addresses import Networks

LISTED_DUPLICATES = 5


@dataclass(slots=True, kw_only=True)
class Tally:
    errors_listed: int
    url_memory: UrlMemory
    allow: Networks
    products: int = 0
    images: int = 0
    bad_rows: int = 0
    errors: list[CellError] = field(default_factory=list)  # the first ones
    errors_total: int = 0
    serial_numbers: SerialNumbers = field(default_factory=SerialNumbers)
    duplicates: int = 0
    first_duplicates: list[tuple[int, str]] = field(default_factory=list)
    assumed: dict[Assumption, tuple[int, int]] = field(default_factory=dict)  # how often, first in which row
    spilled: int = 0
    first_spilled: int | None = None
    private: int = 0
    first_private: tuple[int, str] | None = None
    doubtful: dict[Doubt, tuple[int, int, str]] = field(default_factory=dict)  # how many, the first: row, URL

    def count_bad_row(self, row: BadRow) -> None:
        self.bad_rows += 1
        self.errors_total += len(row.errors)
        self.errors.extend(row.errors[: self.errors_listed - len(self.errors)])
        self._count_assumptions(row)

    def count_product(self, product: Product) -> list[dict[str, object]]:
        """The product's images: each with its number in the file, and with that of the same URL before it."""
        self.products += 1
        self._count_assumptions(product)
        if product.urls and not self.serial_numbers.add(int(product.serial_number)):
            self._count_repeat(product.row, product.serial_number)
        if product.spilled:
            self.spilled += 1
            self.first_spilled = self.first_spilled or product.row
        return [self._count_image(url, product.row) for url in product.urls]

    def count_usual(
        self, first_row: int, serial_numbers: Sequence[str], urls: Sequence[str]
    ) -> Sequence[int]:
        """Rows one after the other. Of each of their addresses the number of the same one before it, or its
        own.
        """
        self.products += len(serial_numbers)
        for row, serial_number in enumerate(serial_numbers, first_row):
            if not self.serial_numbers.add(int(serial_number)):
                self._count_repeat(row, serial_number)
        first_ordinal = self.images
        self.images += len(urls)
        return self.url_memory.first_uses(urls, first_ordinal)

    def _count_assumptions(self, row: Product | BadRow) -> None:
        for assumption in row.assumed:
            count, first_row = self.assumed.get(assumption, (0, row.row))
            self.assumed[assumption] = (count + 1, first_row)

    def _count_repeat(self, row: int, serial_number: str) -> None:
        self.duplicates += 1
        if len(self.first_duplicates) < LISTED_DUPLICATES:
            self.first_duplicates.append((row, serial_number))

    def _count_image(self, url: str, row: int) -> dict[str, object]:
        if leads_inside(url, self.allow):
            self.private += 1
            self.first_private = self.first_private or (row, url)
        doubt = doubt_about(url)
        if doubt is not None:
            count, first_row, first_url = self.doubtful.get(doubt, (0, row, url))
            self.doubtful[doubt] = (count + 1, first_row, first_url)
        ordinal = self.images
        self.images += 1
        (first,) = self.url_memory.first_uses((url,), ordinal)
        if first != ordinal:
            return {"ordinal": ordinal, "url": url, "same_as": first}
        return {"ordinal": ordinal, "url": url}
