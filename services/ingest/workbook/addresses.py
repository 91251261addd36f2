"""Where something stands in a workbook, as spreadsheets write it: `Sheet1!C5` (pure)."""

import re

from services.ingest.csv_file.verdicts import shown_value
from shared.contract.spreadsheets import column_letters

LONGEST_NAME = 60
_PLAIN = re.compile(r"[^\W\d][\w.]*")
_LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]+|[Rr][0-9]*[Cc][0-9]*")


def cell_address(sheet: str, row: int, column: int | None) -> str:
    """A cell; the whole row where no column is known. Names that need quotation marks get them."""
    name = shown_value(sheet, LONGEST_NAME)
    if not _PLAIN.fullmatch(name) or _LIKE_A_CELL.fullmatch(name):
        doubled = name.replace("'", "''")
        name = f"'{doubled}'"
    return f"{name}!{row}:{row}" if column is None else f"{name}!{column_letters(column)}{row}"
