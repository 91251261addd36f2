"""Reads a header as people write it: its delimiter, and which columns are the three needed ones (pure)."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from services.ingest.csv_file.column_names import SPELLINGS, NeededColumn, image_columns, plain

SHORTEST_NAME, LONGEST_NAME = 5, 40  # only such names are compared when a column may be misspelt


class Delimiter(StrEnum):
    COMMA = ","
    SEMICOLON = ";"
    TAB = "\t"
    PIPE = "|"

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The columns as they were spelled, and the indexes of the needed ones among them."""

    delimiter: Delimiter
    columns: tuple[str, ...]
    serial_number: int
    product_name: int
    image_urls: tuple[int, ...]  # in the order in which the images are meant
    row: int = 1  # of the file
    title_rows: int = 0  # above it, left out

    @property
    def last_image(self) -> int:
        """The column behind which image URLs may run over."""
        return max(self.image_urls)

    def taken(self) -> Mapping[NeededColumn, Sequence[str]]:
        """The columns that we took for the needed ones, as they were spelled."""
        return {
            NeededColumn.SERIAL_NUMBER: [self.columns[self.serial_number]],
            NeededColumn.PRODUCT_NAME: [self.columns[self.product_name]],
            NeededColumn.IMAGE_URLS: [self.columns[index] for index in self.image_urls],
        }

    def repeated(self) -> list[str]:
        """The columns of which one is needed and whose name occurs again: the first was taken."""
        names = [plain(column) for column in self.columns]
        one_each = (self.columns[self.serial_number], self.columns[self.product_name])
        return [name for name in one_each if names.count(plain(name)) > 1]

    def guessed(self) -> Mapping[NeededColumn, Sequence[str]]:
        """The columns that we took for a needed one although they are named otherwise, or are several."""
        return {
            needed: names
            for needed, names in self.taken().items()
            if [plain(name) for name in names] != [SPELLINGS[needed][0]]
        }


@dataclass(frozen=True, slots=True)
class MissingColumns:
    """No delimiter makes a header of the first row. This is the best reading of it."""

    delimiter: Delimiter
    columns: tuple[str, ...]
    missing: tuple[NeededColumn, ...]


def read_header(lines: Sequence[str], most_columns: int) -> Header | MissingColumns:
    """Reads the header from the file's first lines, the first of which is not blank."""
    readings = [_reading(lines, delimiter, most_columns) for delimiter in Delimiter]
    for reading in readings:
        if isinstance(reading, Header):
            return reading
    failed = [reading for reading in readings if isinstance(reading, MissingColumns)]
    return min(failed, key=lambda reading: (len(reading.missing), -len(reading.columns)))


def nearest_column(needed: NeededColumn, columns: Sequence[str]) -> str | None:
    """The column whose name is nearly a known one. Short names are not compared: too many are near them."""
    names = {plain(column)[:LONGEST_NAME]: column for column in columns}
    for spelling in (spelling for spelling in SPELLINGS[needed] if len(spelling) >= SHORTEST_NAME):
        for near in get_close_matches(spelling, names, n=1, cutoff=0.8):
            return names[near]
    return None


def _reading(lines: Sequence[str], delimiter: Delimiter, most_columns: int) -> Header | MissingColumns:
    cells = next(csv.reader(lines, delimiter=delimiter, skipinitialspace=True), [])
    while cells and not cells[-1].strip():
        cells.pop()
    columns = tuple(cells)
    if len(columns) > most_columns:  # not worth a search among a million
        return MissingColumns(delimiter, columns, tuple(NeededColumn))
    names = [plain(column) for column in columns]
    serial_number = _index(names, NeededColumn.SERIAL_NUMBER)
    product_name = _index(names, NeededColumn.PRODUCT_NAME)
    image_urls = image_columns(columns)
    if serial_number is None or product_name is None or not image_urls:
        found = (serial_number is not None, product_name is not None, bool(image_urls))
        missing = tuple(needed for needed, is_there in zip(NeededColumn, found, strict=True) if not is_there)
        return MissingColumns(delimiter, columns, missing)
    return Header(
        delimiter=delimiter,
        columns=columns,
        serial_number=serial_number,
        product_name=product_name,
        image_urls=image_urls,
    )


def _index(names: Sequence[str], needed: NeededColumn) -> int | None:
    return next((names.index(spelling) for spelling in SPELLINGS[needed] if spelling in names), None)
