"""Reads the line of a header under each delimiter, and takes the one under which it is a header (pure)."""

import csv
from collections.abc import Sequence

from services.ingest.csv_file.header.column_choice import ColumnChoice
from services.ingest.csv_file.header.column_names import NeededColumn
from services.ingest.csv_file.header.column_search import Certainty, ColumnSearch
from services.ingest.csv_file.header.columns import Delimiter, Header, MissingColumns
from services.ingest.csv_file.header.sample import Sample
from services.ingest.csv_file.leading_spaces import with_leading_spaces
from shared.contract.csv_files import MARK_COLUMNS, unspaced


def read_header(
    lines: Sequence[str], most_columns: int, choice: ColumnChoice
) -> tuple[Header, Certainty] | MissingColumns:
    """Reads the header from the file's first lines, the first of which is not blank."""
    readings = [_reading(lines, delimiter, most_columns, choice) for delimiter in Delimiter]
    found = [reading for reading in readings if not isinstance(reading, MissingColumns)]
    if found:
        return max(found, key=lambda reading: (reading[1], len(reading[0].image_urls)))
    failed = [reading for reading in readings if isinstance(reading, MissingColumns)]
    return min(failed, key=lambda reading: (len(reading.missing), -len(reading.columns)))


def spelled_columns(cells: Sequence[str]) -> list[str]:
    """The cells of the header's row, without blank ones at its end and without the spaces of our own."""
    columns = list(cells)
    while columns and not columns[-1].strip():
        columns.pop()
    is_marked = tuple(columns[-len(MARK_COLUMNS) :]) == MARK_COLUMNS
    return list(map(unspaced, columns)) if is_marked else columns


def _reading(
    lines: Sequence[str], delimiter: Delimiter, most_columns: int, choice: ColumnChoice
) -> tuple[Header, Certainty] | MissingColumns:
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    cells = next(reader, [])
    width = len(cells)
    if width <= most_columns:
        cells = spelled_columns(with_leading_spaces(lines[: reader.line_num], cells, delimiter))
    columns = tuple(cells[: most_columns + 1])
    if len(columns) > most_columns:  # not worth a search among a million
        return MissingColumns(delimiter=delimiter, columns=columns, missing=tuple(NeededColumn))
    return ColumnSearch(columns, delimiter, choice, Sample(reader), width - len(columns)).header()
