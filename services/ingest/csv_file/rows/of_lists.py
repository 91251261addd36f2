"""Judges the rows of a list of products, each of which has a serial number, a name and an image (pure)."""

from services.ingest.csv_file.header.columns import Header
from services.ingest.csv_file.image_urls.cell import BLANK, url_fault
from services.ingest.csv_file.image_urls.hints import is_placeholder
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.rows.errors import row_errors, row_in_one_cell
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


class ListRows:
    def __init__(self, header: Header, limits: CsvLimits) -> None:
        if header.serial_number is None or header.product_name is None:
            raise ValueError("a list names its products and their numbers")
        self._header = header
        self._no_products = NoProducts(header)
        self._width = len(header.columns)
        self._number = header.serial_number
        self._name = header.product_name
        self._limits = limits
        self._most_urls = limits.urls_per_row
        self._merges = not header.is_our_own
        self._above: Product | None = None

    def judge(self, row: int, sent: list[str]) -> Product | BadRow:
        """Raises `CsvTooLarge` for more URLs than a row may hold."""
        fit = Fitted(sent) if len(sent) == self._width else fitted(sent, self._header)
        product = self._product(row, fit)
        if product is None:
            return self._no_whole_product(row, sent, fit)
        self._above = product
        return product

    def _product(self, row: int, fit: Fitted) -> Product | None:
        cells = fit.cells
        urls = urls_of(cells, self._header)
        if len(urls) > self._most_urls:
            raise self._limits.too_many_urls(row)
        serial_number = cells[self._number].strip(BLANK)
        name = cells[self._name].strip()
        if (
            name
            and urls
            and WHOLE_NUMBER.fullmatch(serial_number)
            and "\0" not in "".join(cells)
            and not any(map(url_fault, urls))
        ):
            return Product(row, serial_number, name, tuple(cells), tuple(urls), fit.spilled, fit.assumed)
        return None

    def _no_whole_product(self, row: int, sent: list[str], fit: Fitted) -> Product | BadRow:
        product = self._without_placeholders(row, fit)
        if product is not None:
            return product
        in_one_cell = row_in_one_cell(row, fit, self._header)
        if in_one_cell is not None:
            return in_one_cell
        errors = row_errors(row, fit.cells, self._header, surplus=surplus(sent, self._header))
        bad = BadRow(row, tuple(fit.cells), tuple(errors), fit.assumed)
        return self._of_product_above(bad, fit) or self._no_products.kept(bad) or bad

    def _without_placeholders(self, row: int, fit: Fitted) -> Product | None:
        """Of several columns of images some are not filled: with `n/a` as well as with nothing."""
        if len(self._header.image_urls) == 1:
            return None
        images = set(self._header.image_urls)
        filled = [
            "" if index in images and is_placeholder(cell.strip(BLANK)) else cell
            for index, cell in enumerate(fit.cells)
        ]
        product = self._product(row, fit._replace(cells=filled))
        return None if product is None else product._replace(cells=tuple(fit.cells))

    def _of_product_above(self, bad: BadRow, fit: Fitted) -> Product | None:
        """Merged cells hold what they hold in their first row only."""
        own = (self._number, self._name)
        if self._above is None or not self._merges or any(bad.cells[index].strip(BLANK) for index in own):
            return None
        cells = list(bad.cells)
        for index in own:
            cells[index] = self._above.cells[index]
        product = self._product(bad.row, fit._replace(cells=cells))
        if product is None:
            return None
        return product._replace(cells=bad.cells, assumed=(*product.assumed, Assumption.OF_PRODUCT_ABOVE))
