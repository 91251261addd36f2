"""Writes the sheet of products as a CSV, row for row, so that all that reads CSVs reads it.

It blocks, so it runs in a thread.
"""

import codecs
import csv
import itertools
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import BinaryIO

from services.ingest.csv_file.spool import OpenSpool, open_spool
from services.ingest.csv_file.verdicts import UploadWarning
from services.ingest.workbook.kinds import open_workbook
from services.ingest.workbook.limits import WorkbookLimits
from services.ingest.workbook.sheet_choice import FindHeader, choose_sheet, further_sheets
from services.ingest.workbook.text_rows import TextRow, text_rows
from services.ingest.workbook.warnings import Noticed, workbook_warnings

WRITE_BYTES = 256 * 1024
ROWS_BESIDES = 100  # the header, and what may stand above it, are no rows of the limit


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetCsv:
    """The CSV that was made of a sheet; the caller closes its file."""

    file: BinaryIO
    sheet: str
    is_of_lines: bool  # each row stood in its first cell
    warnings: tuple[UploadWarning, ...]


def sheet_as_csv(
    file: BinaryIO, limits: WorkbookLimits, find_header: FindHeader, open_spool: OpenSpool = open_spool
) -> SheetCsv:
    """Raises `UnreadableCsv` or `CsvTooLarge` when the workbook cannot be taken."""
    with ExitStack() as held:
        workbook = open_workbook(file, limits, lambda: held.enter_context(closing(open_spool())))
        chosen = choose_sheet(workbook, find_header, limits)
        noticed = Noticed()
        rows = workbook.rows(chosen.sheet, chosen.header)
        if chosen.lines is not None:
            rows = chosen.lines.split(rows, limits)
        spool = _written(text_rows(rows, chosen.header, noticed, limits), limits, open_spool())
        # At last: what is wrong behind the sheet that was read is no matter.
        further = further_sheets(workbook, chosen, find_header, limits)
    warnings = tuple(workbook_warnings(chosen, further, noticed))
    return SheetCsv(
        file=spool, sheet=chosen.sheet.name, is_of_lines=chosen.lines is not None, warnings=warnings
    )


def _written(rows: Iterator[TextRow], limits: WorkbookLimits, spool: BinaryIO) -> BinaryIO:
    try:
        _Writer(_Output(spool, limits), limits).write(rows)
        spool.seek(0)
    except BaseException:
        spool.close()
        raise
    return spool


class _Output:
    """Takes line after line, and hands them on in large pieces."""

    def __init__(self, spool: BinaryIO, limits: WorkbookLimits) -> None:
        self._spool = spool
        self._limits = limits
        self._waiting = bytearray(codecs.BOM_UTF8)  # so that nobody needs to find out the encoding
        self._written = 0
        self.row = 0

    def write(self, line: str) -> None:
        self._waiting += line.encode()
        if len(self._waiting) >= WRITE_BYTES:
            self.flush()

    def flush(self) -> None:
        self._written += len(self._waiting)
        if self._written > self._limits.csv_bytes:
            raise self._limits.too_large_as_csv(self.row)
        self._spool.write(self._waiting)
        self._waiting.clear()


class _Writer:
    def __init__(self, output: _Output, limits: WorkbookLimits) -> None:
        self._output = output
        self._limits = limits.csv
        self._next_row = 1
        self._filled = self._blank = 0

    def write(self, rows: Iterator[TextRow]) -> None:
        writer = csv.writer(self._output)
        for row in rows:
            self._count(row)
            self._output.row = row.number
            writer.writerows(itertools.repeat((), row.number - self._next_row))
            writer.writerows(itertools.repeat(row.texts, row.repeated))
            self._next_row = row.number + row.repeated
        self._output.flush()

    def _count(self, row: TextRow) -> None:
        self._blank += row.number - self._next_row
        self._filled += row.repeated
        if self._blank > self._limits.blank_rows:
            raise self._limits.too_many_blank_rows(row.number)
        if self._filled > self._limits.rows + ROWS_BESIDES:
            raise self._limits.too_many_rows(row.number)
