"""Finds the header in the first lines of a file, after blank rows and titles (pure)."""

import csv
import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence

from services.ingest.csv_file.header import errors
from services.ingest.csv_file.header.column_choice import ColumnChoice
from services.ingest.csv_file.header.column_names import SPELLINGS, NeededColumn, plain
from services.ingest.csv_file.header.column_search import Certainty
from services.ingest.csv_file.header.columns import Header, MissingColumns
from services.ingest.csv_file.header.reading import read_header
from services.ingest.csv_file.image_urls.cell import begins_address
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.lines_ahead import LinesAhead
from services.ingest.csv_file.verdicts import SHOWN_CHARACTERS, UnreadableCsv

HEADER_SAMPLE_LINES = 20
MOST_TITLE_ROWS = 8
NOTHING = ' \t\r\n\ufeff,;|"'  # all that a blank row holds

_OTHER_QUOTES = re.compile(r"'.*'|[\u2018\u201c\u201e\u00ab].*[\u2019\u201d\u201c\u00bb]", re.DOTALL)
_EXCEL_HINT = re.compile(r"\ufeff?\"?sep=(.)\"?[\r\n]*", re.IGNORECASE)


def find_header(lines: LinesAhead, limits: CsvLimits, choice: ColumnChoice) -> Header:
    """The header, whose lines are then the next ones again. Raises `UnreadableCsv` or `CsvTooLarge` when
    there is none.
    """
    blank_rows, sample = _first_lines(lines, limits)
    if len(sample[0]) > limits.cell_characters:
        raise limits.line_too_long(blank_rows + 1)
    if not choice.names and _lies_on_its_side(sample):
        raise UnreadableCsv(errors.on_its_side(blank_rows + 1))
    title_rows = _count_title_rows(sample, limits, choice)
    sample, row = sample[title_rows:], blank_rows + title_rows + 1
    header = _require_header(sample, limits, row, choice)
    lines.put_back(sample)
    return dataclasses.replace(header, row=row, title_rows=title_rows)


def _first_lines(lines: Iterator[str], limits: CsvLimits) -> tuple[int, list[str]]:
    """How many blank rows come first, and the lines after them, enough to hold the header."""
    blank_rows = 0
    for line in lines:
        if _EXCEL_HINT.fullmatch(line):
            continue  # a spreadsheet obeys this line and does not show it
        if line.strip(NOTHING):
            return blank_rows, _sample(line.removeprefix("\ufeff"), lines, limits.cell_characters)
        blank_rows += 1
        if blank_rows > limits.blank_rows:
            raise limits.too_many_blank_rows(blank_rows)
    raise UnreadableCsv(errors.only_blank_rows())


def _sample(first: str, lines: Iterator[str], most_characters: int) -> list[str]:
    sample, characters = [first], len(first)
    while len(sample) < HEADER_SAMPLE_LINES and characters < most_characters:
        line = next(lines, None)
        if line is None:
            break
        sample.append(line)
        characters += len(line)
    return sample


def _count_title_rows(sample: Sequence[str], limits: CsvLimits, choice: ColumnChoice) -> int:
    """How many rows with a title, and blank ones, come before the header: Numbers writes `Table 1` there."""
    best, title_rows = None, 0
    no_headers: dict[int, MissingColumns] = {}  # by how many rows come before each
    for rows_above in range(min(MOST_TITLE_ROWS, len(sample) - 1) + 1):
        if any(line.count('"') % 2 for line in sample[:rows_above]):
            break  # a quoted cell goes over several lines: they cannot be counted as rows
        if not sample[rows_above].strip(NOTHING):
            continue
        reading = _reading_or_none(sample[rows_above:], limits, choice)
        if isinstance(reading, MissingColumns):
            no_headers[rows_above], reading = reading, None
        if best is None:
            best, title_rows = reading, rows_above if reading is not None else 0
        elif reading is not None and _is_better(reading, best, is_next=rows_above == title_rows + 1):
            best, title_rows = reading, rows_above
        else:
            break  # a product: what reads as a header further below stands there again
    return title_rows if best is not None else _count_rows_above_names(no_headers)


def _count_rows_above_names(no_headers: Mapping[int, MissingColumns]) -> int:
    """Where no row is a header: how many come before the one that is meant to be. It names a needed column,
    and has more cells than the title in the first row.
    """
    first_row = no_headers.get(0)
    if first_row is None or _names_a_needed_one(first_row) or any(map(begins_address, first_row.columns)):
        return 0
    names = (
        rows_above
        for rows_above, reading in no_headers.items()
        if _names_a_needed_one(reading) and _width(reading) > _width(first_row)
    )
    return next(names, 0)


def _names_a_needed_one(reading: MissingColumns) -> bool:
    is_product = any(map(begins_address, reading.columns))
    return len(reading.missing) < len(NeededColumn) and not is_product


def _width(reading: MissingColumns) -> int:
    return sum(bool(column.strip()) for column in reading.columns)


def _is_better(lower: tuple[Header, Certainty], upper: tuple[Header, Certainty], *, is_next: bool) -> bool:
    return lower[1] > upper[1] or (is_next and _says_the_same(lower, upper))


def _says_the_same(lower: tuple[Header, Certainty], upper: tuple[Header, Certainty]) -> bool:
    """Amazon names each column twice: for people, and below that for its programs."""
    (below, certainty), (above, certainty_above) = lower, upper
    is_as_wide = len(below.columns) == len(above.columns)
    return certainty == certainty_above and is_as_wide and below.image_urls == above.image_urls


def _reading_or_none(
    lines: Sequence[str], limits: CsvLimits, choice: ColumnChoice
) -> tuple[Header, Certainty] | MissingColumns | None:
    try:
        return read_header(lines, limits.columns, choice)
    except csv.Error:
        return None


def _require_header(sample: Sequence[str], limits: CsvLimits, row: int, choice: ColumnChoice) -> Header:
    try:
        reading = read_header(sample, limits.columns, choice)
    except csv.Error as error:
        raise limits.cell_too_long(row) from error
    columns = reading.columns if isinstance(reading, MissingColumns) else reading[0].columns
    if len(columns) > limits.columns:
        raise limits.too_many_columns(row)
    if isinstance(reading, MissingColumns):
        raise UnreadableCsv(*errors.missing_columns(reading, row), columns=_to_choose_from(reading.columns))
    if any("\0" in column for column in columns):
        raise UnreadableCsv(errors.nul_in_header(row))
    if all(_OTHER_QUOTES.fullmatch(column.strip()) for column in columns):
        raise UnreadableCsv(errors.other_quotes(columns[0], row))
    return reading[0]


def _to_choose_from(columns: Sequence[str]) -> Sequence[str]:
    """None where the first row is a product. What is very long is no name."""
    if any(map(begins_address, columns)):
        return ()
    names = (column.strip() for column in columns)
    return [name for name in names if name and name.isprintable() and len(name) <= SHOWN_CHARACTERS]


def _lies_on_its_side(sample: Sequence[str]) -> bool:
    """Whether its first column names what others have in their first row."""
    first_cells = {plain(re.split(r"[,;\t|]", line, maxsplit=1)[0]) for line in sample}
    return first_cells >= {SPELLINGS[NeededColumn.PRODUCT_NAME][0], SPELLINGS[NeededColumn.IMAGE_URLS][0]}
