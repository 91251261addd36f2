"""Reads lines of CSV into products: the header at once, the rows as they are asked for (pure).

Row numbers are those a spreadsheet shows. They count records, the header among them, not lines.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from services.ingest.csv_file.encodings.found import FoundEncoding
from services.ingest.csv_file.findings.damaged_rows import with_damage_named
from services.ingest.csv_file.header.column_choice import NOTHING_SAID, ColumnChoice
from services.ingest.csv_file.header.columns import Header
from services.ingest.csv_file.header.reading import spelled_columns
from services.ingest.csv_file.header.search import find_header
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.lines_ahead import LinesAhead
from services.ingest.csv_file.records import CsvRecord, Place, read_records
from services.ingest.csv_file.rows.of_exports import ExportRows
from services.ingest.csv_file.rows.of_lists import ListRows
from services.ingest.csv_file.rows.row import BadRow, Product, unreadable_row
from services.ingest.csv_file.verdicts import CellError, ErrorCode, UnreadableCsv
from shared.contract.csv_files import unspaced


@dataclass(frozen=True, slots=True)
class Table:
    header: Header
    rows: Iterator[Product | BadRow]  # blank rows are left out
    place: Place  # how far they were read


def open_table(
    lines: LinesAhead,
    limits: CsvLimits,
    choice: ColumnChoice = NOTHING_SAID,
    damaged: FoundEncoding | None = None,
) -> Table:
    """`damaged` is the encoding of a file in which bytes do not fit it.

    Raises `UnreadableCsv` or `CsvTooLarge`, here or while the rows are read.
    """
    csv.field_size_limit(limits.cell_characters)
    header = find_header(lines, limits, choice)
    place = Place(header.row - 1)
    records = read_records(lines, header, limits, place)
    if damaged is not None:
        records = with_damage_named(records, header, damaged)
    return Table(header, _judged_rows(records, header, limits, place), place)


def _judged_rows(
    records: Iterator[CsvRecord], header: Header, limits: CsvLimits, place: Place
) -> Iterator[Product | BadRow]:
    _require_whole_header(next(records), header)
    rows = ExportRows(header, limits) if header.is_export else ListRows(header, limits)
    judge, is_marked = rows.judge, header.is_marked
    for row, cells, fault in _filled(records, limits, place):
        if fault is None:
            yield judge(row, list(map(unspaced, cells)) if is_marked else cells)
        else:
            yield unreadable_row(row, cells, header, fault)


def _require_whole_header(first: CsvRecord, header: Header) -> None:
    if tuple(spelled_columns(first.cells)) != header.columns:
        raise UnreadableCsv(
            CellError(
                row=first.row,
                code=ErrorCode.UNCLOSED_QUOTE,
                problem="the header does not end where its line does",
                advice="Remove the quotation mark from the header, or close it.",
            )
        )


def _filled(records: Iterator[CsvRecord], limits: CsvLimits, place: Place) -> Iterator[CsvRecord]:
    """All records but blank ones. Raises `CsvTooLarge` for too many of either."""
    blank = 0
    for record in records:
        if any(map(str.strip, record.cells)):
            place.filled += 1
            if place.filled > limits.rows:
                raise limits.too_many_rows(record.row)
            yield record
        else:
            blank += 1
            if blank > limits.blank_rows:
                raise limits.too_many_blank_rows(record.row)
