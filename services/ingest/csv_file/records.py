"""Reads lines into records: which lines make one row, and what is wrong with its quotation marks (pure).

The csv module reads quotation marks as spreadsheets do, which forgives much. But one that runs on into the
next rows would swallow them without a word, so that is an error here.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.ingest.csv_file.header.columns import Header
from services.ingest.csv_file.leading_spaces import with_leading_spaces
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.verdicts import CellError, ErrorCode, UnreadableCsv, shown_value

END_OF_FILE = "\x1a"  # Ctrl-Z, with which DOS programs end a text; within one it is a character like others
_HINT = 'Remove it, or close it; inside a quoted cell a quotation mark is written "".'


class CsvRecord(NamedTuple):  # a million may come: a tuple is made in half the time of a dataclass
    """One row as it was sent. With a `fault` nobody knows where its cells end: it is one cell."""

    row: int
    cells: list[str]
    fault: CellError | None


@dataclass(slots=True)
class Place:
    """How far a file was read. Whoever takes rows out of its lines counts them here."""

    row: int  # that was read last
    filled: int = 0  # rows below the header that are not blank


def read_records(
    lines: Iterator[str], header: Header, limits: CsvLimits, place: Place
) -> Iterator[CsvRecord]:
    """Every row from the header on, blank ones too. Raises `UnreadableCsv` or `CsvTooLarge`."""
    source = _Lines(lines, limits, header, place)
    reader = csv.reader(source, delimiter=header.delimiter, skipinitialspace=True)
    while True:
        source.next_row()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise limits.cell_too_long(place.row) from error
        if source.ended_inside:
            raise _unclosed_quote(place.row, cells or [], header)
        if cells is None:
            return
        if source.is_spaced:
            cells = with_leading_spaces(source.of_row, cells, header.delimiter)
        may_be_faulty = len(source.of_row) > 1 or source.is_escaped
        fault = _fault(source, cells, header) if may_be_faulty else None
        yield CsvRecord(place.row, cells if fault is None else [source.text_of_row()], fault)


class _Lines:
    """Hands lines to the csv module, and remembers those of the row that it is reading."""

    def __init__(self, lines: Iterator[str], limits: CsvLimits, header: Header, place: Place) -> None:
        self._lines = lines
        self._limits = limits
        self._longest_line = limits.cell_characters
        self._most_lines = limits.row_lines
        self._most_characters = limits.row_characters
        self._gap = f"{header.delimiter} "
        self._characters = 0
        self.place = place
        self.is_spaced = False  # a cell may begin with a space
        self.is_escaped = False  # a quotation mark may be written as programs write it, and no spreadsheet
        self.of_row: list[str] = []
        self.ended_inside = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.ended_inside = bool(self.of_row)
            raise StopIteration
        if line[-1] == END_OF_FILE:
            line = line.rstrip(END_OF_FILE) or "\n"
        if self._gap in line or line[0] == " ":
            self.is_spaced = True
        if '\\"' in line:
            self.is_escaped = True
        self.of_row.append(line)
        length = len(line)
        self._characters += length
        if length > self._longest_line:
            raise self._limits.line_too_long(self.place.row)
        if len(self.of_row) > self._most_lines:
            raise self._limits.too_many_lines(self.place.row)
        if self._characters > self._most_characters:
            raise self._limits.row_too_long(self.place.row)
        return line

    def text_of_row(self) -> str:
        return "".join(self.of_row).rstrip("\r\n")

    def next_row(self) -> None:
        self.place.row += 1
        self.is_spaced = self.is_escaped = False
        self.of_row.clear()
        self._characters = 0


def _unclosed_quote(row: int, cells: Sequence[str], header: Header) -> UnreadableCsv:
    return UnreadableCsv(
        CellError(
            row=row,
            column=_column(header, len(cells) - 1),
            value=shown_value(cells[-1]) if cells else None,
            code=ErrorCode.UNCLOSED_QUOTE,
            problem="a quotation mark is opened and never closed",
            advice=_HINT,
        )
    )


def _fault(source: _Lines, cells: Sequence[str], header: Header) -> CellError | None:
    """A stray quotation mark joins rows up to the next mark, and text follows that one directly."""
    if _is_strict_csv(source.of_row, header.delimiter):
        return None
    is_of_lines = len(source.of_row) > 1
    ends = ("\n", "\r") if is_of_lines else ("\\",)
    index = next((index for index, cell in enumerate(cells) if any(end in cell for end in ends)), -1)
    return CellError(
        row=source.place.row,
        column=_column(header, index),
        value=shown_value(cells[index]),
        code=ErrorCode.STRAY_QUOTE,
        problem="a quotation mark stands where none belongs and runs on into the next rows"
        if is_of_lines
        else 'a quotation mark is written \\"',
        advice=_HINT,
    )


def _is_strict_csv(lines: Sequence[str], delimiter: str) -> bool:
    try:
        list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error:
        return False
    return True


def _column(header: Header, index: int) -> str | None:
    return header.name(index) if 0 <= index < len(header.columns) else None
