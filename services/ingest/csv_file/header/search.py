"""Finds the header in the first lines of a file, after blank rows and titles; says what it lacks (pure)."""

import csv
import dataclasses
import re
from collections.abc import Iterator, Sequence

from services.ingest.csv_file.header.column_choice import ColumnChoice
from services.ingest.csv_file.header.column_names import (
    SPELLINGS,
    NeededColumn,
    holds_pages,
    nearest_column,
    plain,
)
from services.ingest.csv_file.header.column_search import Certainty
from services.ingest.csv_file.header.columns import Header, MissingColumns
from services.ingest.csv_file.header.first_row import WHOLE, names_above
from services.ingest.csv_file.header.reading import read_header
from services.ingest.csv_file.image_urls.cell import begins_address
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.lines_ahead import LinesAhead
from services.ingest.csv_file.verdicts import (
    SHOWN_CHARACTERS,
    CellError,
    ErrorCode,
    UnreadableCsv,
    shown_value,
)

HEADER_SAMPLE_LINES = 20
MOST_TITLE_ROWS = 8
NOTHING = ' \t\r\n\ufeff,;|"'  # all that a blank row holds

_FIRST_ROW = f"'{','.join(WHOLE)}'"
_OTHER_QUOTES = re.compile(r"'.*'|[\u2018\u201c\u201e\u00ab].*[\u2019\u201d\u201c\u00bb]", re.DOTALL)
_SEPARATED = re.compile(r"\w\W*(?:[,;|\t^~\x1c-\x1f]|\s{2})\W*\w")
_EXCEL_HINT = re.compile(r"\ufeff?\"?sep=(.)\"?[\r\n]*", re.IGNORECASE)


def find_header(lines: LinesAhead, limits: CsvLimits, choice: ColumnChoice) -> Header:
    """The header, whose lines are then the next ones again. Raises `UnreadableCsv` or `CsvTooLarge` when
    there is none.
    """
    blank_rows, sample = _first_lines(lines, limits)
    if len(sample[0]) > limits.cell_characters:
        raise limits.line_too_long(blank_rows + 1)
    if not choice.names and _lies_on_its_side(sample):
        raise UnreadableCsv(_on_its_side(blank_rows + 1))
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
    raise UnreadableCsv(
        CellError(
            code=ErrorCode.EMPTY_FILE,
            problem="The file holds blank rows only.",
            advice=f"Save the sheet that holds your products: {_FIRST_ROW} in its first row, "
            "then one product a row.",
        )
    )


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
    for rows_above in range(min(MOST_TITLE_ROWS, len(sample) - 1) + 1):
        if any(line.count('"') % 2 for line in sample[:rows_above]):
            break  # a quoted cell goes over several lines: they cannot be counted as rows
        if not sample[rows_above].strip(NOTHING):
            continue
        reading = _header_or_none(sample[rows_above:], limits, choice)
        if best is None:
            best, title_rows = reading, rows_above if reading is not None else 0
        elif reading is not None and _is_better(reading, best, is_next=rows_above == title_rows + 1):
            best, title_rows = reading, rows_above
        else:
            break  # a product: what reads as a header further below stands there again
    return title_rows


def _is_better(lower: tuple[Header, Certainty], upper: tuple[Header, Certainty], *, is_next: bool) -> bool:
    return lower[1] > upper[1] or (is_next and _says_the_same(lower, upper))


def _says_the_same(lower: tuple[Header, Certainty], upper: tuple[Header, Certainty]) -> bool:
    """Amazon names each column twice: for people, and below that for its programs."""
    (below, certainty), (above, certainty_above) = lower, upper
    is_as_wide = len(below.columns) == len(above.columns)
    return certainty == certainty_above and is_as_wide and below.image_urls == above.image_urls


def _header_or_none(
    lines: Sequence[str], limits: CsvLimits, choice: ColumnChoice
) -> tuple[Header, Certainty] | None:
    try:
        reading = read_header(lines, limits.columns, choice)
    except csv.Error:
        return None
    return None if isinstance(reading, MissingColumns) else reading


