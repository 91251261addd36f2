"""Reads a header as people write it: its delimiter, and which columns are the three needed ones (pure)."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

SHORTEST_NAME, LONGEST_NAME = 5, 40  # only such names are compared when a column may be misspelt


class Delimiter(StrEnum):
    COMMA = ","
    SEMICOLON = ";"
    TAB = "\t"
    PIPE = "|"

    @property
    def word(self) -> str:
        return self.name.lower()


class NeededColumn(StrEnum):
    """The columns every file must have, as the canonical header spells them."""

    SERIAL_NUMBER = "S. No."
    PRODUCT_NAME = "Product Name"
    IMAGE_URLS = "Input Image Urls"


# The first spelling that is found wins: a file with "Product Name" and "SKU" has its names in the former.
_ALIASES: Mapping[NeededColumn, Sequence[str]] = {
    NeededColumn.SERIAL_NUMBER: (
        *("sno", "serialnumber", "serialno", "srno", "slno", "serial", "snumber", "sn", "no", "nr"),
        *("number", "#", "rownumber", "rowno", "id"),
    ),
    NeededColumn.PRODUCT_NAME: (
        *("productname", "product", "name", "productsku", "sku", "productid", "producttitle", "title"),
        *("itemname", "item", "nameofproduct", "articlename", "article"),
    ),
    NeededColumn.IMAGE_URLS: (
        *("inputimageurls", "inputimageurl", "inputurls", "inputurl", "imageurls", "imageurl", "images"),
        *("image", "imagelinks", "imagelink", "imagesrc", "pictureurls", "pictureurl", "pictures", "picture"),
        *("photourls", "photourl", "photos", "photo", "urls", "url"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The columns as they were spelled, and the indexes of the three needed ones among them."""

    delimiter: Delimiter
    columns: tuple[str, ...]
    serial_number: int
    product_name: int
    image_urls: int
    row: int = 1  # of the file
    title_rows: int = 0  # above it, left out

    def taken(self) -> Mapping[NeededColumn, str]:
        """The columns that we took for the needed ones, as they were spelled."""
        return {
            NeededColumn.SERIAL_NUMBER: self.columns[self.serial_number],
            NeededColumn.PRODUCT_NAME: self.columns[self.product_name],
            NeededColumn.IMAGE_URLS: self.columns[self.image_urls],
        }

    def repeated(self) -> list[str]:
        """The needed columns whose name occurs again: the first was taken."""
        plain = [_plain(column) for column in self.columns]
        return [name for name in self.taken().values() if plain.count(_plain(name)) > 1]

    def guessed(self) -> Mapping[NeededColumn, str]:
        """The columns that we took for a needed one although they are named otherwise."""
        return {needed: name for needed, name in self.taken().items() if _plain(name) != _ALIASES[needed][0]}


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
    plain = {_plain(column)[:LONGEST_NAME]: column for column in columns}
    for alias in (alias for alias in _ALIASES[needed] if len(alias) >= SHORTEST_NAME):
        for near in get_close_matches(alias, plain, n=1, cutoff=0.8):
            return plain[near]
    return None


def _reading(lines: Sequence[str], delimiter: Delimiter, most_columns: int) -> Header | MissingColumns:
    cells = next(csv.reader(lines, delimiter=delimiter, skipinitialspace=True), [])
    while cells and not cells[-1].strip():
        cells.pop()
    columns = tuple(cells)
    if len(columns) > most_columns:  # not worth a search among a million
        return MissingColumns(delimiter, columns, tuple(NeededColumn))
    plain = [_plain(column) for column in columns]
    indexes = {needed: index for needed in NeededColumn if (index := _index(plain, needed)) is not None}
    missing = tuple(needed for needed in NeededColumn if needed not in indexes)
    if missing:
        return MissingColumns(delimiter, columns, missing)
    return Header(
        delimiter=delimiter,
        columns=columns,
        serial_number=indexes[NeededColumn.SERIAL_NUMBER],
        product_name=indexes[NeededColumn.PRODUCT_NAME],
        image_urls=indexes[NeededColumn.IMAGE_URLS],
    )


def _index(plain: Sequence[str], needed: NeededColumn) -> int | None:
    return next((plain.index(alias) for alias in _ALIASES[needed] if alias in plain), None)


def _plain(name: str) -> str:
    """The name without case, spaces, dots and the like, which do not tell columns apart."""
    letters = "".join(character for character in name.casefold() if character.isalnum())
    return letters or name.strip()
