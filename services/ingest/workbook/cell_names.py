"""The names of cells: `C5` is the third cell of the fifth row (pure)."""

import functools
import re

from services.ingest.workbook.limits import MOST_COLUMNS
from services.ingest.workbook.refusals import damaged
from shared.contract.spreadsheets import LETTERS

_RANGE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?")
_DIGITS = "0123456789"


def column_of(cell: str) -> int:
    """Counted from 0."""
    return _column(cell.rstrip(_DIGITS))


def cells_of(cells: str) -> tuple[range, range] | None:
    """The rows and the columns (from 0) of `C5` or `C5:D9`."""
    found = _RANGE.fullmatch(cells.replace("$", "").upper())
    if found is None:
        return None
    first, last = int(found[2]), int(found[4] or found[2])
    return range(first, last + 1), range(_column(found[1]), _column(found[3] or found[1]) + 1)


@functools.lru_cache(maxsize=MOST_COLUMNS)
def _column(letters: str) -> int:
    column = 0
    for letter in letters if len(letters) <= len("XFD") else "?":
        if not "A" <= letter <= "Z":
            raise damaged("a cell has an impossible name")
        column = column * LETTERS + ord(letter) - ord("A") + 1
    if not 0 < column <= MOST_COLUMNS:
        raise damaged("a cell has an impossible name")
    return column - 1
