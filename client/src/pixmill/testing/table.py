"""A plain CSV of products as the fake server reads it: the real one understands far more (pure)."""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

COLUMNS = ("S. No.", "Product Name", "Input Image Urls")
_SPELLINGS = (
    {"sno", "serialnumber", "serial", "id"},
    {"productname", "name", "title", "product"},
    {"inputimageurls", "imageurls", "imageurl", "images", "image"},
)
_WITHOUT = ("missing_serial_number", "missing_product_name", "missing_url")
_ADDRESS = re.compile(r"https?://[^\s/]\S*")
_NUMBER = re.compile(r"[0-9]{1,15}")


class BadCsv(Exception):  # noqa: N818 - an answer, not a failure
    """With the problem's `errors`."""

    def __init__(self, errors: Sequence[Json]) -> None:
        super().__init__("bad CSV")
        self.errors = errors


@dataclass(frozen=True)
class Table:
    """A file that nothing is wrong with."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    products: Sequence[tuple[str, str, Sequence[str]]]  # serial number, name, addresses


def parsed(content: bytes) -> Table:
    """Raises BadCsv."""
    text = content.decode("utf-8-sig", "replace")
    if not text.strip():
        raise BadCsv([_error(None, None, None, "empty_file", "The file is empty.")])
    columns, *lines = csv.reader(io.StringIO(text, newline=""))
    places = _places(columns)
    rows = {number: line for number, line in enumerate(lines, start=2) if any(map(str.strip, line))}
    if not rows:
        hint = "The file has a header and no products below it."
        raise BadCsv([_error(None, None, None, "no_rows", hint)])
    errors: list[Json] = []
    products: list[tuple[str, str, Sequence[str]]] = []
    for number, row in rows.items():
        cells = [row[place].strip() if place < len(row) else "" for place in places]
        addresses = _addresses(cells[2])
        names = [columns[place] for place in places]
        errors += _wrong(number, names, cells, addresses)
        products.append((cells[0], cells[1], addresses))
    if errors:
        raise BadCsv(errors)
    return Table(columns, list(rows.values()), products)


def _places(columns: Sequence[str]) -> Sequence[int]:
    plain = [re.sub(r"[^a-z]", "", name.lower()) for name in columns]
    found = [next((place for place, name in enumerate(plain) if name in each), None) for each in _SPELLINGS]
    missing = [name for name, place in zip(COLUMNS, found) if place is None]  # noqa: B905 - of one length
    if missing:
        raise BadCsv([_error(1, name, None, "missing_column", "Add it.") for name in missing])
    return [place for place in found if place is not None]


def _wrong(row: int, names: Sequence[str], cells: Sequence[str], addresses: Sequence[str]) -> Iterator[Json]:
    for name, cell, code in zip(names, cells, _WITHOUT):  # noqa: B905 - of one length
        if not cell:
            yield _error(row, name, "", code, "Fill it in.")
    if cells[0] and not _NUMBER.fullmatch(cells[0]):
        yield _error(row, names[0], cells[0], "invalid_serial_number", "Give a whole number.")
    for each in addresses:
        if not _ADDRESS.fullmatch(each):
            yield _error(row, names[2], each, "invalid_url", "Begin it with https://.")


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
