"""Judges one row: it is a product, or a bad row with all that is wrong with it (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.ingest.csv_file.header import Header
from services.ingest.csv_file.image_urls.cell import BLANK, begins_address, url_fault
from services.ingest.csv_file.image_urls.listed import split_urls
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.row_errors import WHOLE_NUMBER, row_errors
from services.ingest.csv_file.verdicts import CellError


class Product(NamedTuple):  # a million may come: a tuple is made in half the time of a dataclass
    row: int
    serial_number: str
    name: str
    cells: tuple[str, ...]
    urls: tuple[str, ...]
    spilled: bool  # the URLs stood in more than their column


@dataclass(frozen=True, slots=True)
class BadRow:
    row: int
    cells: tuple[str, ...]
    errors: tuple[CellError, ...]


def judge_row(row: int, sent: list[str], header: Header, limits: CsvLimits) -> Product | BadRow:
    """Raises `CsvTooLarge` for more URLs than a row may hold."""
    cells = _fitted(sent, header)
    urls = _urls(cells, header)
    if len(urls) > limits.urls_per_row:
        raise limits.too_many_urls(row)
    serial_number = cells[header.serial_number].strip(BLANK)
    name = cells[header.product_name].strip()
    if (
        name
        and urls
        and WHOLE_NUMBER.fullmatch(serial_number)
        and "\0" not in "".join(cells)
        and not any(map(url_fault, urls))
    ):
        return Product(
            row=row,
            serial_number=serial_number,
            name=name,
            cells=tuple(cells),
            urls=tuple(urls),
            spilled=len(sent) > len(cells) and cells[header.last_image] != sent[header.last_image],
        )
    return BadRow(row, tuple(cells), tuple(row_errors(row, cells, header, surplus=_surplus(sent, header))))


def _urls(cells: Sequence[str], header: Header) -> list[str]:
    columns = header.image_urls
    if len(columns) == 1:
        return split_urls(cells[columns[0]])
    return [url for index in columns for url in split_urls(cells[index])]


def unreadable_row(row: int, sent: list[str], header: Header, fault: CellError) -> BadRow:
    """A row whose quotation marks leave open where a cell ends."""
    return BadRow(row, tuple(_fitted(sent, header)), (fault,))


def _fitted(cells: list[str], header: Header) -> list[str]:
    """The row in exactly the header's columns: URLs that spilled into more cells go back into theirs."""
    width = len(header.columns)
    if len(cells) <= width:
        return cells + [""] * (width - len(cells))
    first = header.last_image
    end = first + 1 + len(cells) - width
    if not any(map(begins_address, cells[first + 1 : end])):
        cells = _without_blank_end(cells, width)
        end = first + 1 + len(cells) - width
    return [*cells[:first], _rejoined(cells[first:end], header.delimiter), *cells[end:]]


def _without_blank_end(cells: Sequence[str], width: int) -> list[str]:
    filled = len(cells)
    while filled > width and not cells[filled - 1].strip():
        filled -= 1
    return list(cells[:filled])


def _rejoined(cells: Sequence[str], delimiter: str) -> str:
    """A cell that does not begin an address belongs to the one before it: `…/w_400,h_300/x.jpg`."""
    joined = cells[0]
    for cell in _without_blank_end(cells, 1)[1:]:
        joined += ("," if begins_address(cell) else delimiter) + cell
    return joined


def _surplus(sent: Sequence[str], header: Header) -> int:
    """How many cells the row has beyond the header's columns."""
    return max(0, len(_without_blank_end(sent, len(header.columns))) - len(header.columns))
