"""Renders the output CSV (pure): the input's columns as they were spelled, then the output URLs."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence

OUTPUT_COLUMN = "Output Image Urls"

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")

Guard = Callable[[str], str]


def header(columns: Sequence[str]) -> bytes:
    return rendered([[*columns, OUTPUT_COLUMN]])


def row(columns: Sequence[str], cells: Sequence[str], output_urls: Sequence[str | None]) -> list[str]:
    """One product. Each image has its place among the URLs, an empty one where it failed."""
    missing = [""] * (len(columns) - len(cells))
    return [*cells[: len(columns)], *missing, joined(output_urls)]


def joined(urls: Iterable[str | None]) -> str:
    return ",".join((url or "").replace(",", "%2C") for url in urls)


def apostrophed(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula gets an apostrophe; plain numbers stay numbers."""
    return f"'{cell}" if _is_formula(cell) else cell


def spaced(cell: str) -> str:
    """The same for a file to be uploaded again: a space in front is text to a spreadsheet, nothing to us."""
    return f" {cell}" if _is_formula(cell) else cell


def rendered(rows: Iterable[Sequence[str]], guard: Guard = apostrophed) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([guard(cell) for cell in cells] for cells in rows)
    return text.getvalue().encode()


def _is_formula(cell: str) -> bool:
    return cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell)
