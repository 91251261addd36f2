"""Writes the customer's file again with what is wrong beside each row. It blocks, so it runs in a thread.

Every row keeps its place and its delimiter, so the file can be mended and sent again.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from services.ingest.csv_file.encodings.known import UTF_8
from services.ingest.csv_file.header.column_choice import NOTHING_SAID, ColumnChoice
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.rows.row import BadRow
from services.ingest.csv_file.spool import OpenSpool, open_spool
from services.ingest.csv_file.table import Table, open_table
from services.ingest.csv_file.text import encoding_of, text_lines
from services.ingest.csv_file.verdicts import CellError
from shared.contract.csv_files import MARK_COLUMNS, spaced, unmarked

SHOWN_ERRORS = 10  # of one row


def mark_rows(
    file: BinaryIO,
    limits: CsvLimits,
    *,
    open_spool: OpenSpool = open_spool,
    choice: ColumnChoice = NOTHING_SAID,
    codec: str | None = None,
) -> BinaryIO:
    """A file that was read before, marked; the caller closes what is returned."""
    encoding = encoding_of(file, codec)
    # A program that wrote another encoding takes UTF-8 for what it is only with the mark.
    has_mark = encoding.codec != UTF_8
    with (
        text_lines(file, encoding, limits.cell_characters) as lines,
        _written(open_spool(), has_mark=has_mark) as (spool, text),
    ):
        damaged = encoding if encoding.is_damaged else None
        _write_table(open_table(lines, limits, choice, damaged), text)
    return spool


def list_errors(errors: Sequence[CellError]) -> BinaryIO:
    """Only the columns of marks, for a file whose rows cannot be read."""
    with _written(open_spool(), has_mark=False) as (spool, text):
        writer = csv.writer(text)
        writer.writerow(MARK_COLUMNS)
        writer.writerows(_safe((f"{error.sentence().removesuffix('.')}.", error.hint)) for error in errors)
    return spool


@contextmanager
def _written(spool: BinaryIO, *, has_mark: bool) -> Iterator[tuple[BinaryIO, io.TextIOWrapper]]:
    try:
        spool.write(codecs.BOM_UTF8 if has_mark else b"")
        text = io.TextIOWrapper(spool, encoding="utf-8", newline="")
        yield spool, text
        text.detach()
        spool.seek(0)
    except BaseException:
        spool.close()
        raise


def _write_table(table: Table, text: io.TextIOWrapper) -> None:
    writer = csv.writer(text, delimiter=table.header.delimiter)
    width = len(unmarked(table.header.columns))
    writer.writerows([()] * (table.header.row - 1))
    writer.writerow(_safe([*table.header.columns[:width], *MARK_COLUMNS]))
    next_row = table.header.row + 1
    for row in table.rows:
        writer.writerows([()] * (row.row - next_row))  # blank rows were left out
        marks = _marks(row.errors) if isinstance(row, BadRow) else ("", "")
        writer.writerow(_safe([*row.cells[:width], *marks]))
        next_row = row.row + 1


def _marks(errors: Sequence[CellError]) -> tuple[str, str]:
    shown = errors[:SHOWN_ERRORS]
    problems = [error.problem for error in shown]
    if len(errors) > SHOWN_ERRORS:
        problems.append(f"and {len(errors) - SHOWN_ERRORS:,} more")
    hints = dict.fromkeys(filter(None, (error.hint for error in shown)))
    text = "; ".join(problems).removesuffix(".")
    return f"{text[0].upper()}{text[1:]}.", " ".join(hints)


def _safe(cells: Sequence[str]) -> list[str]:
    return [spaced(cell) for cell in cells]
