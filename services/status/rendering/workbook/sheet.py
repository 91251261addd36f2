"""Renders the one sheet of a workbook (pure). Every cell is text, so that none is worked out as a formula and
numbers stay as they were written.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from shared.contract.spreadsheets import column_letters

MOST_ROWS, MOST_CHARACTERS = 1_048_576, 32_767  # of a sheet, of a cell: Excel opens nothing beyond them
MOST_BYTES = 2_000_000_000  # of markup: a ZIP that is not of the 64-bit sort holds a little more

BEGIN = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
# Without the second part Excel marks each number as one that is stored as text.
END = (
    b'</sheetData><ignoredErrors><ignoredError sqref="A1:XFD1048576" numberStoredAsText="1"/></ignoredErrors>'
    b"</worksheet>"
)
_TEXT_STYLE = 1  # in styles.xml: a cell that somebody edits stays text
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# What XML cannot hold, or reads as something else, is escaped as Excel does; so is what looks like an escape.
_SPECIAL = re.compile(r"[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class BeyondSheet(Exception):  # noqa: N818 - a verdict on the rows, not an error of ours
    """No sheet holds that much."""

    def __init__(self, limit: str, maximum: int, unit: str, row: int | None = None) -> None:
        super().__init__(f"A sheet's limit on {limit} is {maximum:,} {unit}")
        self.limit = limit
        self.maximum = maximum
        self.unit = unit
        self.row = row


def require_rows(count: int) -> None:
    if count > MOST_ROWS:
        raise BeyondSheet("rows", MOST_ROWS, "rows")


def require_bytes(count: int) -> None:
    if count > MOST_BYTES:
        raise BeyondSheet("its markup", MOST_BYTES, "bytes")


def rendered_rows(first: int, rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """One row after the other; `first` is the number of the first, counted from 1. Raises `BeyondSheet`."""
    for number, cells in enumerate(rows, first):
        require_rows(number)
        yield f'<row r="{number}">{"".join(_cells(number, cells))}</row>'


def _cells(row: int, cells: Sequence[str]) -> Iterator[str]:
    for column, cell in enumerate(cells):
        if cell:
            _require_short(cell, row)
            yield (
                f'<c r="{column_letters(column)}{row}" s="{_TEXT_STYLE}" t="inlineStr">'
                f'<is><t xml:space="preserve">{_SPECIAL.sub(_escaped, cell)}</t></is></c>'
            )


def _require_short(cell: str, row: int) -> None:
    """Excel counts a character beyond the first 65,536 of Unicode twice."""
    if len(cell) * 2 <= MOST_CHARACTERS:
        return
    if len(cell.encode("utf-16-le", "surrogatepass")) > MOST_CHARACTERS * 2:
        raise BeyondSheet("cell length", MOST_CHARACTERS, "characters", row)


def _escaped(special: re.Match[str]) -> str:
    character = special[0]
    return _ENTITIES.get(character) or f"_x{ord(character):04X}_"
