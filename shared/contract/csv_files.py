"""What every CSV that people download has in common: cells no spreadsheet executes, the columns that mark its
rows, and its name (pure).
"""

import re
from collections.abc import Sequence
from urllib.parse import quote

LONGEST_NAME = 120
MARK_COLUMNS = ("Error", "Suggestion")  # what was wrong with a row, and what to do about it
_STARTS = "=+-@\uff1d\uff0b\uff0d\uff20"  # the last four: full width
_FORMULA = tuple(_STARTS + "\t\r\n")
_LATER = re.compile(rf'([;|\t\r\n]"*)(?=[{re.escape(_STARTS)}])')
"""Where a cell would begin if the file were opened with another delimiter, or its quotes not heeded."""
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_ODD = re.compile(r"[^A-Za-z0-9._ -]")
_ENDING = re.compile(r"\.(csv|xlsx|ods)$", re.IGNORECASE)
_NO_FILE_NAME = re.compile(r"[\x00-\x1f\x7f/\\]")


def apostrophed(cell: str) -> str:
    """What a spreadsheet would take for a formula gets an apostrophe, where the cell begins and where one
    would begin by another delimiter; plain numbers stay numbers.
    """
    guarded = _LATER.sub(r"\1'", cell)
    return f"'{guarded}" if is_formula(cell) else guarded


def spaced(cell: str) -> str:
    """The same for a file that will be uploaded again: a space makes it text, and is dropped there.

    A cell that has spaces of its own before a formula gets one more, so that they stay its own.
    """
    return f" {cell}" if is_formula(cell.lstrip(" ")) else cell


def unspaced(cell: str) -> str:
    """The cell of which `spaced` made this one."""
    return cell[1:] if cell[:1] == " " and is_formula(cell.lstrip(" ")) else cell


def is_formula(cell: str) -> bool:
    return cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell)


def unmarked(columns: Sequence[str]) -> Sequence[str]:
    """Without our marks, if the file has them: a marked file that comes back is marked anew."""
    marks = len(MARK_COLUMNS)
    return columns[:-marks] if tuple(columns[-marks:]) == MARK_COLUMNS else columns


def attachment(filename: str, ending: str = "csv") -> str:
    """RFC 6266: the name in plain ASCII for old clients, the real one beside it."""
    stem = _ENDING.sub("", _NO_FILE_NAME.sub("_", filename))[:LONGEST_NAME]
    plain, real = _ODD.sub("_", stem), quote(stem, safe="")
    return f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{real}.{ending}"
