"""Reads lines of CSV into products, strict about what a row needs, exact about what is wrong with it (pure).

Row numbers are those a spreadsheet shows: records, the header among them, not lines.
"""

import csv
import dataclasses
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.ingest.csv_header import Header, MissingColumns, Needed, read_header
from services.ingest.csv_verdicts import CellError, CsvLimits, NoColumns, TooLarge, Unreadable, shown_value
from services.ingest.image_urls import begins_address, split_urls, url_fault

HEADER_SAMPLE_LINES = 20
_WHOLE_NUMBER = re.compile(r"[0-9]{1,15}")  # 15 digits: exact in every JSON reader
_EXCEL_HINT = re.compile(r"\ufeff?\"?sep=(.)\"?[\r\n]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Product:
    row: int
    serial_number: str
    name: str
    cells: tuple[str, ...]
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BadRow:
    row: int
    cells: tuple[str, ...]
    errors: tuple[CellError, ...]


@dataclass(frozen=True, slots=True)
class Table:
    header: Header
    rows: Iterator[Product | BadRow]  # blank rows are left out


def open_table(lines: Iterable[str], limits: CsvLimits) -> Table:
    """Reads the header at once, the rows as they are asked for.

    Raises `Unreadable` or `TooLarge`, here or while the rows are read.
    """
    csv.field_size_limit(limits.cell_characters)
    rest = iter(lines)
    blank_rows, sample = _first_lines(rest)
    header = _require_header(sample, limits, blank_rows + 1)
    source = _Lines(itertools.chain(sample, rest))
    return Table(header, _rows(source, header, limits))


class _Lines:
    """Hands lines to the csv module and remembers whether they ended inside a record."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.taken = 0  # since the last whole record
        self.ended_inside = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.ended_inside = self.taken > 0
            raise StopIteration
        self.taken += 1
        return line


def _first_lines(lines: Iterator[str]) -> tuple[int, list[str]]:
    """How many blank rows come first, and the lines after them, enough to hold the header."""
    blank_rows = 0
    for line in lines:
        if _EXCEL_HINT.fullmatch(line):
            continue  # a spreadsheet obeys this line and does not show it
        if line.strip(' \t\r\n\ufeff,;|"'):
            return blank_rows, [
                line.removeprefix("\ufeff"),
                *itertools.islice(lines, HEADER_SAMPLE_LINES - 1),
            ]
        blank_rows += 1
    raise Unreadable("empty_file", "The file holds no rows.")


def _require_header(sample: Sequence[str], limits: CsvLimits, row: int) -> Header:
    try:
        header = read_header(sample)
    except csv.Error as error:
        raise TooLarge("cell length", limits.cell_characters, "characters", row) from error
    if len(header.columns) > limits.columns:
        raise TooLarge("columns", limits.columns, "columns", row)
    if isinstance(header, MissingColumns):
        raise NoColumns(tuple(_missing_column(needed, header, row) for needed in header.missing))
    if any("\0" in column for column in header.columns):
        raise Unreadable("nul_character", "The header holds a NUL character.", row=row)
    return dataclasses.replace(header, row=row)


def _missing_column(needed: Needed, found: MissingColumns, row: int) -> CellError:
    names = ", ".join(f"'{shown_value(column)[:40]}'" for column in found.columns[:10]) or "nothing"
    return CellError(
        row,
        needed,
        None,
        "missing_column",
        f"The column '{needed}' is missing",
        f"The first row must name the columns; it names {names}.",
    )


def _rows(source: _Lines, header: Header, limits: CsvLimits) -> Iterator[Product | BadRow]:
    records = _records(source, header.delimiter, limits)
    row = header.row
    if tuple(next(records, ()))[: len(header.columns)] != header.columns:
        raise Unreadable("unclosed_quote", "The header does not end where its line does.", row=row)
    filled = 0
    for cells in records:
        row += 1
        if not any(map(str.strip, cells)):
            continue
        filled += 1
        if filled > limits.rows:
            raise TooLarge("rows", limits.rows, "rows", row)
        yield _judge(row, cells, header, limits)


def _records(source: _Lines, delimiter: str, limits: CsvLimits) -> Iterator[list[str]]:
    reader = csv.reader(source, delimiter=delimiter, skipinitialspace=True)
    for row in itertools.count(1):
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise TooLarge("cell length", limits.cell_characters, "characters", row) from error
        if source.ended_inside:
            raise Unreadable(
                "unclosed_quote",
                "A quotation mark is opened and never closed.",
                hint='Look for a lone " in the file\'s last rows; inside a quoted cell it is written "".',
            )
        if cells is None:
            return
        source.taken = 0
        yield cells


def _judge(row: int, cells: list[str], header: Header, limits: CsvLimits) -> Product | BadRow:
    cells = _fitted(cells, header)
    urls = split_urls(cells[header.image_urls])
    if len(urls) > limits.urls_per_row:
        raise TooLarge("URLs in a row", limits.urls_per_row, "URLs", row)
    serial_number = cells[header.serial_number].strip()
    name = cells[header.product_name].strip()
    if (
        name
        and urls
        and _WHOLE_NUMBER.fullmatch(serial_number)
        and "\0" not in "".join(cells)
        and not any(map(url_fault, urls))
    ):
        return Product(row, serial_number, name, tuple(cells), tuple(urls))
    return BadRow(row, tuple(cells), tuple(_errors(row, cells, header)))


def _fitted(cells: list[str], header: Header) -> list[str]:
    """The row in exactly the header's columns: URLs that spilled into more cells go back into theirs."""
    width = len(header.columns)
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    if len(cells) <= width:
        return cells + [""] * (width - len(cells))
    place = header.image_urls
    end = place + 1 + len(cells) - width
    return [*cells[:place], _rejoined(cells[place:end], header.delimiter), *cells[end:]]


def _rejoined(cells: Sequence[str], delimiter: str) -> str:
    """What does not begin an address was part of the one before: `…/w_400,h_300/x.jpg`."""
    joined = cells[0]
    for cell in cells[1:]:
        joined += ("," if begins_address(cell) else delimiter) + cell
    return joined


def _errors(row: int, cells: Sequence[str], header: Header) -> Iterator[CellError]:
    yield from _serial_number_errors(row, cells[header.serial_number].strip(), header)
    if not cells[header.product_name].strip():
        column = header.columns[header.product_name]
        yield CellError(row, column, "", "missing_product_name", "the product name is missing", "Fill it in.")
    yield from _url_errors(row, cells[header.image_urls], header.columns[header.image_urls])
    for column, cell in zip(header.columns, cells, strict=True):
        if "\0" in cell:
            hint = "Save the file again as CSV UTF-8."
            problem = "a cell holds a NUL character"
            yield CellError(row, column, shown_value(cell), "nul_character", problem, hint)


def _serial_number_errors(row: int, value: str, header: Header) -> Iterator[CellError]:
    column = header.columns[header.serial_number]
    hint = "Give every row a whole number of at most 15 digits: 1, 2, 3."
    if not value:
        yield CellError(row, column, "", "missing_serial_number", "the serial number is missing", hint)
    elif not _WHOLE_NUMBER.fullmatch(value):
        problem = f"'{shown_value(value)}' is not a whole serial number"
        yield CellError(row, column, shown_value(value), "invalid_serial_number", problem, hint)


def _url_errors(row: int, cell: str, column: str) -> Iterator[CellError]:
    urls = split_urls(cell)
    if not urls:
        hint = "Give at least one address that begins with http:// or https://."
        yield CellError(row, column, "", "missing_url", "the image URL is missing", hint)
    for url in urls:
        fault = url_fault(url)
        if fault is not None:
            shown = shown_value(url)
            hint = "Write each address in full, as in https://shop.example/1.jpg, separated by commas."
            yield CellError(row, column, shown, "invalid_url", f"'{shown}' {fault}", hint)