def _require_header(sample: Sequence[str], limits: CsvLimits, row: int, choice: ColumnChoice) -> Header:
    try:
        reading = read_header(sample, limits.columns, choice)
    except csv.Error as error:
        raise limits.cell_too_long(row) from error
    columns = reading.columns if isinstance(reading, MissingColumns) else reading[0].columns
    if len(columns) > limits.columns:
        raise limits.too_many_columns(row)
    if isinstance(reading, MissingColumns):
        raise UnreadableCsv(*_missing_columns(reading, row), columns=_to_choose_from(reading.columns))
    if any("\0" in column for column in columns):
        raise UnreadableCsv(_nul_in_header(row))
    if all(_OTHER_QUOTES.fullmatch(column.strip()) for column in columns):
        raise UnreadableCsv(_other_quotes(columns[0], row))
    return reading[0]


def _missing_columns(found: MissingColumns, row: int) -> Sequence[CellError]:
    if found.not_there:
        return [_not_there(name, found, row) for name in found.not_there]
    if any(map(begins_address, found.columns)):
        return [_no_names(found, row)]
    if len(found.columns) == 1 and _SEPARATED.search(found.columns[0]):
        return [_in_one_column(found.columns[0], row)]
    return [_missing_column(needed, found, row) for needed in found.missing]


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


def _on_its_side(row: int) -> CellError:
    return CellError(
        row=row,
        code=ErrorCode.MISSING_COLUMN,
        problem="The table lies on its side: its first column names what belongs into the first row",
        advice="Turn it: copy it, paste it with Paste Special > Transpose, and upload that sheet.",
    )


def _other_quotes(column: str, row: int) -> CellError:
    return CellError(
        row=row,
        value=shown_value(column),
        code=ErrorCode.STRAY_QUOTE,
        problem=f"The cells stand in quotation marks of another kind: {shown_value(column)[:60]}",
        advice='Write " around them, or no quotation marks.',
    )


def _in_one_column(column: str, row: int) -> CellError:
    return CellError(
        row=row,
        value=shown_value(column),
        code=ErrorCode.MISSING_COLUMN,
        problem=f"All columns were read as one: '{shown_value(column)[:60]}'",
        advice="Separate the columns by commas, semicolons or tabs, and put quotation marks around a cell"
        " that holds one of these, never around a whole row.",
    )


def _nul_in_header(row: int) -> CellError:
    return CellError(
        row=row,
        code=ErrorCode.NUL_CHARACTER,
        problem="the header holds a NUL character",
        advice="Type the names of the columns again, and save the file as CSV UTF-8.",
    )


def _no_names(found: MissingColumns, row: int) -> CellError:
    names = found.delimiter.join(names_above(found.columns))
    return CellError(
        row=row,
        code=ErrorCode.MISSING_COLUMN,
        problem="The first row names no columns, it holds a product",
        advice=f"Put '{names}' above it, as a row of its own.",
    )


def _missing_column(needed: NeededColumn, found: MissingColumns, row: int) -> CellError:
    pages = next(filter(holds_pages, found.columns), None) if needed is NeededColumn.IMAGE_URLS else None
    instead = "" if pages is None else f": '{shown_value(pages.strip())}' holds the addresses of pages"
    return CellError(
        row=row,
        column=needed,
        code=ErrorCode.MISSING_COLUMN,
        problem=f"The column '{needed}' is missing{instead}",
        advice=_column_hint(needed, found),
    )


def _not_there(name: str, found: MissingColumns, row: int) -> CellError:
    return CellError(
        row=row,
        column=shown_value(name),
        code=ErrorCode.MISSING_COLUMN,
        problem=f"The column '{shown_value(name)}', which the field 'columns' names, is missing",
        advice=f"Name a column of the file in the field 'columns'. It has {_names(found)}.",
    )


def _column_hint(needed: NeededColumn, found: MissingColumns) -> str:
    nearest = nearest_column(needed, found.columns)
    if nearest is not None:
        return f"Rename the column '{shown_value(nearest.strip())[:40]}' to '{needed}'."
    instead = " If one of these is meant, the field 'columns' says so." if found.columns else ""
    named = f"The first row must name the columns; it names {_names(found)}."
    return f"Add a column with this name. {named}{instead}"


def _names(found: MissingColumns) -> str:
    return ", ".join(f"'{shown_value(column.strip())[:40]}'" for column in found.columns[:10]) or "nothing"
