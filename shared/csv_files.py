"""What every CSV that people download has in common: cells no spreadsheet executes, and its name (pure)."""

import re
from urllib.parse import quote

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def guarded(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula gets an apostrophe; plain numbers stay numbers."""
    if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def attachment(filename: str, plain_name: str) -> str:
    """RFC 6266: a plain name for old clients, the real one beside it."""
    name = filename if filename.lower().endswith(".csv") else f"{filename}.csv"
    return f"attachment; filename=\"{plain_name}\"; filename*=UTF-8''{quote(name, safe='')}"
