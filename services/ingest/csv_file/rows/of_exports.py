"""Judges the rows of an export that a shop's program wrote: variants without an image, images without a name,
rows without a number (pure). What is missing is made up and reported, and a row without an image comes back
as it is.
"""

from collections.abc import Sequence

from services.ingest.csv_file.header.columns import Header
from services.ingest.csv_file.image_urls.cell import BLANK, url_fault
from services.ingest.csv_file.image_urls.file_names import name_of_file
from services.ingest.csv_file.image_urls.hints import is_placeholder
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.rows.errors import nul_errors, row_in_one_cell, url_errors
from services.ingest.csv_file.rows.no_product import NoProducts
from services.ingest.csv_file.rows.row import (
    Assumption,
    BadRow,
    Fitted,
    Product,
    fitted,
    surplus,
    urls_of,
)
from services.ingest.csv_file.serial_numbers import WHOLE_NUMBER


class ExportRows:
    def __init__(self, header: Header, limits: CsvLimits) -> None:
        self._header = header
        self._no_products = NoProducts(header)
        self._limits = limits
        self._rows = 0
        self._name_above = ""
        self._group_above = ""

    def judge(self, row: int, sent: list[str]) -> Product | BadRow:
        """Raises `CsvTooLarge` for more URLs than a row may hold."""
        self._rows += 1
        fit = fitted(sent, self._header)
        cells = fit.cells
        urls = [url for url in urls_of(cells, self._header) if not is_placeholder(url)]
        if len(urls) > self._limits.urls_per_row:
            raise self._limits.too_many_urls(row)
        in_one_cell = None if urls else row_in_one_cell(row, fit, self._header)
        if in_one_cell is not None:
            return in_one_cell
        if "\0" in "".join(cells) or any(map(url_fault, urls)):
            bad = self._bad_row(row, sent, fit)
            return self._no_products.kept(bad) or bad
        serial_number, numbered = self._serial_number(cells)
        name, named = self._name(cells, urls)
        return Product(
            row=row,
            serial_number=serial_number,
            name=name if urls else self._own_name(cells),
            cells=tuple(cells),
            urls=tuple(urls),
            spilled=fit.spilled,
            assumed=(*fit.assumed, *numbered, *named) if urls else (*fit.assumed, Assumption.WITHOUT_IMAGE),
        )

    def _bad_row(self, row: int, sent: list[str], fit: Fitted) -> BadRow:
        wrong = url_errors(row, fit.cells, self._header, surplus(sent, self._header))
        errors = (*nul_errors(row, fit.cells, self._header), *wrong)
        return BadRow(row, tuple(fit.cells), errors, fit.assumed)

    def _serial_number(self, cells: Sequence[str]) -> tuple[str, tuple[Assumption, ...]]:
        column = self._header.serial_number
        if column is not None:
            serial_number = cells[column].strip(BLANK)
            if WHOLE_NUMBER.fullmatch(serial_number):
                return serial_number, ()
        return str(self._rows), (Assumption.NUMBERED,)

    def _name(self, cells: Sequence[str], urls: Sequence[str]) -> tuple[str, tuple[Assumption, ...]]:
        name = self._own_name(cells)
        group = "" if self._header.group is None else cells[self._header.group].strip()
        is_further_row = group in ("", self._group_above)
        if group:
            self._group_above = group
        if name:
            self._name_above = name
            return name, ()
        if is_further_row and self._name_above:
            return self._name_above, (Assumption.NAMED_FROM_ABOVE,)
        self._name_above = ""
        return (name_of_file(urls[0]) if urls else ""), (Assumption.NAMED_FROM_FILE,)

    def _own_name(self, cells: Sequence[str]) -> str:
        column = self._header.product_name
        return "" if column is None else cells[column].strip()
