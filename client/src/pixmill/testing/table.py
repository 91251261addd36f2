"""A plain CSV of products as the fake server reads it: the real one understands far more (pure)."""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pixmill.csv_text import csv_text
from pixmill.testing.columns import SaidColumns, places_named

Json = dict[str, Any]

COLUMNS = ("S. No.", "Product Name", "Input Image Urls")
_SPELLINGS = (
    {"sno", "serialnumber", "serial", "id"},
    {"productname", "name", "title", "product"},
    {"inputimageurls", "imageurls", "imageurl", "images", "image"},
)
_ADDRESS = re.compile(r"https?://[^\s/]\S*")
_NUMBER = re.compile(r"[0-9]{1,15}")


class BadCsv(Exception):  # noqa: N818 - an answer, not a failure
    """With the problem's `errors`."""

    def __init__(self, errors: Sequence[Json]) -> None:
        super().__init__("bad CSV")
        self.errors = errors


Cell = tuple[str, str]  # the name of its column, and what it holds
Product = tuple[str, str, Sequence[str]]  # serial number, name, addresses


class Places(NamedTuple):
    """Where the needed columns stand."""

    number: int
    name: int
    images: Sequence[int]

    def told(self, columns: Sequence[str]) -> Json:
        return {
            "serial_number": columns[self.number].strip(),
            "product_name": columns[self.name].strip(),
            "image_urls": [columns[place].strip() for place in self.images],
        }


@dataclass(frozen=True)
class Table:
    """The rows of a file that nothing is wrong with, and what is wrong with those that were skipped."""

    columns: Sequence[str]
    mapping: Json  # which of them are the needed ones
    rows: Sequence[Sequence[str]]
    products: Sequence[Product]
    errors: Sequence[Json]

    @property
    def images(self) -> int:
        return sum(len(addresses) for _, _, addresses in self.products)

    @property
    def skipped(self) -> Mapping[int, str]:
        """Each row with the code of its first error."""
        codes: dict[int, str] = {}
        for error in self.errors:
            codes.setdefault(error["row"], error["code"])
        return codes


def parsed(content: bytes, said: SaidColumns, *, skips: bool = False) -> Table:
    """Raises BadCsv for a file with bad rows, or with nothing else where they may be skipped."""
    text = csv_text(content)
    if not text.getvalue().strip():
        raise BadCsv([_error(None, None, None, "empty_file", "The file is empty.")])
    columns, *lines = csv.reader(text)
    places = _places(columns, said)
    rows = {number: line for number, line in enumerate(lines, start=2) if any(map(str.strip, line))}
    if not rows:
        hint = "The file has a header and no products below it."
        raise BadCsv([_error(None, None, None, "no_rows", hint)])
    errors: list[Json] = []
    taken: list[Sequence[str]] = []
    products: list[Product] = []
    for number, row in rows.items():
        serial, name, *addresses = _needed(row, columns, places)
        if wrong := [*_wrong(number, serial, name, addresses, columns[places.images[0]])]:
            errors += wrong
            continue
        taken.append(row)
        products.append((serial[1], name[1], [each for _, each in addresses]))
    if errors and not (skips and products):
        raise BadCsv(errors)
    return Table(columns, places.told(columns), taken, products, errors)


def _needed(row: Sequence[str], columns: Sequence[str], places: Places) -> Iterator[Cell]:
    """The cells of the number and the name, then the addresses, each with the name of its column."""
    cells = [*map(str.strip, row), *[""] * (len(columns) - len(row))]
    yield from ((columns[place], cells[place]) for place in (places.number, places.name))
    yield from ((columns[place], each) for place in places.images for each in _addresses(cells[place]))


def _places(columns: Sequence[str], said: SaidColumns) -> Places:
    unknown = [name for names in said for name in names if not places_named(name, columns)]
    if unknown:
        raise BadCsv([_error(1, name, None, "missing_column", "Name one of the file.") for name in unknown])
    plain = [re.sub(r"[^a-z]", "", name.lower()) for name in columns]
    found = [
        list(dict.fromkeys(place for name in names for place in places_named(name, columns)))
        or [place for place, name in enumerate(plain) if name in spellings][:1]
        for names, spellings in zip(said, _SPELLINGS)  # noqa: B905 - of one length
    ]
    missing = [name for name, places in zip(COLUMNS, found) if not places]  # noqa: B905 - of one length
    if missing:
        told = [name for name in missing if name != COLUMNS[0]] or missing  # rows can be numbered without
        raise BadCsv([_error(1, name, None, "missing_column", "Add it.") for name in told])
    numbers, names, images = found
    return Places(numbers[0], names[0], images)


def _wrong(row: int, serial: Cell, name: Cell, addresses: Sequence[Cell], images: str) -> Iterator[Json]:
    for (column, text), code in ((serial, "missing_serial_number"), (name, "missing_product_name")):
        if not text:
            yield _error(row, column, "", code, "Fill it in.")
    if serial[1] and not _NUMBER.fullmatch(serial[1]):
        yield _error(row, *serial, "invalid_serial_number", "Give a whole number.")
    if not addresses:
        yield _error(row, images, "", "missing_url", "Fill it in.")
    for column, address in addresses:
        if not _ADDRESS.fullmatch(address):
            yield _error(row, column, address, "invalid_url", "Begin it with https://.")


def _addresses(cell: str) -> Sequence[str]:
    try:
        listed = json.loads(cell) if cell.startswith("[") else None
    except ValueError:
        listed = None
    if isinstance(listed, list):
        return [str(each) for each in listed]
    return [each for each in re.split(r"[\s,;|]+(?=https?://)|\s+", cell) if each]


def _error(row: int | None, column: str | None, value: str | None, code: str, hint: str) -> Json:
    return {"row": row, "column": column, "value": value, "code": code, "hint": hint}
