"""Reads lines of CSV into products: the header at once, the rows as they are asked for (pure).

Row numbers are those a spreadsheet shows: records, the header among them, not lines.
"""

import csv
import dataclasses
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.ingest.csv_file.header import Header, MissingColumns, NeededColumn, nearest_column, read_header
from services.ingest.csv_file.image_urls import begins_address
from services.ingest.csv_file.records import CsvRecord, line_too_long, read_records
from services.ingest.csv_file.row import BadRow, Product, judge_row, unreadable_row
from services.ingest.csv_file.verdicts import (
    CellError,
    CsvLimits,
    CsvTooLarge,
    NoColumns,
    UnreadableCsv,
    shown_value,
)

HEADER_SAMPLE_LINES = 20
MOST_TITLE_ROWS = 5
LOOKED_AT_COLUMNS = 50  # for one that is nearly the missing one
_FIRST_ROW = f"'{','.join(NeededColumn)}'"
_EXCEL_HINT = re.compile(r"\ufeff?\"?sep=(.)\"?[\r\n]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Table:
    header: Header
    rows: Iterator[Product | BadRow]  # blank rows are left out


def open_table(lines: Iterable[str], limits: CsvLimits) -> Table:
    """Reads the header at once, the rows as they are asked for.

    Raises `UnreadableCsv` or `CsvTooLarge`, here or while the rows are read.
    """
    csv.field_size_limit(limits.cell_characters)
    rest = iter(lines)
    blank_rows, sample = _first_lines(rest, limits)
    if len(sample[0]) > limits.cell_characters:
        raise line_too_long(limits, blank_rows + 1)
    title_rows = _title_rows(sample, limits)
    sample, first_row = sample[title_rows:], blank_rows + title_rows + 1
    header = dataclasses.replace(_require_header(sample, limits, first_row), title_rows=title_rows)
    records = read_records(itertools.chain(sample, rest), first_row, header, limits)
    return Table(header, _rows(records, header, limits))


def _first_lines(lines: Iterator[str], limits: CsvLimits) -> tuple[int, list[str]]:
    """How many blank rows come first, and the lines after them, enough to hold the header."""
    blank_rows = 0
    for line in lines:
        if _EXCEL_HINT.fullmatch(line):
            continue  # a spreadsheet obeys this line and does not show it
        if line.strip(' \t\r\n\ufeff,;|"'):
            return blank_rows, _sample(line.removeprefix("\ufeff"), lines, limits.cell_characters)
        blank_rows += 1
        _require_few_blank_rows(blank_rows, limits, blank_rows)
    hint = f"Save the sheet that holds your products: {_FIRST_ROW} in its first row, then one product a row."
    raise UnreadableCsv("empty_file", "The file holds blank rows only.", hint=hint)


def _require_few_blank_rows(count: int, limits: CsvLimits, row: int) -> None:
    if count > limits.blank_rows:
        raise CsvTooLarge("blank rows", limits.blank_rows, "rows", row)


def _sample(first: str, lines: Iterator[str], most_characters: int) -> list[str]:
    sample, characters = [first], len(first)
    while len(sample) < HEADER_SAMPLE_LINES and characters < most_characters:
        line = next(lines, None)
        if line is None:
            break
        sample.append(line)
        characters += len(line)
    return sample


def _title_rows(sample: Sequence[str], limits: CsvLimits) -> int:
    """How many rows with a title, and blank ones, come before the header: Numbers writes `Table 1` there."""
    for place in range(min(MOST_TITLE_ROWS, len(sample) - 1) + 1):
        if '"' in "".join(sample[:place]):
            break  # a quoted cell may go over several lines: rows cannot be told
        if isinstance(_header_or_none(sample[place:], limits), Header):
            return place
    return 0


def _header_or_none(lines: Sequence[str], limits: CsvLimits) -> Header | MissingColumns | None:
    try:
        return read_header(lines, limits.columns)
    except csv.Error:
        return None


def _require_header(sample: Sequence[str], limits: CsvLimits, row: int) -> Header:
    try:
        header = read_header(sample, limits.columns)
    except csv.Error as error:
        raise CsvTooLarge("cell length", limits.cell_characters, "characters", row) from error
    if len(header.columns) > limits.columns:
        raise CsvTooLarge("columns", limits.columns, "columns", row)
    if isinstance(header, MissingColumns):
        raise NoColumns(tuple(_missing_column(needed, header, row) for needed in header.missing))
    if any("\0" in column for column in header.columns):
        hint = "Type the names of the columns again, and save the file as CSV UTF-8."
        raise UnreadableCsv("nul_character", "the header holds a NUL character", hint=hint, row=row)
    return dataclasses.replace(header, row=row)


def _missing_column(needed: NeededColumn, found: MissingColumns, row: int) -> CellError:
    problem = f"The column '{needed}' is missing"
    return CellError(row, needed, None, "missing_column", problem, _column_hint(needed, found))


def _column_hint(needed: NeededColumn, found: MissingColumns) -> str:
    if any(map(begins_address, found.columns)):
        return f"The first row must name the columns, and yours holds a product: put {_FIRST_ROW} above it."
    nearest = nearest_column(needed, found.columns[:LOOKED_AT_COLUMNS])
    if nearest is not None:
        return f"Rename the column '{shown_value(nearest)[:40]}' to '{needed}'."
    names = ", ".join(f"'{shown_value(column)[:40]}'" for column in found.columns[:10]) or "nothing"
    return f"Add a column with this name. The first row must name the columns; it names {names}."


def _rows(records: Iterator[CsvRecord], header: Header, limits: CsvLimits) -> Iterator[Product | BadRow]:
    first = next(records)
    if tuple(first.cells)[: len(header.columns)] != header.columns:
        problem = "the header does not end where its line does"
        hint = "Remove the quotation mark from the header, or close it."
        raise UnreadableCsv("unclosed_quote", problem, hint=hint, row=first.row)
    filled = blank = 0
    for record in records:
        if not any(map(str.strip, record.cells)):
            blank += 1
            _require_few_blank_rows(blank, limits, record.row)
            continue
        filled += 1
        if filled > limits.rows:
            raise CsvTooLarge("rows", limits.rows, "rows", record.row)
        if record.fault is None:
            yield judge_row(record.row, record.cells, header, limits)
        else:
            yield unreadable_row(record.row, record.cells, header, record.fault)
