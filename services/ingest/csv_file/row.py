"""Judges one row: what of it is a product, and all that is wrong with it (pure)."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from services.ingest.csv_file.header import Header
from services.ingest.csv_file.image_urls.cell import BLANK, begins_address, split_urls, url_fault
from services.ingest.csv_file.image_urls.hints import LOOKED_AT_CHARACTERS, url_hint
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.verdicts import CellError, ErrorCode, shown_value

_WHOLE_NUMBER = re.compile(r"[0-9]{1,15}")  # 15 digits: exact in every JSON reader
_WITH_DECIMALS = re.compile(r"([0-9]{1,15})[.,]0{1,9}")
_SERIAL_NUMBER_HINT = "Give every row a whole number of at most 15 digits: 1, 2, 3."


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
    urls = split_urls(cells[header.image_urls])
    if len(urls) > limits.urls_per_row:
        raise limits.too_many_urls(row)
    serial_number = cells[header.serial_number].strip(BLANK)
    name = cells[header.product_name].strip()
    if (
        name
        and urls
        and _WHOLE_NUMBER.fullmatch(serial_number)
        and "\0" not in "".join(cells)
        and not any(map(url_fault, urls))
    ):
        return Product(
            row=row,
            serial_number=serial_number,
            name=name,
            cells=tuple(cells),
            urls=tuple(urls),
            spilled=cells[header.image_urls] != sent[header.image_urls],
        )
    return BadRow(row, tuple(cells), tuple(_errors(row, cells, header, surplus=_surplus(sent, header))))


def unreadable_row(row: int, sent: list[str], header: Header, fault: CellError) -> BadRow:
    """A row whose cells cannot be told."""
    return BadRow(row, tuple(_fitted(sent, header)), (fault,))


def _fitted(cells: list[str], header: Header) -> list[str]:
    """The row in exactly the header's columns: URLs that spilled into more cells go back into theirs."""
    width, first = len(header.columns), header.image_urls
    if len(cells) <= width:
        return cells + [""] * (width - len(cells))
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
    """What does not begin an address was part of the one before: `…/w_400,h_300/x.jpg`."""
    joined = cells[0]
    for cell in _without_blank_end(cells, 1)[1:]:
        joined += ("," if begins_address(cell) else delimiter) + cell
    return joined


def _surplus(sent: Sequence[str], header: Header) -> int:
    """How many cells the row has beyond the header's columns."""
    return max(0, len(_without_blank_end(sent, len(header.columns))) - len(header.columns))


def _errors(row: int, cells: Sequence[str], header: Header, *, surplus: int) -> Iterator[CellError]:
    yield from _serial_number_errors(row, cells[header.serial_number].strip(BLANK), header)
    if not cells[header.product_name].strip():
        yield CellError(
            row=row,
            column=header.columns[header.product_name],
            value="",
            code=ErrorCode.MISSING_PRODUCT_NAME,
            problem="the product name is missing",
            advice="Fill it in.",
        )
    yield from _url_errors(row, cells[header.image_urls], header, surplus)
    for column, cell in zip(header.columns, cells, strict=True):
        if "\0" in cell:
            yield CellError(
                row=row,
                column=column,
                value=shown_value(cell),
                code=ErrorCode.NUL_CHARACTER,
                problem="a cell holds a NUL character",
                advice="Save the file again as CSV UTF-8.",
            )


def _serial_number_errors(row: int, value: str, header: Header) -> Iterator[CellError]:
    column = header.columns[header.serial_number]
    if not value:
        yield CellError(
            row=row,
            column=column,
            value="",
            code=ErrorCode.MISSING_SERIAL_NUMBER,
            problem="the serial number is missing",
            advice=_SERIAL_NUMBER_HINT,
        )
    elif not _WHOLE_NUMBER.fullmatch(value):
        whole = _WITH_DECIMALS.fullmatch(value)
        yield CellError(
            row=row,
            column=column,
            value=shown_value(value),
            code=ErrorCode.INVALID_SERIAL_NUMBER,
            problem=f"'{shown_value(value)}' is not a whole serial number",
            advice=f"Write {whole.group(1)}, without decimals." if whole else _SERIAL_NUMBER_HINT,
        )


def _url_errors(row: int, cell: str, header: Header, surplus: int) -> Iterator[CellError]:
    column = header.columns[header.image_urls]
    urls = split_urls(cell)
    if not urls:
        yield CellError(
            row=row,
            column=column,
            value="",
            code=ErrorCode.MISSING_URL,
            problem="the image URL is missing",
            advice="Give at least one address that begins with http:// or https://.",
        )
    for url in urls:
        fault = url_fault(url)
        if fault is not None:
            shown = shown_value(url)
            yield CellError(
                row=row,
                column=column,
                value=shown,
                code=ErrorCode.INVALID_URL,
                problem=f"'{shown}' {fault}",
                advice=_url_advice(url, header, surplus),
            )


def _url_advice(url: str, header: Header, surplus: int) -> Callable[[], str]:
    if surplus and not begins_address(url):
        return partial(_surplus_hint, header, surplus)
    return partial(url_hint, url[:LOOKED_AT_CHARACTERS])  # an error keeps it, and there may be a thousand


def _surplus_hint(header: Header, surplus: int) -> str:
    columns = len(header.columns)
    return (
        f"The row has {columns + surplus} cells for {columns} columns: "
        f"put quotation marks around the cell in which a {header.delimiter.word} stands."
    )
