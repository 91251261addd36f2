"""Finds the delimiter and the three columns we need in the header people wrote (pure)."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

DELIMITERS = (",", ";", "\t", "|")
SHORTEST_NAME, LONGEST_NAME = 5, 40  # of what is looked at for a misspelling


class NeededColumn(StrEnum):
    """The columns every file must have, as the canonical header spells them."""

    SERIAL_NUMBER = "S. No."
    PRODUCT_NAME = "Product Name"
    IMAGE_URLS = "Input Image Urls"


# The first spelling that is there wins: a file with "Product Name" and "SKU" has its names in the former.
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


@dataclass(frozen=True, slots=True)
class Header:
    """Where the three needed columns stand among the columns as they were spelled."""

    delimiter: str
    columns: tuple[str, ...]
    serial_number: int
    product_name: int
    image_urls: int
    row: int = 1  # where it stands in the file
    title_rows: int = 0  # above it, left out

    def place(self, needed: NeededColumn) -> int:
        match needed:
            case NeededColumn.SERIAL_NUMBER:
                return self.serial_number
            case NeededColumn.PRODUCT_NAME:
                return self.product_name
            case NeededColumn.IMAGE_URLS:
                return self.image_urls

    def repeated(self) -> list[str]:
        """The needed columns whose name occurs again: the first was taken."""
        plain = [_plain(column) for column in self.columns]
        places = [self.place(needed) for needed in NeededColumn]
        return [self.columns[place] for place in places if plain.count(plain[place]) > 1]

    def guessed(self) -> Mapping[NeededColumn, str]:
        """The columns that we took for a needed one although they are named otherwise."""
        taken = zip(NeededColumn, (self.serial_number, self.product_name, self.image_urls), strict=True)
        named = {needed: self.columns[place] for needed, place in taken}
        return {needed: name for needed, name in named.items() if _plain(name) != _ALIASES[needed][0]}


@dataclass(frozen=True, slots=True)
class MissingColumns:
    """No delimiter makes a header of the first row; this is the best reading of it."""

    delimiter: str
    columns: tuple[str, ...]
    missing: tuple[NeededColumn, ...]


def read_header(lines: Sequence[str], most_columns: int) -> Header | MissingColumns:
    """Reads the header from the file's first lines, the first of which is not blank."""
    readings = [_reading(lines, delimiter, most_columns) for delimiter in DELIMITERS]
    for reading in readings:
        if isinstance(reading, Header):
            return reading
    failed = [reading for reading in readings if isinstance(reading, MissingColumns)]
    return min(failed, key=lambda reading: (len(reading.missing), -len(reading.columns)))


def nearest_column(needed: NeededColumn, columns: Sequence[str]) -> str | None:
    """The column whose name is nearly one that is known; a name of few letters is near to nothing."""
    plain = {_plain(column)[:LONGEST_NAME]: column for column in columns}
    for alias in (alias for alias in _ALIASES[needed] if len(alias) >= SHORTEST_NAME):
        for near in get_close_matches(alias, plain, n=1, cutoff=0.8):
            return plain[near]
    return None


def _reading(lines: Sequence[str], delimiter: str, most_columns: int) -> Header | MissingColumns:
    cells = next(csv.reader(lines, delimiter=delimiter, skipinitialspace=True), [])
    while cells and not cells[-1].strip():
        cells.pop()
    columns = tuple(cells)
    if len(columns) > most_columns:  # not worth a search among a million
        return MissingColumns(delimiter, columns, tuple(NeededColumn))
    plain = [_plain(column) for column in columns]
    places = {needed: place for needed in NeededColumn if (place := _place(plain, needed)) is not None}
    missing = tuple(needed for needed in NeededColumn if needed not in places)
    if missing:
        return MissingColumns(delimiter, columns, missing)
    return Header(
        delimiter,
        columns,
        places[NeededColumn.SERIAL_NUMBER],
        places[NeededColumn.PRODUCT_NAME],
        places[NeededColumn.IMAGE_URLS],
    )


def _place(plain: Sequence[str], needed: NeededColumn) -> int | None:
    return next((plain.index(alias) for alias in _ALIASES[needed] if alias in plain), None)


def _plain(name: str) -> str:
    """Case, spaces, dots, underscores and the like say nothing about which column is meant."""
    letters = "".join(character for character in name.casefold() if character.isalnum())
    return letters or name.strip()
